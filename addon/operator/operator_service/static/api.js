// The service's HTTP interface. Nothing here is believed: what opens a camera is signed and checked elsewhere.

import { address, credentials } from "./service.js";
import { Refused } from "./strict.js";

/** @typedef {{login: string, name: string, roles: string[], units: string[], language: string, municipality: string}} Me */
/** @typedef {{number: number, look_seconds: number, grace_seconds: number, retry_within_minutes: number, max_retries: number, roles: string[],
 *   rooms: import("./session.js").Room[]}} RowPlan */
/**
 * One window occurrence of one home in the queue; times in seconds since 1970 UTC.
 * @typedef {{hub: string, occurrence: string, label: string, unit: string, start: number, end: number, deadline: number,
 *   state: string, cause: string, plan: RowPlan, hub_key: string, hub_certificate: string, hub_chain: string[], online: boolean, ready: boolean,
 *   paused: boolean, problem: string, claimed_by: string, mine: boolean, retry_at: number | null, looks: number, look: string,
 *   fallback: string[], contact: string, wish: "" | "skipped" | "moved" | "away", away: number | null, visit: string | number | null}} QueueRow
 */
/**
 * @typedef {{id: string | number, hub: string, label: string, unit: string, occurrence: string, cause: string, fallback: string[],
 *   contact: string, created: number, state: string, by: string, acknowledged: number | null, arrived: number | null,
 *   finished: number | null, result: string, how: string, note: string}} Visit
 */
/**
 * @typedef {{id: number, at: number, event: string, login: string, name: string, hub: string, label: string, occurrence: string,
 *   look: string, code: string}} LogEntry
 */
/**
 * @typedef {{date: string, planned: number, seen: number, visited: number, paused: number, declined: number, open: number,
 *   missed: number, receipts_missing: number, chain_gaps: number, adds_up: boolean, red: boolean}} Night
 */
/** @typedef {{night: string, rating: number, comment: string}} SleepNight */
/** @typedef {{first: string, last: string, homes: {label: string, nights: SleepNight[]}[]}} Sleep */
/** @typedef {{urls: string[], username: string, credential: string}} Ice */
/** @typedef {{status: string, chain: string[] | null, root: string | null}} Browser */
/** @typedef {{policy: string | null, revocations: {token: string, chain: string[]} | null}} Will tokens, not yet believed */
/** @typedef {{kid: string, id: string, status: "waiting" | "certified", chain: string[]}} MyPasskey */
/**
 * One key of a person, as administrators see it. `key` (of a browser) or `passkey` is what a credential names.
 * @typedef {{kid: string, kind: "passkey" | "browser", key: string, passkey: import("./statements.js").Passkey | null,
 *   state: "waiting" | "certified" | "expired" | "revoked", asked: number, expires: number | null, chain: string[]}} PersonKey
 */
/** @typedef {{login: string, name: string, roles: string[], units: string[], keys: PersonKey[]}} Person */
/** @typedef {{now: number, units: string[], people: Person[]}} People */

/**
 * What the hub that holds a pairing code has sent: its key and its proof.
 * @typedef {{state: "waiting" | "asked" | "certified", key: string, mac: string, expires: number}} Asked
 */
/**
 * A paired home. Whether its certificate holds is judged here, see homes.js.
 * @typedef {{hub: string, key: string, label: string, unit: string, paired: number, paired_by: string, certificate: string,
 *   chain: string[], online: boolean, seen: number | null, plan: number, replaces: string, left: boolean}} Home
 */
/**
 * A plan of a home. `state`: waiting | sent | accepted | declined | replaced | ended | lost (the home no longer has it); `fault`: why
 * the home would refuse it if it came now.
 * @typedef {{token: string, chain: string[], number: number, proposed: number, sent: number, decided: number, state: string,
 *   fault: string}} PlanRow
 */
/** @typedef {{hub: string, label: string, unit: string, online: boolean, number: number, state: string, fault: string}} PlannedHome */
/**
 * A home and its plans; `stamp` names this state of things.
 * @typedef {{now: number, hub: string, key: string, label: string, certificate: string, chain: string[], online: boolean, ready: boolean,
 *   seen: number | null, stamp: string, newest: PlanRow | null, in_force: PlanRow | null}} HomePlan
 */

