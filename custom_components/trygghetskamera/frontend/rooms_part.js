// Each camera by its room, with its privacy.
import { actOn } from "./ask.js";
import { TONE_ICONS, attempt, button, icon, keyed, make, section, troubleLine, write } from "./draw.js";
import { rooms } from "./home.js";
import { teller } from "./words.js";

export function roomsPart() {
  const [part, title] = section("rooms");
  const [list, trouble] = [make("ul", "lines"), troubleLine()];
  let now = {};
  const drawRows = keyed(list, () => roomRow(async ({ privacy, isPrivate }) => {
    const [action, word] = isPrivate ? ["turn_off", "privacy_off_failed"] : ["turn_on", "privacy_failed"];
    await attempt(trouble, () => actOn(now.hass, privacy, action, {}, word));
  }));
  part.append(title, list, trouble);
  return [part, (hass, home) => {
    now = { hass };
    const found = rooms(hass, home);
    part.hidden = !found.length;
    write(title, teller(hass)("rooms"));
    drawRows(found, teller(hass));
  }];
}

function roomRow(press) {
  const element = make("li");
  const [words, name, text] = [make("span", "words"), make("span", "when"), make("span", "what")];
  let shown = {};
  const privacy = button("small", "", () => press(shown));
  const picture = icon(TONE_ICONS.wrong);
  words.append(name, text);
  element.append(picture, words, privacy);
  return [element, (row, tell) => {
    shown = row;
    picture.setAttribute("icon", TONE_ICONS[row.tone]);
    write(name, row.name);
    write(text, row.text);
    privacy.hidden = !row.privacy;
    write(privacy, tell(row.isPrivate ? "privacy_off" : "privacy_on"));
    privacy.setAttribute("aria-label", tell(row.isPrivate ? "privacy_off_in" : "privacy_on_in", { room: row.name }));
  }];
}
