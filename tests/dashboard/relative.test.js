// What a relative reads: what is to be seen to, the log, and why something was not done.
import assert from "node:assert/strict";
import { test } from "node:test";
import { act, actOn, tellHome } from "../../custom_components/trygghetskamera/frontend/ask.js";
import { attempt } from "../../custom_components/trygghetskamera/frontend/draw.js";
import { homeOf } from "../../custom_components/trygghetskamera/frontend/home.js";
import { byDay, entriesOf, links } from "../../custom_components/trygghetskamera/frontend/log.js";
import { problems } from "../../custom_components/trygghetskamera/frontend/problems.js";
import { CAMERA, HOME, NIGHT, hassOf, one } from "./hass.js";

const localize = (key, parts) => ({
  "component.trygghetskamera.issues.plan_waiting.title": "En plan väntar",
  "component.trygghetskamera.issues.camera_audio.title": `${parts.camera} har mikrofonen på`,
  "component.trygghetskamera.issues.camera_audio.description": "Stäng av den.",
  "component.trygghetskamera.exceptions.journal_failed.message": "Journalen kunde inte skrivas.",
})[key] ?? "";
const PLAN = { issue_id: "plan_waiting_id-h", translation_key: "plan_waiting", is_fixable: true, severity: "warning" };
const AUDIO = { issue_id: "camera_audio_id-c", translation_key: "camera_audio", is_fixable: false, severity: "error", translation_placeholders: { camera: "Sovrum" } };
const seen = (hass, issues = []) => problems({ ...hass, localize }, homeOf(hass), issues);

test("issues are told in their own words, the gravest first, and only an administrator is led to the answer", () => {
  const admin = one({}, {}, {}, { user: { is_admin: true } });
  assert.deepEqual(seen(admin, [PLAN, AUDIO]).map(({ title, text, link }) => [title, text, link]), [
    ["Sovrum har mikrofonen på", "Stäng av den.", null], ["En plan väntar", "", "/config/repairs"],
  ]);
  const [plan] = seen(one(), [PLAN]);
  assert.deepEqual([plan.link, plan.text], [null, "Den som sköter Home Assistant hemma kan svara."]);
});

test("what the sensors say is told by room, once", () => {
  assert.deepEqual(seen(one({}, { "binary_sensor.connectivity": "off", "binary_sensor.problem": "on" })).map((row) => row.title), [
    "Device c: kameran svarar inte. Kontrollera ström och nätverk.",
  ]);
  assert.deepEqual(seen(one({ "binary_sensor.link": "off" }, { "binary_sensor.problem": "on" })).map((row) => row.id), ["problem c", "link"]);
  assert.deepEqual(seen(one()), []);
});

test("with two homes each is told of its own", () => {
  const hass = hassOf({ h: { states: HOME }, c: { via: "h", states: CAMERA }, k: { states: HOME } });
  assert.deepEqual(seen(hass, [PLAN, AUDIO]).length, 2);
  assert.deepEqual(problems({ ...hass, localize }, homeOf(hass, "k"), [PLAN, AUDIO]), []);
});

test("before the words have come, something is said to be wrong all the same", () => {
  const [plan] = problems({ ...one(), localize: () => "" }, homeOf(one()), [PLAN]);
  assert.equal(plan.title, "Något behöver ses till.");
});

test("of several cameras the room is named", () => {
  const hass = hassOf({ h: { states: HOME }, c: { via: "h", states: CAMERA }, d: { via: "h", states: CAMERA } });
  const lost = { ...AUDIO, translation_key: "plan_waiting" };
  assert.deepEqual(seen(hass, [lost]).map((row) => row.title), ["Device c: En plan väntar"]);
  assert.deepEqual(seen(hass, [PLAN]).map((row) => row.title), ["En plan väntar"]);
});

