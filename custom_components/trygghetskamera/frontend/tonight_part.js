// Tonight's looks, what can be done about them, and asking for a visit.
import { act, actOn } from "./ask.js";
import { attempt, button, icon, keyed, make, section, sureButton, troubleLine, write } from "./draw.js";
import { can, read } from "./home.js";
import { tonight, visitAskedAt } from "./looks.js";
import { clock, teller } from "./words.js";

const MARKS = { done: "mdi:check-circle-outline", planned: "mdi:clock-outline", moved: "mdi:clock-outline", missed: "mdi:alert-circle-outline" };
const ACTIONS = { skip: ["skip_look", "skip_failed"], undo: ["keep_look", "undo_failed"] };

export function tonightPart(config) {
  const [part, title] = section("tonight");
  const [list, note, trouble] = [make("ul", "looks"), make("p", "note"), troubleLine()];
  let now = {};
  let mayNot = null; // the user who has been told that they may not undo
  trouble.tabIndex = -1;
  const drawRows = keyed(list, (row) => lookRow(row, async (what, id) => {
    const [action, word] = ACTIONS[what];
    const failed = await attempt(trouble, () => act(now.hass, now.home, action, { occurrence: id }, word));
    if (failed !== teller(now.hass)("not_allowed")) return;
    mayNot = now.hass.user?.id;
    draw();
    trouble.focus(); // what was pressed is gone
  }));
  const [visit, drawVisit] = visitAsked(config);
  part.append(title, list, note, trouble, visit);
  function draw() {
    const { hass, home, at } = now;
    const tell = teller(hass);
    const { rows, note: text } = tonight(hass, home, at);
    write(title, tell("tonight"));
    write(note, text);
    note.hidden = !text;
    list.hidden = !rows.length;
    const isRefused = mayNot !== null && mayNot === hass.user?.id;
    drawRows(rows, tell, (what) => can(hass, ACTIONS[what][0]) && !(what === "undo" && isRefused));
    drawVisit(hass, home, at);
  }
  return [part, (hass, home, at) => {
    now = { hass, home, at };
    draw();
  }];
}

function lookRow({ id }, press) {
  const element = make("li");
  const [words, when, what] = [make("span", "words"), make("span", "when"), make("span", "what")];
  const picture = icon("mdi:clock-outline");
  let offered = null;
  const act = button("small", "", () => press(offered, id));
  words.append(when, what);
  element.append(picture, words, act);
  return [element, (row, tell, isPossible) => {
    offered = row.can && isPossible(row.can) ? row.can : null;
    element.dataset.mark = row.mark;
    picture.setAttribute("icon", MARKS[row.mark] ?? "mdi:minus-circle-outline");
    write(when, row.when);
    write(what, row.text);
    act.hidden = !offered;
    if (!offered) return;
    write(act, tell(offered));
    act.setAttribute("aria-label", tell(`${offered}_this`, { when: row.when.toLowerCase() }));
  }];
}

/** A visit is asked for once somebody has said that it was meant. */
function visitAsked(config) {
  const part = make("div", "visit");
  const [said, trouble] = [make("p", "said"), troubleLine()];
  let now = {};
  const [sure, drawSure] = sureButton(() =>
    attempt(trouble, () => actOn(now.hass, now.home.entities["button.request_visit"], "press", {}, "visit_failed")));
  said.setAttribute("role", "status");
  part.append(sure, said, trouble);
  return [part, (hass, home, at) => {
    now = { hass, home };
    const tell = teller(hass);
    const asked = visitAskedAt(hass, home, at);
    write(said, asked ? tell("visit_asked", { clock: clock(hass, asked) }) : "");
    part.hidden = !read(hass, home, "button.request_visit");
    drawSure(tell("visit"), tell(config.for === "relative" ? "relative_visit_sure" : "visit_sure"), tell("visit_yes"), tell("no"));
  }];
}
