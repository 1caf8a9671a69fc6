// Plans and what they change, in plain words: the same as homes say (plan_words.py).

import { isMoved, isNoticed, minuteOf } from "./comparing.js";
import { coded, dayOf, t } from "./i18n.js";
import { EVERY_DAY } from "./planning.js";

/** @typedef {import("./comparing.js").Plan} Plan */
/** @typedef {import("./comparing.js").Change} Change */
/** @typedef {import("./i18n.js").Word} Word */

const KINDS = /** @type {const} */ ({ roles: "role", rooms: "room", fallback: "fallback" });
const SMALL = 10;

/** @param {readonly number[]} days */
const daysText = (days) =>
  EVERY_DAY.every((day) => days.includes(day)) ? t("plan.every_day") : [...days].sort().map((day) => t(/** @type {Word} */ (`plan.day_${day}`))).join(", ");

/** @param {{start: string, end: string, days: readonly number[]}} window */
export const windowText = ({ start, end, days }) => `${start}–${end} (${daysText(days)})`;

/** Whether it ends on the day after. @param {{start: string, end: string}} window */
export const isOvernight = ({ start, end }) => minuteOf(end) <= minuteOf(start);

/** The day of the review, with its year. @param {string} iso */
export const reviewDay = (iso) => dayOf(Date.parse(iso) / 1000);

/** @param {"roles" | "rooms" | "fallback"} field @param {readonly string[]} values */
export const listText = (field, values) => values.map((one) => coded(KINDS[field], one).toLocaleLowerCase()).join(", ");

/**
 * What differs, a line each; none for a first plan.
 * @param {Plan} before
 * @param {Plan} after
 * @param {Change[]} changes
 * @returns {{text: string, reach: Change["reach"]}[]}
 */
export function changeLines(before, after, changes) {
  const [was, is] = [before.windows.length, after.windows.length];
  const said = changes.filter(isNoticed).map((change) => ({ text: changeText(change), reach: change.reach }));
  if (was === is) return said;
  const text = t(is === 1 ? "plan.change_look" : "plan.change_looks", { before: count(was), after: count(is) });
  return [{ text: text.charAt(0).toLocaleUpperCase() + text.slice(1), reach: is > was ? "wider" : "narrower" }, ...said];
}

/** @param {number} number */
const count = (number) => (number > 0 && number <= SMALL ? t(/** @type {Word} */ (`plan.count_${number}`)) : String(number));

/** @param {Change} change */
function changeText(change) {
  const { topic, before, after } = change;
  if (topic === "window_added") return t("plan.change_window_added", { window: windowText(after) });
  if (topic === "window_removed") return t("plan.change_window_removed", { window: windowText(before) });
  if (topic === "window_changed") {
    const word = isMoved(change) ? "plan.change_window_moved" : "plan.change_window_changed";
    return t(word, { before: windowText(before), after: windowText(after) });
  }
  if (topic === "move_minutes" && after === 0) return t("plan.change_may_not_move");
  if (topic === "move_minutes" && before === 0) return t("plan.change_may_move", { after });
  return t(/** @type {Word} */ (`plan.change_${topic}`), { before: valueText(topic, before), after: valueText(topic, after) });
}

/** @param {string} topic @param {any} value */
function valueText(topic, value) {
  if (topic === "roles" || topic === "rooms" || topic === "fallback") return listText(topic, value);
  if (topic === "review") return reviewDay(value);
  return String(value) || t("plan.nobody");
}

/** More or less in all. @param {Change[]} changes @returns {Word} */
export function effect(changes) {
  const [wider, narrower] = ["wider", "narrower"].map((reach) => changes.some((one) => one.reach === reach));
  if (wider) return narrower ? "plan.effect_mixed" : "plan.effect_wider";
  return narrower ? "plan.effect_narrower" : "plan.effect_same";
}