test("the log is read under days at home", () => {
  const entries = [
    { id: 9, at: "2026-11-22T23:30:00Z", kind: "look_ended", text: "Olle tittade in i 12 sekunder." },
    { id: 8, at: "2026-11-22T22:30:00Z", kind: "pause", text: "Astrid pausade." },
  ];
  assert.deepEqual(byDay(one(), entries, NIGHT).map(({ heading, rows }) => [heading, rows.map((row) => `${row.at} ${row.text}`)]), [
    ["I dag", ["00:30 Olle tittade in i 12 sekunder."]], ["I går", ["23:30 Astrid pausade."]],
  ]);
});

test("the log is asked for in the reader's language, and never more than the home tells", async () => {
  const asked = [];
  const hass = one({}, {}, {}, { callWS: async (message) => (asked.push(message), { path: `${message.path}&sig` }) });
  await entriesOf(hass, homeOf(hass), { query: "paus", limit: 1000 });
  assert.deepEqual(asked, [{ type: "trygghetskamera/log", config_entry_id: "entry-h", limit: 500, query: "paus", language: "sv" }]);
  assert.deepEqual(await links(hass, homeOf(hass), "a b"), {
    page: "/api/trygghetskamera/log/entry-h?kind=html&language=sv&q=a+b&sig", csv: "/api/trygghetskamera/log/entry-h?kind=csv&language=sv&q=a+b&sig",
  });
});

const refusing = (error, more = {}) =>
  one({}, {}, {}, { callService: async () => Promise.reject(error), loadBackendTranslation: async () => localize, ...more });
const undo = (hass) => act(hass, homeOf(hass), "keep_look", { occurrence: "a" }, "undo_failed");

test("whoever may not make the camera less private is told so kindly, and whom to ask", async () => {
  assert.match(await undo(refusing({ translation_domain: "trygghetskamera", translation_key: "user_not_allowed" })), /^Du kan alltid stänga av titt-in/);
});

test("any other refusal is told in Home Assistant's words, and a lost connection in ours", async () => {
  assert.equal(await undo(refusing({ translation_domain: "trygghetskamera", translation_key: "journal_failed" })), "Journalen kunde inte skrivas.");
  const ours = "Det gick inte att ångra. Be den som sköter Home Assistant.";
  assert.equal(await undo(refusing({ translation_domain: "trygghetskamera", translation_key: "from_the_future" })), ours);
  assert.equal(await undo(refusing(3)), ours);
  assert.equal(await undo(refusing({ translation_domain: "trygghetskamera", translation_key: "journal_failed" }, { loadBackendTranslation: () => Promise.reject(new Error()) })), ours);
});

test("how the night was is said where the recorder does not listen", async () => {
  const said = [];
  const hass = one({}, {}, {}, { callWS: async (message) => said.push(message), callService: () => assert.fail("the recorder keeps this") });
  assert.equal(await tellHome(hass, homeOf(hass), "rate_sleep", { rating: 4, comment: "Bra." }, "slept_failed"), "");
  assert.deepEqual(said, [{ type: "trygghetskamera/rate_sleep", config_entry_id: "entry-h", rating: 4, comment: "Bra." }]);
});

test("what went wrong stays to be read when something begun before it ends well afterwards", async () => {
  const trouble = { textContent: "" };
  let end;
  const skipped = attempt(trouble, () => new Promise((done) => (end = done)));
  assert.equal(await attempt(trouble, async () => "Det gick inte att ångra."), "Det gick inte att ångra.");
  end("");
  assert.equal(await skipped, "");
  assert.equal(trouble.textContent, "Det gick inte att ångra.");
  await attempt(trouble, async () => "");
  assert.equal(trouble.textContent, "");
});

test("an action that is dropped because its entity is not there is not taken for done", async () => {
  const hass = one({ "switch.pause": "unavailable" }, {}, {}, { callService: async () => ({}) });
  assert.equal(await actOn(hass, "switch.h_pause", "turn_on", {}, "pause_failed"), "Det gick inte att pausa. Försök igen.");
  assert.equal(await actOn({ ...hass, states: { "switch.h_pause": { state: "off" } } }, "switch.h_pause", "turn_on", {}, "pause_failed"), "");
});
