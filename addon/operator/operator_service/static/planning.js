// A plan as a planner writes it: what is in each field, what is wrong with it, and the statement that it makes.
// Nothing here counts before it is accepted at home; the service, the bridge and the home check the same again.

import * as api from "./api.js";
import { MAX_DELEGATION_SECONDS, checkPlan, judgeHub } from "./chain.js";
import { minuteOf } from "./comparing.js";
import { PublicKey, sign } from "./jws.js";
import { Refused, day as readDay, text as readText } from "./strict.js";

/** @typedef {import("./comparing.js").Plan} Plan */
/** @typedef {import("./person.js").Person} Person */
/** @typedef {import("./i18n.js").Word} Word */
/** A window as it is written: `start` and `end` are whatever somebody has typed. @typedef {{id: string, start: string, end: string, days: number[]}} DraftWindow */
/**
 * All fields as they are written; numbers as text, so that nothing that is typed is lost.
 * @typedef {{unit: string, windows: DraftWindow[], look_seconds: string, grace_seconds: string, max_retries: string, retry_within_minutes: string,
 *   roles: string[], rooms: string[], fallback: string[], review: string, contact: string, keep_days: string, move_minutes: string}} Draft
 */
/** What is wrong, by field; of a window "0.start". @typedef {Map<string, {word: Word, parts: Record<string, string | number>}>} Faults */
/** `code`: why it is not to be believed, '' where it is. `by`: the planner's name, '' for the root. @typedef {{plan: Plan, by: string, code: string}} Shown */

export const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
/** Who may look; what else a plan names is kept. */
export const LOOKING = ["operator", "patrol"];
const MOST_WINDOWS = 24;
const HALF_A_YEAR = 182 * 86_400_000;
/** The least and the most of each number; the root's policy may say less. */
const NUMBERS = /** @type {const} */ ({
  look_seconds: [10, 120], grace_seconds: [0, 120], max_retries: [0, 3], retry_within_minutes: [0, 60], keep_days: [30, 3650], move_minutes: [0, 240],
});
/** @typedef {keyof typeof NUMBERS} NumberField */

/** The day at home. @param {number} now ms */
export const dayAtHome = (now) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Stockholm" }).format(now);

/** The least and the most that this number may be under the root's policy. @param {NumberField} name @param {Person["trust"]} trust */
export function limits(name, { policy }) {
  const [least, most] = NUMBERS[name];
  const allowed = name === "look_seconds" || name === "max_retries" ? policy[name] : most;
  return { least, most: Math.min(most, allowed) };
}

/** A first plan, with what is usual. @param {string[]} units @param {Person["trust"]} trust @param {number} now ms @returns {Draft} */
export function blank(units, trust, now) {
  const most = (/** @type {NumberField} */ name, /** @type {number} */ usual) => String(Math.min(usual, limits(name, trust).most));
  return {
    unit: units[0] ?? "", windows: [{ id: "titt-1", start: "", end: "", days: [...EVERY_DAY] }],
    look_seconds: most("look_seconds", 30), grace_seconds: "30", max_retries: most("max_retries", 1), retry_within_minutes: "20",
    roles: ["operator"], rooms: ["bedroom"], fallback: ["call_client", "visit"],
    review: dayAtHome(now + HALF_A_YEAR), contact: "", keep_days: "365", move_minutes: "0",
  };
}

/** What a plan says, to be changed. @param {Plan} plan @returns {Draft} */
export function draftOf(plan) {
  const { unit, roles, rooms, fallback, review, contact } = plan;
  const windows = plan.windows.map((one) => ({ ...one, days: [...one.days].sort() }));
  const numbers = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, String(plan[/** @type {NumberField} */ (name)])]));
  return /** @type {Draft} */ ({ unit, windows, ...numbers, roles: [...roles], rooms: [...rooms], fallback: [...fallback], review, contact });
}

/** A name that no window has or had: another name is another look. @param {{id: string}[]} taken */
export function freeId(taken) {
  const ids = new Set(taken.map(({ id }) => id));
  for (let at = 1; ; at += 1) if (!ids.has(`titt-${at}`)) return `titt-${at}`;
}

/** 'HH:MM' from what people write: 22, 2230, 22.30, 22:30; '' where it is no time. @param {string} written */
export function clockOf(written) {
  const found = /^([0-9]{1,2})(?:[:. ]?([0-9]{2}))?$/.exec(written.trim());
  if (found === null || Number(found[1]) > 23 || Number(found[2] ?? 0) > 59) return "";
  return `${String(found[1]).padStart(2, "0")}:${found[2] ?? "00"}`;
}

// ---- reading --------------------------------------------------------------------------------------------------------

/**
 * What is written as a plan without number and time; null with the faults where it cannot be.
 * @param {Draft} draft
 * @param {{units: string[], trust: Person["trust"], now: number}} known `units`: the planner's own; `now`: ms
 * @returns {{fields: Omit<Plan, "hub" | "number" | "iat"> | null, faults: Faults}}
 */
