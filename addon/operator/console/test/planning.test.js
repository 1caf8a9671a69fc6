// What a planner writes becomes a plan, or is told where it is wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { STRICTEST } from "../../operator_service/static/chain.js";
import { blank, clockOf, dayAtHome, draftOf, freeId, limits, overlap, readDraft } from "../../operator_service/static/planning.js";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const KNOWN = { units: ["nord"], trust: STRICTEST, now: NOW };
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
/** @param {string} start @param {string} end @param {number[]} [days] */
const window = (start, end, days = EVERY_DAY) => ({ id: `w${start.slice(0, 2)}`, start, end, days });

function written() {
  return { ...blank(["nord", "syd"], STRICTEST, NOW), windows: [window("22:00", "6")] };
}

/** @param {Partial<ReturnType<typeof written>>} changed */
const faults = (changed) => [...readDraft({ ...written(), ...changed }, KNOWN).faults].map(([name, { word }]) => `${name} ${word}`);

for (const [said, read] of [["22", "22:00"], ["2230", "22:30"], ["22.30", "22:30"], ["7:05", "07:05"], [" 9 ", "09:00"], ["0", "00:00"]]) {
  test(`the time ${said} is ${read}`, () => assert.equal(clockOf(/** @type {string} */ (said)), read));
}

for (const said of ["", "24", "25:00", "22:60", "22:3", "kväll", "22-30", "10 pm", "222222"]) {
  test(`${JSON.stringify(said)} is no time`, () => assert.equal(clockOf(said), ""));
}

test("what is usual can be agreed on, once it says when", () => {
  const { fields, faults } = readDraft(written(), KNOWN);
  assert.equal(faults.size, 0);
  assert.deepEqual(fields?.windows, [{ id: "w22", start: "22:00", end: "06:00", days: EVERY_DAY }]);
  assert.deepEqual([fields?.look_seconds, fields?.max_retries, fields?.review], [30, 1, "2027-05-26"]);
  assert.deepEqual(faultsOfBlank(), ["0.start plan.wrong_time", "0.end plan.wrong_time"]);
});

const faultsOfBlank = () => faults({ windows: blank(["nord"], STRICTEST, NOW).windows });

test("a plan that is read and written again is the same", () => {
  const { fields } = readDraft(written(), KNOWN);
  assert.ok(fields);
  const plan = { ...fields, hub: "A".repeat(43), number: 3, iat: 0 };
  assert.deepEqual(readDraft(draftOf(plan), KNOWN).fields, fields);
});

/** @type {[string, Partial<ReturnType<typeof written>>][]} */
const WRONG = [
  ["unit plan.wrong_unit", { unit: "dag" }],
  ["windows plan.wrong_windows", { windows: [] }],
  ["0.end plan.same_time", { windows: [window("22:00", "22")] }],
  ["0.days plan.wrong_days", { windows: [window("22:00", "23:00", [])] }],
  ["look_seconds plan.wrong_number", { look_seconds: "61" }],
  ["look_seconds plan.wrong_number", { look_seconds: "9" }],
  ["max_retries plan.wrong_number", { max_retries: "2" }],
  ["grace_seconds plan.wrong_number", { grace_seconds: "" }],
  ["retry_within_minutes plan.wrong_number", { retry_within_minutes: "1e1" }],
  ["keep_days plan.wrong_number", { keep_days: "29" }],
  ["move_minutes plan.wrong_number", { move_minutes: "-1" }],
  ["roles plan.wrong_roles", { roles: [] }],
  ["rooms plan.wrong_rooms", { rooms: [] }],
  ["fallback plan.wrong_fallback", { fallback: [] }],
  ["contact plan.wrong_contact", { contact: "x".repeat(121) }],
  ["contact plan.wrong_contact", { contact: "Sam\u202e" }],
  ["review plan.wrong_day", { review: "" }],
  ["review plan.past_day", { review: "2026-11-24" }],
];

for (const [told, changed] of WRONG) {
  test(`${told}: ${JSON.stringify(changed).slice(0, 60)}`, () => assert.deepEqual(faults(changed), [told]));
}

test("the root's policy narrows what may be written", () => {
  assert.deepEqual([limits("look_seconds", STRICTEST), limits("keep_days", STRICTEST)], [{ least: 10, most: 60 }, { least: 30, most: 3650 }]);
  const short = { ...STRICTEST, policy: { ...STRICTEST.policy, look_seconds: 20, max_retries: 0 } };
  assert.deepEqual([blank(["nord"], short, NOW).look_seconds, blank(["nord"], short, NOW).max_retries], ["20", "0"]);
});

test("a new window has a name that none has or had", () => assert.equal(freeId([{ id: "titt-1" }, { id: "natt" }, { id: "titt-2" }]), "titt-3"));

test("windows at the same time are noticed, also over midnight and the week's end", () => {
  assert.ok(!overlap([window("22:00", "23:00"), window("23:00", "23:30")]));
  assert.ok(overlap([window("22:00", "02:00"), window("01:30", "03:00")]));
  assert.ok(!overlap([window("22:00", "02:00", [1]), window("01:30", "03:00", [1])]));
  assert.ok(overlap([window("22:00", "02:00", [7]), window("01:30", "03:00", [1])]));
});

test("the day is the one at home", () => assert.equal(dayAtHome(Date.parse("2026-11-24T23:30:00Z")), "2026-11-25"));
