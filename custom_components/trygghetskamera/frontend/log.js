// The log: what has happened in the home, newest first, a page at a time. Nothing here draws.
import { signed } from "./ask.js";
import { clock, date, dayHeading, languageOf } from "./words.js";

export const PAGE = 8;
export const LONGEST_QUERY = 200;
/** As many as the home tells at once. All of it is in what is printed and downloaded. */
export const MOST = 500;
const LINK_SECONDS = 3600;

/** The newest entries that have all the words of `query`, in the reader's language, and whether there are more. */
export function entriesOf(hass, home, { query, limit }) {
  return hass.callWS({ type: "trygghetskamera/log", config_entry_id: home.entry, limit: Math.min(limit, MOST), query, language: languageOf(hass) });
}

/** Entries under the day at home that they happened. */
export function byDay(hass, entries, now) {
  const days = [];
  for (const { id, at, kind, text } of entries) {
    const day = date(hass, at);
    if (days.at(-1)?.id !== day) days.push({ id: day, heading: dayHeading(hass, at, now), rows: [] });
    days.at(-1).rows.push({ id, at: clock(hass, at), kind, text });
  }
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
