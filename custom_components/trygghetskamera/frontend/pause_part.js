// The large button, and for how long.
import { act, actOn } from "./ask.js";
import { attempt, button, field, icon, keyed, make, troubleLine, write } from "./draw.js";
import { can } from "./home.js";
import { isPaused, pauseChoices, pauseData, pauseWords } from "./pausing.js";
import { teller } from "./words.js";

export function pausePart(config) {
  const part = make("section", "pausing");
  const [name, hint, trouble] = [make("span", "name"), make("span", "hint"), troubleLine()];
  const words = make("span", "words");
  const picture = icon("mdi:pause");
  words.append(name, hint);
  let now = {};

  const large = button("pause", undefined, async () => {
    const { hass, home, paused } = now;
    // Where it is not known whether pause is on, the press means pause: that is always allowed.
    const [action, word] = paused ? ["turn_off", "resume_failed"] : ["turn_on", "pause_failed"];
    await attempt(trouble, () => actOn(hass, home.entities["switch.pause"], action, {}, word));
  });
  large.append(picture, words);

  const choose = (data) => attempt(trouble, () => act(now.hass, now.home, "pause", data, "pause_failed"));
  const [choices, drawChoices] = choicesOf(choose);
  const [other, drawOther] = config.for === "relative" ? otherTime(choose) : [make("div"), () => {}];
  part.append(large, choices, other, trouble);
  return [part, (hass, home, at) => {
    const paused = isPaused(hass, home) === true;
    if (paused !== now.paused) write(trouble, "");
    now = { hass, home, paused };
    const text = pauseWords(hass, home, at, config.for);
    large.disabled = !home;
    large.classList.toggle("on", paused);
    picture.setAttribute("icon", paused ? "mdi:play" : "mdi:pause");
    write(name, text.name);
    write(hint, text.hint);
    drawChoices(hass, home, at);
    drawOther(hass, paused);
  }];
}

/** Plain choices of an end, beside the large button. */
function choicesOf(choose) {
  const part = make("div", "choices");
  const [label, list] = [make("span", "label"), make("div", "buttons")];
  label.id = "choices";
  list.setAttribute("role", "group");
  list.setAttribute("aria-labelledby", label.id);
  part.append(label, list);
  const draw = keyed(list, ({ id }) => {
    const element = button("choice", "", () => choose(pauseData(id, Date.now())));
    return [element, (_row, tell) => write(element, tell(id))];
  });
  return [part, (hass, home, at) => {
    const { label: text, words } = pauseChoices(hass, home, at);
    part.hidden = !words.length;
    write(label, text);
    draw(words.map((id) => ({ id })), teller(hass));
  }];
}

/** Any other end, for those who plan. The home reads it by its own clock. */
function otherTime(choose) {
  const part = make("details", "other");
  const [summary, form] = [make("summary"), make("form")];
  const [label, text, input] = field("input", "datetime-local");
  const submit = make("button", "choice");
  input.required = true;
  form.append(label, submit);
  part.append(summary, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await choose({ until: input.value });
    part.open = false;
  });
  return [part, (hass, paused) => {
    const tell = teller(hass);
    part.hidden = paused || !can(hass, "pause");
    write(summary, tell("other_time"));
    write(text, tell("pause_to"));
    write(submit, tell("do_pause"));
  }];
}