export function readDraft(draft, { units, trust, now }) {
  /** @type {Faults} */
  const faults = new Map();
  const wrong = (/** @type {string} */ name, /** @type {Word} */ word, parts = {}) => void faults.set(name, { word, parts });
  if (!units.includes(draft.unit)) wrong("unit", "plan.wrong_unit", { unit: draft.unit });
  const windows = readWindows(draft.windows, wrong);
  const number = (/** @type {NumberField} */ name) => {
    const { least, most } = limits(name, trust);
    const written = draft[name].trim();
    const value = /^[0-9]{1,5}$/.test(written) ? Number(written) : NaN;
    if (!(value >= least && value <= most)) wrong(name, "plan.wrong_number", { least, most });
    return value;
  };
  const some = (/** @type {"roles" | "rooms" | "fallback"} */ name, /** @type {Word} */ word) => {
    if (draft[name].length === 0) wrong(name, word);
    return draft[name];
  };
  const contact = draft.contact.trim().normalize("NFC");
  if (!holds(() => readText(0, 120)(contact))) wrong("contact", "plan.wrong_contact");
  if (!holds(() => readDay(draft.review))) wrong("review", "plan.wrong_day");
  else if (draft.review < dayAtHome(now)) wrong("review", "plan.past_day");
  const found = {
    unit: draft.unit, windows, look_seconds: number("look_seconds"), grace_seconds: number("grace_seconds"),
    retry_within_minutes: number("retry_within_minutes"), max_retries: number("max_retries"), roles: some("roles", "plan.wrong_roles"),
    fallback: some("fallback", "plan.wrong_fallback"), review: draft.review, rooms: some("rooms", "plan.wrong_rooms"), contact,
    keep_days: number("keep_days"), move_minutes: number("move_minutes"),
  };
  return { fields: faults.size > 0 ? null : /** @type {Omit<Plan, "hub" | "number" | "iat">} */ (found), faults };
}

/** @param {() => unknown} read */
function holds(read) {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {DraftWindow[]} written
 * @param {(name: string, word: Word, parts?: Record<string, string | number>) => void} wrong
 */
function readWindows(written, wrong) {
  if (written.length === 0 || written.length > MOST_WINDOWS) wrong("windows", "plan.wrong_windows", { most: MOST_WINDOWS });
  return written.map(({ id, start, end, days }, at) => {
    const [from, to] = [clockOf(start), clockOf(end)];
    if (from === "") wrong(`${at}.start`, "plan.wrong_time");
    if (to === "") wrong(`${at}.end`, "plan.wrong_time");
    else if (from === to) wrong(`${at}.end`, "plan.same_time");
    if (days.length === 0) wrong(`${at}.days`, "plan.wrong_days");
    return { id, start: from, end: to, days };
  });
}

/** Whether two of these windows are open at the same time on some day: allowed, and seldom meant. @param {{start: string, end: string, days: readonly number[]}[]} windows */
export function overlap(windows) {
  const spans = windows.flatMap(({ start, end, days }) => days.flatMap((day) => {
    const from = (day - 1) * 1440 + minuteOf(start);
    const to = from + ((minuteOf(end) - minuteOf(start) + 1440) % 1440);
    return [[from, to], [from + 7 * 1440, to + 7 * 1440]];
  }));
  const week = spans.map(([from = 0, to = 0]) => ({ from, to })).sort((one, two) => one.from - two.from);
  return week.some(({ from }, at) => at > 0 && from < Math.max(...week.slice(0, at).map(({ to }) => to)));
}

// ---- what is there, and what is signed --------------------------------------------------------------------------------

/**
 * A plan that the service shows, believed only as signed: by somebody who might when it was made. Whoever has been
 * revoked since, and what the root allows today, is another question: it has been agreed on.
 * @param {Person} person
 * @param {string} hub
 * @param {api.PlanRow} row
 * @returns {Promise<Shown>}
 */
export async function shown({ root }, hub, { token, chain }) {
  if (root === null) throw new Refused("unknown_signer");
  const policy = { number: 1, browser_keys: true, delegation_seconds: MAX_DELEGATION_SECONDS, look_seconds: 120, max_retries: 3, iat: 0 };
  const found = await checkPlan(root, { policy, revocations: null }, hub, token, chain);
  return { plan: found.plan, by: found.signer?.credential.name ?? "", code: "" };
}

/** Throws Refused unless it is the home that the label says. @param {Person} person @param {api.HomePlan} home */
export async function requireHome(person, { hub, key, label, certificate, chain }) {
  const known = await PublicKey.from(key);
  if (person.root === null || known.kid !== hub) throw new Refused("home_not_trusted");
  const made = await judgeHub(person.root, person.lenient(), certificate, chain, known, Math.floor(Date.now() / 1000));
  if (made.label !== label) throw new Refused("home_not_trusted");
}

/** @param {Person | null} person */
export const signsPlans = (person) => person?.standing === "ready" && (person.signer?.credential.roles.includes("planner") ?? false);

/** The units that this person may plan for. @param {Person | null} person @returns {string[]} */
export const unitsOf = (person) => person?.signer?.credential.units ?? person?.me.units ?? [];

/**
 * Sign it with the key of the shift and hand it over. Throws Refused, ApiError.
 * @param {Person} person
 * @param {api.HomePlan} home
 * @param {Omit<Plan, "hub" | "number" | "iat">} fields
 */
export async function propose(person, home, fields) {
  await person.hear(await api.trust());
  await requireHome(person, home);
  const { key, chain, root } = person;
  if (key === null || root === null) throw new Refused("delegation_expired");
  const iat = Math.floor(Date.now() / 1000);
  const { windows, look_seconds, grace_seconds, retry_within_minutes, max_retries, roles, fallback, review, ...rest } = fields;
  const { rooms, contact, keep_days, move_minutes } = rest;
  // The order of wire.py is what is signed.
  const plan = {
    hub: home.hub, number: (home.newest?.number ?? 0) + 1, unit: fields.unit,
    windows: windows.map(({ id, start, end, days }) => ({ id, start, end, days })), look_seconds, grace_seconds, retry_within_minutes,
    max_retries, roles, fallback, review, iat, rooms, contact, keep_days, move_minutes,
  };
  const token = await sign(key, "tk-plan", plan);
  await checkPlan(root, person.lenient(), home.hub, token, chain, iat);
  return api.proposePlan(token, chain);
}
