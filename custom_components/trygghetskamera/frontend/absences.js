// Absences: when nobody is to look because the client is in hospital, travels or has guests. Nothing here draws.
import { can, read } from "./home.js";
import { teller, wallDay, when } from "./words.js";

export const KINDS = ["hospital", "travel", "guests", "other"];
const AHEAD_MS = 400 * 86_400_000;

/** The absences that are or come, first to last, as rows to read. */
export async function absencesOf(hass, home, now) {
  const calendar = home?.entities["calendar.absences"];
  if (!read(hass, home, "calendar.absences")) return [];
  const span = new URLSearchParams({ start: new Date(now).toISOString(), end: new Date(+now + AHEAD_MS).toISOString() });
  const found = await hass.callApi("GET", `calendars/${calendar}?${span}`);
  return found.map(({ uid, summary, start, end }) => ({ id: uid, summary, start: start.dateTime ?? start.date, end: end.dateTime ?? end.date }));
}

const isDay = (moment) => /^\d{4}-\d\d-\d\d$/.test(moment);

/** From when until when, in words. Whole days are told as the first and the last. */
export function span(hass, { start, end }, now) {
  const tell = teller(hass);
  if (!isDay(start) || !isDay(end)) return tell("absence_from_to", { start: when(hass, start, now), end: when(hass, end, now) });
  const [first, last] = [start, Date.parse(end) - 86_400_000].map((at) => wallDay(hass, at));
  return first === last ? first : tell("absence_from_to", { start: first, end: last });
}

/** Why what was filled in cannot be an absence: a word, or "" where it can. */
export const fault = ({ start, end }) => (start && end && end > start ? "" : "absence_order");

export const canAdd = (hass) => can(hass, "add_absence");
export const canRemove = (hass) => can(hass, "remove_absence");
