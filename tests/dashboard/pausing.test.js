// Pause, its ends, and the question in the morning.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fault, span } from "../../custom_components/trygghetskamera/frontend/absences.js";
import { homeOf } from "../../custom_components/trygghetskamera/frontend/home.js";
import { isPaused, pauseChoices, pauseData, pauseWords, pausedUntil, quietUntil } from "../../custom_components/trygghetskamera/frontend/pausing.js";
import { isMorning, ratingOf } from "../../custom_components/trygghetskamera/frontend/sleep.js";
import { NIGHT, actions, one } from "./hass.js";

const withPause = (state, until) => one({ "switch.pause": state, "datetime.pause_until": until }, {}, {}, actions("pause"));

test("only a known pause is a pause", () => {
  const paused = (state) => isPaused(one({ "switch.pause": state }), homeOf(one()));
  assert.deepEqual(["on", "off", "unavailable"].map(paused), [true, false, undefined]);
});

for (const [what, state, until, name] of [
  ["none", "off", "unknown", "Paus"],
  ["one without end", "on", "unknown", "Paus är på"],
  ["one that ends today", "on", "2026-11-23T11:00:00+00:00", "Paus till kl.\u00a012:00"],
  ["one that ends tomorrow", "on", "2026-11-24T11:00:00+00:00", "Paus till i morgon kl.\u00a012:00"],
  ["the end of a pause that is over", "off", "2026-11-24T11:00:00+00:00", "Paus"],
]) test(`the large button, of a pause: ${what}`, () => {
  const hass = withPause(state, until);
  assert.equal(pauseWords(hass, homeOf(hass), NIGHT).name, name);
});

for (const [what, state, until, words] of [
  ["none yet", "off", "unknown", ["a_while", "until_tomorrow"]],
  ["ends today: it can only be made longer", "on", "2026-11-23T11:00:00+00:00", ["until_tomorrow", "until_resumed"]],
  ["ends tomorrow", "on", "2026-11-24T11:00:00+00:00", ["until_resumed"]],
  ["does not end", "on", "unknown", []],
]) test(`the ends to choose among where the pause ${what}`, () => {
  const hass = withPause(state, until);
  assert.deepEqual(pauseChoices(hass, homeOf(hass), NIGHT).words, words);
});

test("a home that cannot end a pause by itself offers no ends", () => {
  assert.deepEqual(pauseChoices(one(), homeOf(one()), NIGHT).words, []);
  assert.equal(pausedUntil(one({ "switch.pause": "on" }), homeOf(one())), null);
});

test("an absence is a pause that says why and until when", () => {
  const away = { "switch.pause": "on", "datetime.pause_until": "unknown", "calendar.absences": "on" };
  const hass = one(away, {}, { "calendar.absences": { message: "Sjukhus", end_time: "2026-11-26 09:00:00" } }, actions("pause"));
  assert.deepEqual(pauseWords(hass, homeOf(hass), NIGHT), { name: "Paus är på", hint: "Sjukhus, till torsdag 26 november kl.\u00a009:00. Tryck här när det får tittas in igen." });
  assert.deepEqual(pauseChoices(hass, homeOf(hass), NIGHT).words, []);
  assert.equal(quietUntil(hass, homeOf(hass)), Date.parse("2026-11-26T09:00:00+01:00"));
});

test("a while is two hours from the press", () => {
  assert.deepEqual(pauseData("a_while", NIGHT), { until: "2026-11-23T03:30:00.000Z" });
  assert.deepEqual([pauseData("until_tomorrow", NIGHT), pauseData("until_resumed", NIGHT)], [{ until_tomorrow: true }, {}]);
});

test("the question of the morning is asked from six until noon where it can be answered", () => {
  const at = (clock, home = { "select.sleep_rating": "unknown" }) => isMorning(one(home), homeOf(one(home)), Date.parse(`2026-11-23T${clock}:00+01:00`));
  assert.deepEqual(["05:59", "06:00", "11:59", "12:00"].map((clock) => at(clock)), [false, true, true, false]);
  assert.equal(at("08:00", {}), false);
  assert.equal(at("08:00", { "select.sleep_rating": "unavailable" }), false);
});

test("only an answer for the night that was is an answer", () => {
  const rating = (state) => ratingOf(one({ "select.sleep_rating": state }), homeOf(one({ "select.sleep_rating": state })));
  assert.deepEqual(["4", "unknown", "unavailable"].map(rating), ["4", null, null]);
});

test("an absence says from when until when, and must end after it begins", () => {
  assert.equal(span(one(), { start: "2026-11-23T18:00:00+01:00", end: "2026-11-26T09:00:00+01:00" }, NIGHT), "kl.\u00a018:00 till torsdag 26 november kl.\u00a009:00");
  assert.equal(span(one(), { start: "2026-11-26", end: "2026-11-28" }, NIGHT), "torsdag 26 november till fredag 27 november");
  assert.equal(span(one(), { start: "2026-11-26", end: "2026-11-27" }, NIGHT), "torsdag 26 november");
  assert.equal(fault({ start: "2026-11-23T18:00", end: "2026-11-23T18:00" }), "absence_order");
  assert.equal(fault({ start: "2026-11-23T18:00", end: "2026-11-24T09:00" }), "");
});
