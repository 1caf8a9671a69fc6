// The dashboard says what is true, in both languages, and is made of the entities that are there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { homesOf, isPaused, lastLook, situation, tonight } from "../../custom_components/trygghetskamera/frontend/home.js";
import { dashboard } from "../../custom_components/trygghetskamera/frontend/strategy.js";
import { WORDS, clock, languageOf } from "../../custom_components/trygghetskamera/frontend/words.js";

const HOME = { "switch.pause": "off", "sensor.next_look": "2026-11-23T00:30:00+00:00", "sensor.last_look": "unknown", "binary_sensor.link": "on", "event.look": "unknown" };
const CAMERA = { "sensor.gate": "closed", "switch.privacy": "off", "binary_sensor.looking": "off", "binary_sensor.problem": "off", "binary_sensor.connectivity": "on" };

/** What Home Assistant's pages have, for the given devices: { id: { via, states, attributes } }. */
function hassOf(devices, more = {}) {
  const hass = { connected: true, language: "sv", config: { time_zone: "Europe/Stockholm" }, entities: {}, devices: {}, states: {}, ...more };
  for (const [id, { via = null, states, attributes = {} }] of Object.entries(devices)) {
    hass.devices[id] = { id, via_device_id: via, name: `Device ${id}` };
    for (const [key, state] of Object.entries(states)) {
      const [domain, name] = key.split(".");
      const entity_id = `${domain}.${id}_${name}`;
      const bare = name === "problem" || name === "connectivity";
      hass.entities[entity_id] = { entity_id, device_id: id, platform: "trygghetskamera", ...(bare ? {} : { translation_key: name }) };
      hass.states[entity_id] = { state, attributes: { ...(bare ? { device_class: name } : {}), ...attributes[key] } };
    }
  }
  return hass;
}

const one = (home = {}, camera = {}, attributes = {}, more = {}) =>
  hassOf({ h: { states: { ...HOME, ...home }, attributes }, c: { via: "h", states: { ...CAMERA, ...camera }, attributes } }, more);
const textOf = (hass) => situation(hass, homesOf(hass)[0]).text;

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

for (const [what, home, camera, text] of [
  ["looks away", {}, {}, "Kameran tittar bort. Ingen kan se dig."],
  ["pause", { "switch.pause": "on" }, {}, "Paus. Ingen tittar in."],
  ["privacy", {}, { "switch.privacy": "on" }, "Privat läge. Ingen tittar in."],
  ["a look beats pause that was just pressed", { "switch.pause": "on" }, { "sensor.gate": "open" }, "Någon tittar in nu."],
  ["turning away is not away", { "switch.pause": "on" }, { "sensor.gate": "closing" }, "Kameran vrider sig bort."],
  ["switched off on purpose", {}, { "sensor.gate": "dark" }, "Kameran är utan ström. Ingen kan se dig."],
  ["pause while it is switched off", { "switch.pause": "on" }, { "sensor.gate": "dark" }, "Paus. Ingen tittar in."],
  ["being aimed", {}, { "sensor.gate": "aiming" }, "Kameran ställs in just nu."],
  ["fault", {}, { "sensor.gate": "fault" }, "Något är fel. Någon är på väg att få veta det."],
  ["a problem beats pause", { "switch.pause": "on" }, { "binary_sensor.problem": "on" }, "Något är fel. Någon är på väg att få veta det."],
  ["unplugged", {}, { "sensor.gate": "fault", "binary_sensor.connectivity": "off" }, "Kameran svarar inte. Är sladden i?"],
  ["a look beats a problem", {}, { "sensor.gate": "open", "binary_sensor.problem": "on" }, "Någon tittar in nu."],
  ["not known", {}, { "sensor.gate": "unavailable" }, "Det går inte att se hur det är just nu."],
  ["a state from the future", {}, { "sensor.gate": "sideways" }, "Det går inte att se hur det är just nu."],
]) test(`the sentence: ${what}`, () => assert.equal(textOf(one(home, camera)), text));

test("whoever looks in is named", () => {
  const named = { "binary_sensor.looking": { who: "Olle" } };
  assert.equal(textOf(one({}, { "sensor.gate": "open" }, named)), "Olle tittar in nu.");
  assert.equal(textOf(one({}, { "sensor.gate": "open" }, named, { language: "en" })), "Olle is looking in now.");
});

test("a relative is not told that nobody sees them", () => {
  const hass = one();
  assert.equal(situation(hass, homesOf(hass)[0], "relative").text, "Kameran tittar bort. Ingen kan se in.");
  assert.equal(situation(one({ "switch.pause": "on" }), homesOf(hass)[0], "relative").text, "Paus. Ingen tittar in.");
});

