// Tonight's looks, past and to come, as rows to read. Nothing here draws.
import { read } from "./home.js";
import { isPaused, quietUntil } from "./pausing.js";
import { clock, languageOf, say, teller } from "./words.js";

const ENDED = { not_seen: "looked_in_vain", needs_help: "looked_help" };

function looked(tell, { who, seconds, reason }) {
  const word = seconds === 0 ? "saw_nothing" : ENDED[reason] ?? (seconds === 1 ? "looked_one" : "looked");
  return tell(word, { who: who || tell("somebody"), seconds });
}

const AGREED = { planned: "planned", moved: "moved", skipped: "skipped", missed: "not_done", paused: "paused_look", declined: "declined" };
const OVER = { paused: "was_paused", skipped: "was_skipped" };
const COMING = ["planned", "moved", "paused"];
const CAN = { planned: "skip", moved: "skip", skipped: "undo" };

/** How an agreed look is that nobody has made. One that begins and ends within the pause will not be made. */
function markOf(hass, home, { until, state }) {
  if (state !== "planned" && state !== "moved") return state;
  const end = quietUntil(hass, home);
  return isPaused(hass, home) && (end === null || Date.parse(until) <= end) ? "paused" : state;
}

function agreedRow(hass, home, now, one, index) {
  const tell = teller(hass);
  const mark = markOf(hass, home, one);
  const span = tell("between", { start: clock(hass, one.start), until: clock(hass, one.until) });
  const isOver = Date.parse(one.until) <= now;
  const can = one.id && !isOver ? CAN[mark] ?? null : null;
  return { id: one.id ?? `${one.start} ${index}`, at: Date.parse(one.start), mark, when: span, text: tell((isOver && OVER[mark]) || AGREED[mark]), can };
}

/**
 * Tonight's looks in order, and a last line where there is none (more). A row: its id, a mark for its picture, when,
 * what, and what can be done with it ("skip", "undo" or nothing).
 */
export function tonight(hass, home, now) {
  const tell = teller(hass);
  const done = (read(hass, home, "sensor.last_look")?.attributes.tonight ?? []).map((one) => ({
    id: one.at, at: Date.parse(one.at), mark: "done", when: clock(hass, one.at), text: looked(tell, one), can: null,
  }));
  const agreed = agreedOf(hass, home)
    .filter((one) => one.state in AGREED)
    .map((one, index) => agreedRow(hass, home, now, one, index));
  const rows = [...done, ...agreed].toSorted((one, other) => one.at - other.at);
  return { rows, note: noteOf(languageOf(hass), done, agreed, isPaused(hass, home)) };
}

/** The agreed looks with what has become of each; of an older home only those to come. */
function agreedOf(hass, home) {
  const known = read(hass, home, "sensor.looks_tonight")?.attributes.looks;
  const coming = read(hass, home, "sensor.next_look")?.attributes.tonight ?? [];
  return known ?? coming.map((one) => ({ ...one, state: "planned" }));
}

function noteOf(language, done, agreed, paused) {
  if (agreed.some((one) => COMING.includes(one.mark))) return "";
  if (paused) return say(language, "none_paused");
  return say(language, done.length || agreed.length ? "no_more" : "none");
}

const VISIT_SHOWN_MS = 12 * 60 * 60 * 1000;

/** When a visit was last asked for, as long as that is worth saying; null otherwise. */
export function visitAskedAt(hass, home, now) {
  const at = Date.parse(read(hass, home, "button.request_visit")?.state ?? "");
  return now - at < VISIT_SHOWN_MS ? at : null;
}
