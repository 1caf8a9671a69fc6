// The log: what has happened in the home, newest first, a page at a time. Nothing here draws.
import { signed } from "./ask.js";
import { clock, date, dayHeading, languageOf } from "./words.js";

export const PAGE = 8;
const LINK_SECONDS = 3600;

/** So many entries older than `before` (or the newest) that have the words of `query`, and whether there are more. */
export function entriesOf(hass, home, { query, limit, before }) {
  const message = { type: "trygghetskamera/log", config_entry_id: home.entry, limit };
  if (query) message.query = query;
  if (before) message.before = before;
  return hass.callWS(message);
}

/** Entries under the day at home that they happened. */
export function byDay(hass, entries, now) {
  const days = [];
  entries.forEach((entry, index) => {
    const id = date(hass, entry.at);
    if (days.at(-1)?.id !== id) days.push({ id, heading: dayHeading(hass, entry.at, now), rows: [] });
    days.at(-1).rows.push({ id: `${entry.at} ${entry.kind} ${index}`, at: clock(hass, entry.at), kind: entry.kind, text: entry.text });
  });
  return days;
}

/** Addresses of the whole log that work for an hour without signing in: as a page to print and as a table. */
export async function links(hass, home, query) {
  const path = (kind) => {
    const asked = new URLSearchParams({ kind, language: languageOf(hass), ...(query ? { q: query } : {}) });
    return `/api/trygghetskamera/log/${home.entry}?${asked}`;
  };
  const [page, csv] = await Promise.all(["html", "csv"].map((kind) => signed(hass, path(kind), LINK_SECONDS)));
  return { page, csv };
}

/** How long the addresses are used before new ones are asked for. */
export const LINKS_FOR_MS = (LINK_SECONDS / 2) * 1000;