/** The service said no, or could not be reached ("unreachable"). */
export class ApiError extends Error {
  /**
   * @param {number} status 0 when there was no answer
   * @param {string} code
   */
  constructor(status, code) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** The code to put into words. @param {unknown} error */
export function codeOf(error) {
  return error instanceof ApiError || error instanceof Refused ? error.code : "internal_error";
}

const PATIENCE_MS = 10_000;
const WAIT_SECONDS = 25;

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {RequestInit} [more]
 * @returns {Promise<unknown>}
 */
async function call(method, path, body, more) {
  /** @type {RequestInit} */
  const options = { method, signal: AbortSignal.timeout(PATIENCE_MS), credentials, redirect: "error", ...more };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  let response;
  try {
    response = await fetch(address(path), options);
  } catch {
    throw new ApiError(0, "unreachable");
  }
  const found = await response.json().catch(() => null);
  if (response.ok && found !== null) return found;
  const code = typeof found?.error === "string" ? found.error : "internal_error";
  throw new ApiError(response.status, code);
}

/** @template T @param {string} path @returns {Promise<T>} */
const get = async (path) => /** @type {T} */ (await call("GET", path));
/** @template T @param {string} path @param {unknown} [body] @returns {Promise<T>} */
const post = async (path, body = {}) => /** @type {T} */ (await call("POST", path, body));

/** @param {string} login @param {string} password @returns {Promise<Me>} */
export const login = (login, password) => post("/api/login", { login, password });
/** @returns {Promise<unknown>} */
export const logout = () => post("/api/logout");
/** @returns {Promise<Me>} */
export const me = () => get("/api/me");
/** @returns {Promise<Ice>} */
export const ice = () => get("/api/ice");
/** @param {string} key @returns {Promise<Browser>} */
export const browser = (key) => post("/api/browser", { key });
/** @returns {Promise<Will & {root: string | null, municipality: string}>} */
export const trust = () => get("/api/trust");
/** @returns {Promise<{passkeys: MyPasskey[]}>} */
export const passkeys = () => get("/api/passkeys");
/** @param {import("./statements.js").Passkey} passkey @returns {Promise<{kid: string, status: string}>} */
export const addPasskey = (passkey) => post("/api/passkey", passkey);
/** @returns {Promise<People>} */
export const people = () => get("/api/people");
/** @param {string} token @param {string[]} chain @returns {Promise<{login: string}>} */
export const certify = (token, chain) => post("/api/people/credential", { token, chain });
/** @param {string} login @returns {Promise<unknown>} */
export const removePerson = (login) => post("/api/people/remove", { login });
/** @param {string} token @param {string[]} chain @returns {Promise<{number: number}>} */
export const revocations = (token, chain) => post("/api/trust/revocations", { token, chain });
/** @param {string} token @returns {Promise<{number: number}>} */
export const policy = (token) => post("/api/trust/policy", { token });
/** @returns {Promise<{open: boolean, people: boolean}>} */
export const setup = () => get("/api/setup");
/** @param {string} code @returns {Promise<{units: string[]}>} */
export const setupCode = (code) => post("/api/setup/code", { code });
/** @param {Record<string, string>} made @returns {Promise<unknown>} */
export const finishSetup = (made) => post("/api/setup", made);
/** @param {"claim" | "release" | "visit"} act @param {{hub: string, occurrence: string}} row @returns {Promise<QueueRow>} */
export const queue = (act, { hub, occurrence }) => post(`/api/queue/${act}`, { hub, occurrence });
/** @param {Visit["id"]} id @returns {Promise<Visit>} */
export const acknowledge = (id) => post(`/api/visits/${encodeURIComponent(id)}/acknowledge`);
/** @param {Visit["id"]} id @returns {Promise<Visit>} */
export const arrive = (id) => post(`/api/visits/${encodeURIComponent(id)}/arrive`);
/** @param {Visit["id"]} id @param {{result: string, how: string, note: string}} done @returns {Promise<Visit>} */
export const finish = (id, done) => post(`/api/visits/${encodeURIComponent(id)}/finish`, done);
/** @param {number} [before] @returns {Promise<{entries: LogEntry[], more: boolean}>} */
export const log = (before) => get(`/api/log?limit=60${before === undefined ? "" : `&before=${before}`}`);
/** @returns {Promise<Sleep>} */
export const sleep = () => get("/api/sleep");
/** @returns {Promise<Night>} */
export const night = () => get("/api/night");
/** @returns {Promise<{hub_url: string}>} */
export const pairingAddress = () => get("/api/pairing");
/**
 * @param {string} rendezvous @param {string} label @param {string} replaces a hub, or ''
 * @returns {Promise<{now: number, expires: number}>}
 */
export const startPairing = (rendezvous, label, replaces) => post("/api/pairing", { rendezvous, label, replaces });
/**
 * Answers when a hub has asked, or after a while.
 * @param {string} rendezvous
 * @param {AbortSignal} signal
 */
export const pairing = async (rendezvous, signal) => {
  const patient = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS + WAIT_SECONDS * 1000)]);
  return /** @type {Asked} */ (await call("GET", `/api/pairing/${rendezvous}?wait=${WAIT_SECONDS}`, undefined, { signal: patient }));
};
/** @param {string} rendezvous @returns {Promise<unknown>} */
export const refusePairing = (rendezvous) => post(`/api/pairing/${rendezvous}/refuse`);
/** Gets there also from a page that is being left. @param {string} rendezvous @returns {Promise<unknown>} */
export const endPairing = (rendezvous) => call("POST", `/api/pairing/${rendezvous}/end`, {}, { keepalive: true });
/** @param {string} rendezvous @param {string} token @param {string[]} chain @returns {Promise<{hub: string}>} */
export const certifyPairing = (rendezvous, token, chain) => post(`/api/pairing/${rendezvous}/certify`, { token, chain });
/** @returns {Promise<{now: number, homes: Home[]}>} */
export const homes = () => get("/api/homes");
/** @param {string} token @param {string[]} chain @returns {Promise<{hub: string}>} */
export const certifyHome = (token, chain) => post("/api/homes/certify", { token, chain });
/** @param {string} hub @returns {Promise<unknown>} */
export const leaveHome = (hub) => post("/api/homes/left", { hub });
/** @returns {Promise<{homes: PlannedHome[]}>} */
export const plans = () => get("/api/plans");
/** @param {string} hub @returns {Promise<HomePlan>} */
export const plan = (hub) => get(`/api/plans/${encodeURIComponent(hub)}`);
/**
 * Answers when it is otherwise than `stamp`, or after a while.
 * @param {string} hub
 * @param {string} stamp
 * @param {AbortSignal} signal
 */
export const planAfter = async (hub, stamp, signal) => {
  const patient = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS + WAIT_SECONDS * 1000)]);
  const asked = new URLSearchParams({ after: stamp, wait: String(WAIT_SECONDS) });
  return /** @type {HomePlan} */ (await call("GET", `/api/plans/${encodeURIComponent(hub)}?${asked}`, undefined, { signal: patient }));
};
/** @param {string} token @param {string[]} chain @returns {Promise<{number: number}>} */
export const proposePlan = (token, chain) => post("/api/plans", { token, chain });
