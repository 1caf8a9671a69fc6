// The signed statements, field by field, as in tillsyn/wire.py. Times are whole seconds since 1970 UTC except where a
// name ends in `_ms`. A hash is the base64url SHA-256 of the whole compact JWS it names.

import { CLOSE_REASONS, FALLBACKS, OUTCOMES, REFUSALS, ROLES, ROOMS } from "./codes.js";
import { bad, boolean, day, load, localTime, many, matching, oneOf, shape, text, whole } from "./strict.js";

const seconds = whole(1_600_000_000, 9_999_999_999);
const milliseconds = whole(1_600_000_000_000, 9_999_999_999_999);
const number = whole(1, 2 ** 31);
/** A SHA-256, a key thumbprint or a 32-byte key, base64url. */
export const hash = matching("[A-Za-z0-9_-]{43}");
/** 128 random bits, base64url, made here. */
export const lookId = matching("[A-Za-z0-9_-]{22}");
const name = text(1, 80);
const identifier = matching("[a-z0-9][a-z0-9_-]{0,31}");
const occurrence = matching("[a-z0-9][a-z0-9_-]{0,31}/[0-9]{4}-[0-9]{2}-[0-9]{2}");
const candidate = matching(
  "candidate:[A-Za-z0-9+/]{1,32} 1 (udp|UDP|tcp|TCP) [0-9]{1,10} [0-9A-Za-z.:-]{1,64} [0-9]{1,5}" +
    " typ (host|srflx|relay)" +
    "( raddr [0-9A-Za-z.:-]{1,64} rport [0-9]{1,5})?( tcptype (active|passive|so))?" +
    "( generation [0-9]{1,3})?( ufrag [A-Za-z0-9+/]{4,32})?( network-id [0-9]{1,4})?( network-cost [0-9]{1,5})?",
);

/** All that a peer tells about its end of the media path (RFC 8839, RFC 8122); each side writes its SDP from it. */
const connection = shape({
  fingerprint: matching("[0-9A-F]{2}(:[0-9A-F]{2}){31}"),
  ufrag: matching("[A-Za-z0-9+/]{4,32}"),
  password: matching("[A-Za-z0-9+/]{22,64}"),
  candidates: many(candidate, 1, 8),
  setup: oneOf(/** @type {const} */ (["actpass", "active", "passive"])),
});
/** @typedef {ReturnType<typeof connection>} Connection */

const windowShape = shape({ id: identifier, start: localTime, end: localTime, days: many(whole(1, 7), 1, 7) });

/** @param {unknown} value */
function agreedWindow(value) {
  const found = windowShape(value);
  if (found.start === found.end) throw bad("empty window");
  return found;
}

/**
 * A time that is not empty.
 * @template {{start: number, end: number}} T
 * @param {(value: unknown) => T} check
 */
function span(check) {
  return (/** @type {unknown} */ value) => {
    const found = check(value);
    if (found.end <= found.start) throw bad("empty time");
    return found;
  };
}

const host = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";
const passkeyShape = shape({
  id: matching("[A-Za-z0-9_-]{16,512}"),
  x: hash,
  y: hash,
  rp: matching(host),
  origin: matching(`https://${host}(:[0-9]{1,5})?|http://(localhost|127\\.0\\.0\\.1)(:[0-9]{1,5})?`),
});
/** @typedef {ReturnType<typeof passkeyShape>} Passkey */

/**
 * The one site whose assertions count: `rp` is the origin's host or what that ends with.
 * @param {unknown} value
 */
function passkey(value) {
  const found = passkeyShape(value);
  const site = found.origin.split("://")[1]?.split(":")[0] ?? "";
  if (site !== found.rp && !site.endsWith(`.${found.rp}`)) throw bad("rp of another site");
  return found;
}

const who = { name, roles: many(oneOf(ROLES), 1, 6), units: many(identifier, 1, 20), iat: seconds, exp: seconds };
const withKey = shape({ key: hash, ...who });
const withPasskey = shape({ ...who, passkey });

/**
 * Exactly one of `key` and `passkey`; `key` is '' where there is a passkey.
 * @param {unknown} value
 * @returns {ReturnType<typeof withKey> & {passkey?: Passkey}}
 */
function credential(value) {
  return value instanceof Map && value.has("passkey") ? { key: "", ...withPasskey(value) } : withKey(value);
}

export const NUMBERS_BEGIN = 1_600_000_000;
const listed = shape({ number, revoked: many(hash, 0, 350), iat: seconds });

/** @param {unknown} value */
function revocations(value) {
  const found = listed(value);
  if (found.number > found.iat - NUMBERS_BEGIN) throw bad("number ahead of its time");
  return found;
}

const certified = { key: hash, label: name, municipality: name, iat: seconds, exp: seconds };
const certificate = shape({ ...certified, policy: whole(0, 2 ** 31) });
const certificate2 = shape(certified);

/**
 * A certificate of protocol 2 does not say which policy is the first to be accepted.
 * @param {unknown} value
 */
function hubCertificate(value) {
  return value instanceof Map && !value.has("policy") ? { ...certificate2(value), policy: 0 } : certificate(value);
}

const delegation = shape({ credential: hash, key: hash, iat: seconds, exp: seconds });

