// Pause: whether it is on, until when, and which ends can be chosen. Nothing here draws.
import { can, read } from "./home.js";
import { atWall, date, teller, when } from "./words.js";

const A_WHILE_MS = 2 * 60 * 60 * 1000;

/** Whether pause is on; undefined where that is not known. */
export function isPaused(hass, home) {
  return { on: true, off: false }[read(hass, home, "switch.pause")?.state];
}

/** When the pause ends by itself; null where it does not, or where there is none. */
export function pausedUntil(hass, home) {
  const at = Date.parse(read(hass, home, "datetime.pause_until")?.state ?? "");
  return isPaused(hass, home) && !Number.isNaN(at) ? at : null;
}

/** The absence that goes on now: why and until when; null where there is none. */
export function absenceNow(hass, home) {
  const calendar = read(hass, home, "calendar.absences");
  if (calendar?.state !== "on") return null;
  return { what: calendar.attributes.message, until: atWall(hass, calendar.attributes.end_time) };
}

/** When looks may happen again if nobody does anything; null where they may not, or may already. */
export const quietUntil = (hass, home) => pausedUntil(hass, home) ?? (isPaused(hass, home) ? absenceNow(hass, home)?.until ?? null : null);

/** What the large button says, to the client or to a relative. */
export function pauseWords(hass, home, now, reader = "client") {
  const tell = teller(hass);
  if (!isPaused(hass, home)) return { name: tell("pause"), hint: tell(reader === "relative" ? "relative_pause_start" : "pause_start") };
  const until = pausedUntil(hass, home);
  const name = until === null ? tell("pause_on") : tell("pause_until", { when: when(hass, until, now) });
  const away = absenceNow(hass, home);
  const why = away && until === null ? `${tell("away_until", { what: away.what, when: when(hass, away.until, now) })} ` : "";
  return { name, hint: why + tell("pause_end") };
}

/**
 * The ends to choose among, by the word for each: how long a pause that begins now is to be, or what makes the one that
 * is on longer. To shorten it is to end it.
 */
export function pauseChoices(hass, home, now) {
  if (!can(hass, "pause")) return { label: "", words: [] };
  const tell = teller(hass);
  const until = pausedUntil(hass, home);
  if (!isPaused(hass, home)) return { label: tell("only_until"), words: ["a_while", "until_tomorrow"] };
  if (until === null) return { label: "", words: [] };
  const isToday = date(hass, until) === date(hass, now);
  return { label: tell("longer"), words: [...(isToday ? ["until_tomorrow"] : []), "until_resumed"] };
}

/** What the action `pause` is told for a choice made now. */
export function pauseData(choice, now) {
  if (choice === "a_while") return { until: new Date(+now + A_WHILE_MS).toISOString() };
  return choice === "until_tomorrow" ? { until_tomorrow: true } : {};
}
