// What Home Assistant knows about a home, and what that means to the person who lives there. Nothing here draws.
import { WORDS, languageOf, say } from "./words.js";

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
 * The homes, each with its configuration entry, its entities and its cameras' (by "<domain>.<translation key>"). A home
 * is known by its pause; a camera is each of our devices that is connected through the home's, whatever is shown of it.
 */
export function homesOf(hass) {
  const isOurs = (device) => device.identifiers?.some(([domain]) => domain === PLATFORM);
  const all = Object.values(hass.devices)
    .filter(isOurs)
    .map(({ id, via_device_id: via, config_entries: [entry] }) => ({ device: id, via, entry, entities: entitiesOf(hass, id) }))
    .toSorted((one, other) => (one.device < other.device ? -1 : 1));
  return all
    .filter(({ entities }) => entities["switch.pause"])
    .map((home) => ({ ...home, cameras: all.filter((one) => one.via === home.device) }));
}

/** The home that a card is for: the one named, or the first. */
export function homeOf(hass, device) {
  const homes = homesOf(hass);
  return homes.find((one) => one.device === device) ?? (device ? undefined : homes[0]);
}

/** What the home's entities say now: to be drawn again only when one of them says something else. */
export function statesOf(hass, home) {
  const known = home ? [home, ...home.cameras].flatMap((one) => Object.values(one.entities)) : [];
  return known.map((id) => hass.states[id]);
}

/** An entity's state and attributes by its key; undefined where it is not there or cannot be told. */
export function read(hass, one, key) {
  const found = hass.states[one?.entities[key]];
  return found && found.state !== "unavailable" ? found : undefined;
}

/** Whether an action of the integration can be called. */
export const can = (hass, action) => Boolean(hass.services?.[PLATFORM]?.[action]);

function cameraSituation(hass, camera) {
  const gate = read(hass, camera, "sensor.gate")?.state;
  if (gate === "open" || gate === "aiming" || gate === "opening") return gate;
  if (gate === "fault" || read(hass, camera, "binary_sensor.problem")?.state === "on") {
    return read(hass, camera, "binary_sensor.connectivity")?.state === "off" ? "unplugged" : "fault";
  }
  if (!["closing", "closed", "dark"].includes(gate)) return "unknown";
  return gate;
}

/** Worst first: whoever may be seen is told so before anything else. */
const ORDER = ["open", "aiming", "opening", "fault", "unplugged", "unknown", "closing", "dark", "closed"];

const TONES = {
  closed: "calm", dark: "calm", no_camera: "calm", closing: "seen", open: "seen", opening: "seen", aiming: "seen", paused: "paused", private: "paused",
};

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

function situationKey(hass, home) {
  if (hass.connected === false) return "lost";
  if (!home) return "unknown";
  const found = home.cameras.map((camera) => cameraSituation(hass, camera));
  const worst = ORDER.find((one) => found.includes(one)) ?? "no_camera";
  if (worst !== "closed" && worst !== "dark") return worst;
  if (read(hass, home, "switch.pause")?.state === "on") return "paused";
  return home.cameras.every((camera) => read(hass, camera, "switch.privacy")?.state === "on") ? "private" : worst;
}

function whoLooks(hass, home) {
  const names = (home?.cameras ?? []).map((camera) => read(hass, camera, "binary_sensor.looking")?.attributes?.who);
  return names.find(Boolean);
}

/** What a camera's room is called: its area, or else its device. */
export function roomOf(hass, camera) {
  const device = hass.devices[camera.device];
  return hass.areas?.[device?.area_id]?.name ?? device?.name_by_user ?? device?.name ?? "";
}

/** Each camera by its room: how it is, and whether it is private (undefined where that is not known). */
export function rooms(hass, home) {
  return (home?.cameras ?? []).map((camera) => {
    const key = cameraSituation(hass, camera);
    const isPrivate = { on: true, off: false }[read(hass, camera, "switch.privacy")?.state];
    const word = isPrivate && (key === "closed" || key === "dark") ? "private" : key;
    return {
      id: camera.device, name: roomOf(hass, camera), tone: TONES[word] ?? "wrong", text: say(languageOf(hass), `room_${word}`),
      isPrivate, privacy: camera.entities["switch.privacy"],
    };
  });
}
