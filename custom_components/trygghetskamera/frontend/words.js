// How the dashboard speaks: the reader's language, and moments as the clock at home shows them.
import { EN } from "./en.js";
import { SV } from "./sv.js";

export const WORDS = { sv: SV, en: EN };

/** The user's language, if it is one of ours: "sv" or "en". */
export function languageOf(hass) {
  const wanted = hass?.locale?.language ?? hass?.language ?? "en";
  return /^sv\b/.test(wanted) ? "sv" : "en";
}

/** A text with its {parts} filled in. */
export function say(language, word, parts = {}) {
  return WORDS[language][word].replace(/\{([a-z]+)\}/g, (_, name) => String(parts[name]));
}

/** What a screen says, by word and parts, in the reader's language. */
export const teller = (hass) => (word, parts) => say(languageOf(hass), word, parts);

function shown(hass, moment, options) {
  const format = hass.locale?.time_format;
  const hour12 = format === "12" ? true : format === "24" ? false : undefined;
  const language = format === "language" || !format ? (languageOf(hass) === "sv" ? "sv-SE" : hass.locale?.language ?? "en") : languageOf(hass);
  return new Intl.DateTimeFormat(language, { hour12, timeZone: hass.config?.time_zone, ...options }).format(new Date(moment));
}

/** A moment as the clock at home shows it, the way the user has chosen to read clocks. */
export const clock = (hass, moment) => shown(hass, moment, { hour: "2-digit", minute: "2-digit" });

/** The day at home, to read: "torsdag 26 november". */
export const day = (hass, moment) => shown(hass, moment, { hour12: undefined, weekday: "long", day: "numeric", month: "long" });

/** A day that is the same day everywhere (midnight UTC), to read. */
export const wallDay = (hass, at) => day({ ...hass, config: { time_zone: "UTC" } }, at);

/** The day at home, to compare: "2026-11-26". */
export function date(hass, moment) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { timeZone: hass.config?.time_zone, year: "numeric", month: "2-digit", day: "2-digit" };
  return new Intl.DateTimeFormat("sv-SE", options).format(new Date(moment));
}

/** The moment (ms) when the clock at home shows "2026-11-26 09:00:00". */
export function atWall(hass, wall) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { timeZone: hass.config?.time_zone, dateStyle: "short", timeStyle: "medium" };
  const asUtc = Date.parse(`${wall.replace(" ", "T")}Z`);
  const shownThen = Date.parse(`${new Intl.DateTimeFormat("sv-SE", options).format(asUtc).replace(" ", "T")}Z`);
  return asUtc + asUtc - shownThen;
}

/** The hour of the day at home, 0-23. */
export function hourOf(hass, moment) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { timeZone: hass.config?.time_zone, hour: "2-digit", hourCycle: "h23" };
  return Number(new Intl.DateTimeFormat("en-GB", options).format(new Date(moment)));
}

const DAY_MS = 86_400_000;

/** The day at home so many days from the one that `now` is in. */
const dateIn = (hass, now, days) => new Date(Date.parse(`${date(hass, now)}T12:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** A coming moment, in the words that fit how far away it is: "kl. 18:30", "i morgon kl. 12:00". */
export function when(hass, moment, now) {
  const word = { [date(hass, now)]: "at_clock", [dateIn(hass, now, 1)]: "tomorrow_at" }[date(hass, moment)] ?? "day_at";
  return say(languageOf(hass), word, { day: day(hass, moment), clock: clock(hass, moment) });
}

/** A day as the heading over what happened then. */
export function dayHeading(hass, moment, now) {
  const word = { [date(hass, now)]: "today", [dateIn(hass, now, -1)]: "yesterday" }[date(hass, moment)];
  if (word) return say(languageOf(hass), word);
  const text = day(hass, moment);
  return text[0].toUpperCase() + text.slice(1);
}
