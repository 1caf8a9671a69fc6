// What Home Assistant knows about a home, and what that means to the person who lives there. Nothing here draws.
import { WORDS, clock, languageOf, say } from "./words.js";

const PLATFORM = "trygghetskamera";

/** The entities of one device, by translation key or, where they have none, by device class. */
function entitiesOf(hass, device) {
  const found = {};
  for (const entity of Object.values(hass.entities)) {
    if (entity.platform !== PLATFORM || entity.device_id !== device) continue;
    const key = entity.translation_key ?? hass.states[entity.entity_id]?.attributes?.device_class;
    if (key) found[`${entity.entity_id.split(".")[0]}.${key}`] = entity.entity_id;
  }
  return found;
}

/**
 * The homes, each with its entities and its cameras', by "<domain>.<translation key>". A home is known by its pause;
 * a camera belongs to the home that its device is connected through.
 */
export function homesOf(hass) {
  const devices = new Set(Object.values(hass.entities).filter((one) => one.platform === PLATFORM).map((one) => one.device_id));
  const all = [...devices].filter(Boolean).sort().map((device) => ({ device, entities: entitiesOf(hass, device) }));
  return all
    .filter(({ entities }) => entities["switch.pause"])
    .map(({ device, entities }) => ({
      device,
      entities,
      cameras: all.filter((one) => one.entities["sensor.gate"] && hass.devices[one.device]?.via_device_id === device).map((one) => one.entities),
    }));
}

/** The home that a card is for: the one named, or the first. */
export function homeOf(hass, device) {
  const homes = homesOf(hass);
  return homes.find((one) => one.device === device) ?? (device ? undefined : homes[0]);
}

const stateOf = (hass, id) => (id ? hass.states[id]?.state : undefined);

function cameraSituation(hass, camera) {
  const gate = stateOf(hass, camera["sensor.gate"]);
  if (gate === "open" || gate === "aiming" || gate === "opening") return gate;
  if (gate === "fault" || stateOf(hass, camera["binary_sensor.problem"]) === "on") {
    return stateOf(hass, camera["binary_sensor.connectivity"]) === "off" ? "unplugged" : "fault";
  }
  if (!["closing", "closed", "dark"].includes(gate)) return "unknown";
  return gate;
}

/** Worst first: whoever may be seen is told so before anything else. */
const ORDER = ["open", "aiming", "opening", "fault", "unplugged", "unknown", "closing", "dark", "closed"];

/**
 * How it is, in one sentence for the client or for a relative: its key, its tone (calm, seen, paused, wrong) and the
 * text. Says that nobody can see only where every camera is known to look away.
 */
export function situation(hass, home, reader = "client") {
  const language = languageOf(hass);
  const key = situationKey(hass, home);
  const own = `${reader}_${key}`;
  const who = whoLooks(hass, home) ?? say(language, "somebody");
  return { key, tone: TONES[key] ?? "wrong", text: say(language, own in WORDS[language] ? own : key, { who }) };
}

const TONES = {
  closed: "calm", dark: "calm", no_camera: "calm", closing: "seen", open: "seen", opening: "seen", aiming: "seen", paused: "paused", private: "paused",
};

function situationKey(hass, home) {
  if (hass.connected === false) return "lost";
  if (!home) return "unknown";
  const found = home.cameras.map((camera) => cameraSituation(hass, camera));
  const worst = ORDER.find((one) => found.includes(one)) ?? "no_camera";
  if (worst !== "closed" && worst !== "dark") return worst;
  if (stateOf(hass, home.entities["switch.pause"]) === "on") return "paused";
  return home.cameras.every((camera) => stateOf(hass, camera["switch.privacy"]) === "on") ? "private" : worst;
}

function whoLooks(hass, home) {
  const names = (home?.cameras ?? []).map((camera) => hass.states[camera["binary_sensor.looking"]]?.attributes?.who);
  return names.find(Boolean);
}

/** Whether pause is on; undefined where that is not known. */
export function isPaused(hass, home) {
  return { on: true, off: false }[stateOf(hass, home?.entities["switch.pause"])];
}

/** Tonight's looks, past and to come: what to show of each, and a last line where there is none (more). */
export function tonight(hass, home) {
  const language = languageOf(hass);
  const listOf = (key) => hass.states[home?.entities[key]]?.attributes?.tonight ?? [];
  const done = listOf("sensor.last_look").map((one) => ({ isDone: true, when: clock(hass, one.at), text: looked(language, one) }));
  const planned = listOf("sensor.next_look").map((one) => ({
    isDone: false,
    when: say(language, "between", { start: clock(hass, one.start), until: clock(hass, one.until) }),
    text: say(language, "planned"),
  }));
  return { rows: [...done, ...planned], note: noteOf(language, done, planned, isPaused(hass, home)) };
}

function looked(language, { who, seconds }) {
  const word = seconds === 0 ? "saw_nothing" : seconds === 1 ? "looked_one" : "looked";
  return say(language, word, { who: who || say(language, "somebody"), seconds });
}

/** The last look of all, whatever night it was; null where there has been none. */
export function lastLook(hass, home) {
  const { state, attributes } = hass.states[home?.entities["sensor.last_look"]] ?? {};
  if (!attributes || attributes.seconds === undefined || Number.isNaN(Date.parse(state))) return null;
  return { isDone: true, when: clock(hass, state, { day: "numeric", month: "long" }), text: looked(languageOf(hass), attributes) };
}

function noteOf(language, done, planned, paused) {
  if (planned.length) return "";
  return say(language, paused ? "none_paused" : done.length ? "no_more" : "none");
}