/**
 * What a passkey signs; its token is no JWS (chain.js).
 * @param {Uint8Array} payload
 */
export const readDelegation = (payload) => delegation(load(payload, 512));

const SHAPES = {
  "tk-policy": shape({
    number,
    browser_keys: boolean,
    delegation_seconds: whole(60, 43_200),
    look_seconds: whole(10, 120),
    max_retries: whole(0, 3),
    iat: seconds,
  }),
  "tk-credential": credential,
  "tk-revocations": revocations,
  "tk-hubcert": hubCertificate,
  "tk-login": shape({ hub: hash, nonce: hash, iat: seconds }),
  "tk-plan": shape({
    hub: hash,
    number,
    unit: identifier,
    windows: many(agreedWindow, 1, 24),
    look_seconds: whole(10, 120),
    grace_seconds: whole(0, 120),
    retry_within_minutes: whole(0, 60),
    max_retries: whole(0, 3),
    roles: many(oneOf(ROLES), 1, 6),
    fallback: many(oneOf(FALLBACKS), 1, 3),
    review: day,
    iat: seconds,
    rooms: many(oneOf(ROOMS), 1, 5),
    contact: text(0, 120),
    keep_days: whole(30, 3650),
    move_minutes: whole(0, 240),
  }),
  "tk-plan-ack": shape({
    hub: hash, number, plan: hash, decision: oneOf(/** @type {const} */ (["accepted", "declined"])), iat: seconds,
  }),
  "tk-prepare": shape({ look: lookId, hub: hash, plan: number, occurrence, iat: seconds, exp: seconds }),
  "tk-offer": shape({ look: lookId, prepare: hash, challenge: hash, connection, iat: seconds }),
  "tk-answer": shape({ look: lookId, offer: hash, connection, iat: seconds }),
  "tk-look": shape({
    look: lookId, hub: hash, plan: number, occurrence, challenge: hash, offer: hash, answer: hash, iat: seconds, exp: seconds,
  }),
  "tk-opened": shape({ look: lookId, request: hash, opened_ms: milliseconds, seconds: whole(1, 120) }),
  "tk-refuse": shape({ look: lookId, request: hash, code: oneOf(REFUSALS), iat: seconds }),
  "tk-close": shape({ look: lookId, outcome: oneOf(OUTCOMES), iat: seconds }),
  "tk-receipt": shape({
    hub: hash,
    sequence: number,
    previous: hash,
    look: lookId,
    occurrence,
    operator: hash,
    name,
    opened_ms: milliseconds,
    closed_ms: milliseconds,
    reason: oneOf(CLOSE_REASONS),
  }),
  "tk-receipt-ack": shape({ look: lookId, receipt: hash, iat: seconds }),
  "tk-turn": shape({ look: lookId, room: oneOf(ROOMS), number: whole(1, 32), iat: seconds }),
  "tk-wishes": shape({
    hub: hash,
    skipped: many(occurrence, 0, 48),
    moved: many(span(shape({ occurrence, start: seconds, end: seconds })), 0, 48),
    away: many(span(shape({ start: seconds, end: seconds })), 0, 16),
    visits: many(shape({ id: lookId, at: seconds }), 0, 8),
    iat: seconds,
  }),
  "tk-sleep": shape({ hub: hash, night: day, rating: whole(1, 5), comment: text(0, 300), iat: seconds }),
  "tk-log": shape({
    hub: hash,
    first: whole(0, 2 ** 40),
    lines: whole(0, 2 ** 40),
    hash,
    receipts: whole(0, 2 ** 31),
    head: hash,
    iat: seconds,
  }),
  "tk-service-key": shape({ key: hash, iat: seconds, exp: seconds }),
  "tk-checkpoint": shape({ night: day, size: number, root: hash, iat: seconds }),
  "tk-console": shape({
    key: hash, files: many(shape({ path: matching("[A-Za-z0-9_-][A-Za-z0-9_./-]{0,79}"), hash }), 1, 200), iat: seconds,
  }),
};

/** @typedef {keyof typeof SHAPES} Typ */
/**
 * @template {Typ} T
 * @typedef {ReturnType<(typeof SHAPES)[T]>} Statement
 */

/** The names of all signed statements. */
export const TYPES = /** @type {Typ[]} */ (Object.keys(SHAPES));

const LIMITS = new Map([["tk-revocations", 17_000], ["tk-plan", 8192], ["tk-offer", 4096], ["tk-answer", 4096], ["tk-wishes", 8192], ["tk-console", 32_768]]);

/**
 * The largest payload of this statement in bytes.
 * @param {Typ} typ
 */
export const limit = (typ) => LIMITS.get(typ) ?? 2048;

/**
 * Read a payload strictly. Throws Refused("bad_message").
 * @template {Typ} T
 * @param {T} typ
 * @param {Uint8Array} payload
 * @returns {Statement<T>}
 */
export function read(typ, payload) {
  return /** @type {Statement<T>} */ (SHAPES[typ](load(payload, limit(typ))));
}

/**
 * The JSON that is signed; fields stand in the order given, as in wire.py.
 * @template {Typ} T
 * @param {T} typ
 * @param {Statement<T>} statement
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function write(typ, statement) {
  const payload = new TextEncoder().encode(JSON.stringify(statement));
  read(typ, payload);
  return payload;
}
