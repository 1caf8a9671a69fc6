// Tonight's looks: what has been, what is to come, and what can be done about it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { homeOf } from "../../custom_components/trygghetskamera/frontend/home.js";
import { tonight, visitAskedAt } from "../../custom_components/trygghetskamera/frontend/looks.js";
import { NIGHT, one } from "./hass.js";

const DONE = [{ at: "2026-11-22T21:05:00+00:00", who: "Olle", seconds: 12, reason: "seen" }, { at: "2026-11-22T22:00:00+00:00", who: "", seconds: 0, reason: "move_failed" }];
const look = (id, start, until, state) => ({ id, start: `2026-11-${start}:00+01:00`, until: `2026-11-${until}:00+01:00`, state });
const COMING = look("c", "23T03:30", "23T03:50", "planned");

const withLooks = (looks, home = {}, done = []) =>
  one({ "sensor.looks_tonight": "1", ...home }, {}, { "sensor.looks_tonight": { looks }, "sensor.last_look": { tonight: done } });
const shown = (hass) => tonight(hass, homeOf(hass), NIGHT);
const lines = (hass) => shown(hass).rows.map((row) => `${row.when} ${row.text}`);

test("tonight's looks are told in order by the clock at home", () => {
  const hass = withLooks([look("a", "22T22:00", "22T22:20", "seen"), COMING], {}, DONE);
  assert.deepEqual(lines(hass), ["22:05 Olle tittade in i 12 sekunder", "23:00 Någon skulle titta in men fick ingen bild", "Mellan 03:30 och 03:50 Titt-in"]);
  assert.equal(shown(hass).note, "");
});

test("an older home, which tells only the coming looks, is shown all the same", () => {
  const hass = one({}, {}, { "sensor.next_look": { tonight: [{ start: COMING.start, until: COMING.until }] }, "sensor.last_look": { tonight: DONE } });
  assert.equal(lines(hass).at(-1), "Mellan 03:30 och 03:50 Titt-in");
  assert.equal(shown(hass).rows.at(-1).can, null);
});

for (const [state, text, can] of [
  ["planned", "Titt-in", "skip"],
  ["moved", "Titt-in (flyttad)", "skip"],
  ["skipped", "Överhoppad. Ingen tittar in.", "undo"],
]) test(`a coming look that is ${state} can be followed by: ${can}`, () => {
  const [row] = shown(withLooks([{ ...COMING, state }])).rows;
  assert.deepEqual([row.id, row.text, row.can], ["c", text, can]);
});

test("what is over cannot be changed", () => {
  const { rows, note } = shown(withLooks([look("a", "22T22:00", "22T22:20", "skipped"), look("b", "23T01:00", "23T01:20", "missed")]));
  assert.deepEqual(rows.map(({ text, can }) => [text, can]), [["Överhoppad. Ingen tittade in.", null], ["Titt-in blev inte av.", null]]);
  assert.equal(note, "Ingen mer titt-in i natt.");
});

test("why nobody looked in is told of a look that is over", () => {
  const told = (state) => lines(withLooks([look("a", "22T22:00", "22T22:20", state)]));
  assert.deepEqual(told("paused"), ["Mellan 22:00 och 22:20 Ingen tittade in, det var paus."]);
  assert.deepEqual(told("declined"), ["Mellan 22:00 och 22:20 Ingen tittade in. Det fanns inget samtycke, eller kameran var privat."]);
  assert.deepEqual(["seen", "not_seen", "needs_help", "sideways"].flatMap(told), []);
});

test("a look within the pause will not be, and one after it will", () => {
  const end = { "switch.pause": "on", "datetime.pause_until": "2026-11-23T04:00:00+01:00" };
  const { rows } = shown(withLooks([COMING, look("d", "23T05:00", "23T05:20", "planned")], end));
  assert.deepEqual(rows.map(({ text, can }) => [text, can]), [["Ingen tittar in, det är paus.", null], ["Titt-in", "skip"]]);
  const [forGood] = shown(withLooks([COMING], { "switch.pause": "on", "datetime.pause_until": "unknown" })).rows;
  assert.equal(forGood.can, null);
});

test("how a look ended is told where it matters", () => {
  const ended = (reason) => lines(withLooks([], {}, [{ ...DONE[0], reason }]))[0];
  assert.equal(ended("not_seen"), "22:05 Olle tittade in men såg ingen i sängen");
  assert.equal(ended("needs_help"), "22:05 Olle tittade in och ordnar hjälp");
  assert.equal(ended("time_limit"), "22:05 Olle tittade in i 12 sekunder");
});

test("a night without looks says so, and why", () => {
  assert.equal(shown(one()).note, "Ingen titt-in är planerad.");
  assert.equal(shown(one({ "switch.pause": "on" })).note, "Ingen titt-in så länge det är paus.");
  assert.equal(shown(withLooks([], {}, DONE)).note, "Ingen mer titt-in i natt.");
});

test("a visit that was asked for this night is told, an old one is not", () => {
  const asked = (at) => visitAskedAt(one({ "button.request_visit": at }), homeOf(one({ "button.request_visit": at })), NIGHT);
  assert.equal(asked("2026-11-23T01:00:00+01:00"), Date.parse("2026-11-23T01:00:00+01:00"));
  assert.equal(asked("2026-11-21T01:00:00+01:00"), null);
  assert.equal(asked("unknown"), null);
});
