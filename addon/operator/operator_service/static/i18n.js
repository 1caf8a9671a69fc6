// Every word on the screen, in Swedish and English. A text says what has happened and what to do now.

import en from "./words-en.js";
import sv from "./words-sv.js";

/** @typedef {keyof typeof sv} Word */
/** @typedef {"sv" | "en"} Language */

/** @type {{[L in Language]: Record<Word, string>}} */
export const WORDS = { sv, en };
const KEPT = "tillsyn-language";

/** @type {Language} */
let language = "sv";

/** @returns {Language} */
export const currentLanguage = () => language;

/** @param {unknown} value @returns {value is Language} */
const known = (value) => value === "sv" || value === "en";

/**
 * Choose the language; without one, what was chosen here before, else Swedish.
 * @param {string} [chosen]
 */
export function useLanguage(chosen) {
  const kept = localStorage.getItem(KEPT);
  language = known(chosen) ? chosen : known(kept) ? kept : "sv";
  if (known(chosen)) localStorage.setItem(KEPT, chosen);
  document.documentElement.lang = language;
}

/** Whether this computer has a choice of its own. */
export const hasChosen = () => known(localStorage.getItem(KEPT));

/**
 * @param {Word} word
 * @param {Record<string, string | number>} [parts] for `{name}` in the text
 */
export function t(word, parts = {}) {
  return WORDS[language][word].replace(/\{([a-z]+)\}/g, (_all, name) => String(parts[name] ?? ""));
}

/**
 * A word whose name is put together from a code; codes that are new to us get a general text.
 * @param {"code" | "reason" | "state" | "fallback" | "event" | "role" | "room" | "in_room"} kind
 * @param {string} code
 */
export function coded(kind, code) {
  const word = `${kind}.${code}`;
  if (word in WORDS[language]) return t(/** @type {Word} */ (word));
  return kind === "code" ? t("code.internal_error") : code;
}

/** What happened, without what to do about it: the first sentence. @param {string} code */
export const brief = (code) => `${coded("code", code).split(/[.;:] /)[0]?.replace(/\.$/, "")}.`;

/** The beginning of a key's thumbprint, in groups to read aloud: 96 bits, more than anybody can imitate. @param {string} kid */
export const shortCode = (kid) => kid.slice(0, 16).match(/.{4}/g)?.join(" ") ?? kid;

const locale = () => (language === "sv" ? "sv-SE" : "en-GB");
const ZONE = "Europe/Stockholm";

/** Clock time at home, e.g. 23:40. @param {number} seconds since 1970 UTC */
export const clock = (seconds) =>
  new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", timeZone: ZONE }).format(seconds * 1000);

/** Clock time at home, with its weekday where it is not soon. @param {number} seconds since 1970 UTC @param {number} now */
export function soon(seconds, now) {
  if (Math.abs(seconds - now) < 12 * 3600) return clock(seconds);
  const day = new Intl.DateTimeFormat(locale(), { weekday: "short", timeZone: ZONE }).format(seconds * 1000);
  return `${day} ${clock(seconds)}`;
}

/** A date. @param {string} iso YYYY-MM-DD */
export const date = (iso) =>
  new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(Date.parse(iso));

/** One decimal, as the language writes it. @param {number} value */
export const decimal = (value) => new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(value);

/** Day at home. @param {number} seconds since 1970 UTC */
export const dayOf = (seconds) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: ZONE }).format(seconds * 1000);

/** Day and clock time at home. @param {number} seconds since 1970 UTC */
export const moment = (seconds) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeStyle: "medium", timeZone: ZONE }).format(seconds * 1000);

/** 4:05, or 1 h 10 min when far away. @param {number} seconds */
export function span(seconds) {
  const left = Math.max(0, Math.round(seconds));
  if (left >= 3600) return `${Math.floor(left / 3600)} h ${Math.floor((left % 3600) / 60)} min`;
  if (left >= 600) return `${Math.round(left / 60)} min`;
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
