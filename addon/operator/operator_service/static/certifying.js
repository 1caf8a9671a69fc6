// A person's key is certified: by an administrator in their shift, or by the root key while it is open here.

import * as api from "./api.js";
import { sign } from "./jws.js";

/** @typedef {import("./api.js").PersonKey} PersonKey */
/** @typedef {import("./key.js").SessionKey} SessionKey */
/** @typedef {import("./statements.js").Statement<"tk-credential">} Credential */
/** What the administrator has chosen. @typedef {{name: string, roles: string[], units: string[], days: number}} Choice */
/** Who signs: the key, and who vouches for it (nobody, for the root). @typedef {{key: SessionKey, chain: string[]}} Certifier */

export const MAX_DAYS = 90;
const DAY = 86400;

/**
 * The statement that names this key; fields stand as in wire_people.py.
 * @param {Pick<PersonKey, "key" | "passkey">} key
 * @param {Choice} choice
 * @param {number} now seconds
 * @returns {Credential}
 */
export function credentialFor(key, { name, roles, units, days }, now) {
  const who = { name, roles, units, iat: now, exp: now + Math.min(days, MAX_DAYS) * DAY };
  const { passkey } = key;
  if (passkey === null) return /** @type {Credential} */ ({ key: key.key, ...who });
  const { id, x, y, rp, origin } = passkey;
  return /** @type {Credential} */ (/** @type {unknown} */ ({ ...who, passkey: { id, x, y, rp, origin } }));
}

/**
 * Sign it and let the service know. Throws Refused, ApiError.
 * @param {Certifier} certifier
 * @param {PersonKey} key
 * @param {Choice} choice
 */
export async function certify(certifier, key, choice) {
  const token = await sign(certifier.key, "tk-credential", credentialFor(key, choice, Math.floor(Date.now() / 1000)));
  return api.certify(token, certifier.chain);
}