test("one camera that looks is enough, and one that looks away is not", () => {
  const both = (gate) => hassOf({ h: { states: HOME }, a: { via: "h", states: CAMERA }, b: { via: "h", states: { ...CAMERA, "sensor.gate": gate } } });
  assert.equal(textOf(both("open")), "Någon tittar in nu.");
  assert.equal(situation(both("unavailable"), homesOf(both("unavailable"))[0]).tone, "wrong");
});

test("a screen without contact claims nothing", () => {
  assert.equal(textOf(one({}, {}, {}, { connected: false })), "Skärmen har ingen kontakt med hemmet just nu.");
  assert.equal(situation(one(), undefined).key, "unknown");
});

test("only a known pause is a pause", () => {
  const paused = (state) => isPaused(one({ "switch.pause": state }), homesOf(one())[0]);
  assert.deepEqual(["on", "off", "unavailable"].map(paused), [true, false, undefined]);
});

const LOOKS = {
  "sensor.last_look": { tonight: [{ at: "2026-11-22T21:05:00+00:00", who: "Olle", seconds: 12, reason: "seen" }, { at: "2026-11-22T22:00:00+00:00", who: "", seconds: 0 }] },
  "sensor.next_look": { tonight: [{ start: "2026-11-23T00:30:00+00:00", until: "2026-11-23T00:50:00+00:00" }] },
};

test("tonight's looks are told by the clock at home, whatever clock the screen has", () => {
  const hass = one({}, {}, LOOKS);
  const { rows, note } = tonight(hass, homesOf(hass)[0]);
  assert.deepEqual(rows.map((row) => `${row.when} ${row.text}`), [
    "22:05 Olle tittade in i 12 sekunder", "23:00 Någon skulle titta in men fick ingen bild", "Mellan 01:30 och 01:50 Titt-in",
  ]);
  assert.equal(note, "");
  assert.match(clock({ ...hass, locale: { language: "en", time_format: "12" } }, "2026-11-22T21:05:00Z"), /10:05 pm/i);
});

test("the last look is told with its day, and before the first there is none", () => {
  const state = { "sensor.last_look": "2026-11-20T02:10:00+00:00" };
  const hass = one(state, {}, { "sensor.last_look": { who: "Olle", seconds: 1, reason: "seen", tonight: [] } });
  assert.deepEqual(lastLook(hass, homesOf(hass)[0]), { isDone: true, when: "20 november kl. 03:10", text: "Olle tittade in i 1 sekund" });
  assert.equal(lastLook(one(), homesOf(one())[0]), null);
});

test("a night without looks says so, and why", () => {
  const note = (hass) => tonight(hass, homesOf(hass)[0]).note;
  assert.equal(note(one()), "Ingen titt-in är planerad.");
  assert.equal(note(one({ "switch.pause": "on" })), "Ingen titt-in så länge det är paus.");
  assert.equal(note(one({}, {}, { "sensor.last_look": LOOKS["sensor.last_look"] })), "Ingen mer titt-in i natt.");
});

test("the client's page has three things and fills the screen", () => {
  const [client] = dashboard(one()).views;
  assert.equal(client.type, "panel");
  assert.deepEqual(client.cards.map((card) => card.show), [["situation", "pause", "tonight"]]);
});

test("the relative's page shows every entity once and only those that are there", () => {
  const hass = one();
  const shown = (state) => dashboard(state).views[1].sections.flatMap((section) => section.cards).map((card) => card.entity).filter(Boolean);
  assert.deepEqual(shown(hass).toSorted(), [
    "binary_sensor.c_connectivity", "binary_sensor.c_problem", "binary_sensor.h_link", "switch.c_privacy", "switch.h_pause",
  ]);
  assert.deepEqual(shown(hassOf({ h: { states: { "switch.pause": "off" } } })), ["switch.h_pause"]);
});

test("other integrations' entities are not taken for ours", () => {
  const hass = one();
  hass.entities["switch.h_pause"].platform = "other";
  assert.deepEqual(homesOf(hass), []);
});

test("several homes have pages of their own, with their own names and addresses", () => {
  const { views } = dashboard(hassOf({ a: { states: HOME }, b: { states: HOME } }));
  assert.deepEqual(views.map((view) => view.path), ["client", "relative", "client-2", "relative-2"]);
  assert.equal(views[2].title, "Hemma – Device b");
});

test("without a home the page says what to do", () => {
  const { views } = dashboard(hassOf({}));
  assert.equal(views.length, 1);
  assert.equal(views[0].cards[0].content, WORDS.sv.empty);
});
