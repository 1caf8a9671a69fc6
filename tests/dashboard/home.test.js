// The dashboard says what is true of a home, and is made of what is there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { homeOf, homesOf, rooms, situation, statesOf } from "../../custom_components/trygghetskamera/frontend/home.js";
import { dashboard } from "../../custom_components/trygghetskamera/frontend/strategy.js";
import { WORDS } from "../../custom_components/trygghetskamera/frontend/words.js";
import { CAMERA, HOME, hassOf, one } from "./hass.js";

const textOf = (hass) => situation(hass, homesOf(hass)[0]).text;

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

const two = (camera = {}) =>
  hassOf({ h: { states: HOME }, a: { via: "h", states: CAMERA, area: "kitchen" }, b: { via: "h", states: { ...CAMERA, ...camera } } }, { areas: { kitchen: { name: "Köket" } } });

test("one camera that looks is enough, and one that looks away is not", () => {
  assert.equal(textOf(two({ "sensor.gate": "open" })), "Någon tittar in nu.");
  const unknown = two({ "sensor.gate": "unavailable" });
  assert.equal(situation(unknown, homesOf(unknown)[0]).tone, "wrong");
});

test("several cameras are told apart by their rooms, each with its own privacy", () => {
  const hass = two({ "switch.privacy": "on" });
  assert.deepEqual(rooms(hass, homeOf(hass)).map(({ name, text, isPrivate, privacy }) => [name, text, isPrivate, privacy]), [
    ["Köket", "Tittar bort.", false, "switch.a_privacy"], ["Device b", "Privat läge. Ingen tittar in här.", true, "switch.b_privacy"],
  ]);
});

test("a private room that is looked into says so", () => {
  const hass = two({ "switch.privacy": "on", "sensor.gate": "open" });
  assert.equal(rooms(hass, homeOf(hass))[1].text, "Någon tittar in nu.");
});

test("a screen without contact claims nothing", () => {
  assert.equal(textOf(one({}, {}, {}, { connected: false })), "Skärmen har ingen kontakt med hemmet just nu.");
  assert.equal(situation(one(), undefined).key, "unknown");
});

test("a card is for the home that it names, and for no other", () => {
  const hass = hassOf({ a: { states: HOME }, b: { states: HOME } });
  assert.equal(homeOf(hass, "b").entry, "entry-b");
  assert.equal(homeOf(hass).device, "a");
  assert.equal(homeOf(hass, "gone"), undefined);
  assert.deepEqual(statesOf(hass, undefined), []);
  assert.equal(statesOf(hass, homeOf(hass)).length, Object.keys(HOME).length);
});

test("the client's page has three things and a question in the morning, and fills the screen", () => {
  const [client] = dashboard(one()).views;
  assert.equal(client.type, "panel");
  assert.deepEqual(client.cards.map((card) => card.show), [["situation", "sleep", "pause", "tonight"]]);
});

test("the relative's page has what is to be seen to, who has looked, pause, rooms, absences and how to stop", () => {
  const [card] = dashboard(one()).views[1].cards;
  assert.deepEqual(card.show.flat(), ["situation", "problems", "tonight", "log", "pause", "rooms", "absences", "stop"]);
  assert.deepEqual([card.for, card.home], ["relative", "h"]);
});

test("a camera of which nothing is shown is not taken for none", () => {
  const hass = hassOf({ h: { states: HOME }, c: { via: "h", states: {} } });
  assert.equal(textOf(hass), "Det går inte att se hur det är just nu.");
  assert.equal(textOf(hassOf({ h: { states: HOME } })), "Ingen kamera är inkopplad. Ingen kan se dig.");
});

test("other integrations' entities are not taken for ours", () => {
  const hass = one();
  hass.entities["switch.h_pause"].platform = "other";
  assert.deepEqual(homesOf(hass), []);
  hass.devices.c.identifiers = [["other", "c"]];
  hass.entities["switch.h_pause"].platform = "trygghetskamera";
  assert.deepEqual(homesOf(hass)[0].cameras, []);
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
