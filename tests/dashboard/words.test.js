// Both languages say the same, and moments are told by the clock at home.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WORDS, atWall, clock, dayHeading, hourOf, languageOf, when } from "../../custom_components/trygghetskamera/frontend/words.js";
import { NIGHT, one } from "./hass.js";

test("Swedish and English have the same words, with the same parts", () => {
  assert.deepEqual(Object.keys(WORDS.sv), Object.keys(WORDS.en));
  const parts = (text) => [...text.matchAll(/\{[a-z]+\}/g)].map(String).sort();
  for (const [word, text] of Object.entries(WORDS.sv)) {
    assert.ok(text.trim() === text && text, word);
    assert.deepEqual(parts(text), parts(WORDS.en[word]), word);
  }
});

test("the language is the user's, and English for those who have neither", () => {
  assert.deepEqual(["sv", "sv-SE", "en-GB", "fi", undefined].map((language) => languageOf({ language })), ["sv", "sv", "en", "en", "en"]);
  assert.equal(languageOf({ language: "en", locale: { language: "sv" } }), "sv");
});

test("the clock is the one at home, whatever clock the screen has, read as the user has chosen", () => {
  assert.equal(clock(one(), "2026-11-22T21:05:00Z"), "22:05");
  assert.match(clock(one({}, {}, {}, { locale: { language: "en", time_format: "12" } }), "2026-11-22T21:05:00Z"), /10:05 pm/i);
  assert.deepEqual(["2026-11-22T23:30:00Z", "2026-11-23T11:00:00Z"].map((at) => hourOf(one(), at)), [0, 12]);
});

for (const [at, text] of [
  ["2026-11-23T18:30:00+01:00", "kl.\u00a018:30"],
  ["2026-11-24T12:00:00+01:00", "i morgon kl.\u00a012:00"],
  ["2026-11-26T12:00:00+01:00", "torsdag 26 november kl.\u00a012:00"],
]) test(`a coming moment, seen in the night of 23 November: ${text}`, () => assert.equal(when(one(), at, NIGHT), text));

test("tomorrow is the next day also when the clock goes back", () => {
  const now = Date.parse("2026-10-25T00:15:00+02:00");
  assert.equal(when(one(), "2026-10-25T23:30:00+01:00", now), "kl.\u00a023:30");
  assert.equal(when(one(), "2026-10-26T08:00:00+01:00", now), "i morgon kl.\u00a008:00");
});

test("what the clock at home shows is a moment, in summer and in winter", () => {
  assert.equal(atWall(one(), "2026-11-26 09:00:00"), Date.parse("2026-11-26T09:00:00+01:00"));
  assert.equal(atWall(one(), "2026-07-01 00:00:00"), Date.parse("2026-07-01T00:00:00+02:00"));
});

test("days are headings as one speaks of them", () => {
  const headings = ["2026-11-23T01:00:00+01:00", "2026-11-22T23:00:00+01:00", "2026-11-21T23:00:00+01:00"].map((at) => dayHeading(one(), at, NIGHT));
  assert.deepEqual(headings, ["I dag", "I går", "Lördag 21 november"]);
});
