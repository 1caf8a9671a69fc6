// To stop altogether: consent is withdrawn, by anybody in the home and at once.
import { act } from "./ask.js";
import { attempt, make, sureButton, troubleLine, write } from "./draw.js";
import { can } from "./home.js";
import { teller } from "./words.js";

export function stopPart() {
  const part = make("section", "stop");
  const more = make("details", "other");
  const [summary, help, said, trouble] = [make("summary"), make("p", "note"), make("p", "said"), troubleLine()];
  let now = {};
  const [sure, drawSure] = sureButton(async () => {
    write(said, "");
    const failed = await attempt(trouble, () => act(now.hass, now.home, "withdraw_consent", {}, "stop_failed"));
    if (!failed) write(said, teller(now.hass)("stop_done"));
  });
  said.setAttribute("role", "status");
  more.append(summary, help, sure, said, trouble);
  part.append(more);
  return [part, (hass, home) => {
    now = { hass, home };
    const tell = teller(hass);
    part.hidden = !home || !can(hass, "withdraw_consent");
    write(summary, tell("stop"));
    write(help, tell("stop_help"));
    drawSure(tell("stop"), tell("stop_sure"), tell("stop_yes"), tell("no"));
  }];
}
