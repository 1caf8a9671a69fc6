// The list of revoked keys: made longer by an administrator, and signed again while one is here, since no home lets
// anybody look on a list that is older than a day.

import * as api from "./api.js";
import { sign } from "./jws.js";
import { listAge } from "./person.js";
import { Refused } from "./strict.js";

/** @typedef {import("./person.js").Person} Person */

/** An administrator's console signs the list again when it is older than this, s. */
export const RENEW_SECONDS = 6 * 3600;
/** From here on everybody is told. */
export const WARN_SECONDS = 18 * 3600;
const MOST = 350;
const PAUSE_MS = 60_000;
let tried = -PAUSE_MS;

const seconds = () => Math.floor(Date.now() / 1000);

/** Whether this person's signature makes a list. @param {Person | null} person */
export const makesLists = (person) => person?.standing === "ready" && (person.signer?.credential.roles.includes("admin") ?? false);

/**
 * The next list, with these keys too.
 * @param {import("./statements.js").Statement<"tk-revocations"> | null} before
 * @param {readonly string[]} kids
 * @param {number} now seconds
 */
export function nextList(before, kids, now) {
  const revoked = [...new Set([...(before?.revoked ?? []), ...kids])];
  if (revoked.length > MOST) throw new Refused("list_full");
  return { number: (before?.number ?? 0) + 1, revoked, iat: now };
}

/**
 * Revoke these keys: homes hear of it at once. Throws Refused, ApiError.
 * @param {Person} person who knows the list that there is
 * @param {readonly string[]} kids
 * @param {import("./certifying.js").Certifier} [by] who signs, else the person
 */
export async function revoke(person, kids, by) {
  const key = by?.key ?? person.key;
  if (key === null) throw new Refused("unknown_signer");
  await person.hear(await api.trust()); // another administrator may have made one meanwhile
  const told = nextList(person.trust.revocations, [...person.revoked, ...kids], seconds());
  await api.revocations(await sign(key, "tk-revocations", told), by?.chain ?? person.chain);
  await person.hear(await api.trust());
}

/** Sign the list again where it is time to. @param {Person | null} person */
export async function keepFresh(person) {
  if (person === null || !makesLists(person) || !person.hasPolicy) return;
  const age = listAge(person.trust, seconds());
  if ((age !== null && age < RENEW_SECONDS) || performance.now() - tried < PAUSE_MS) return;
  tried = performance.now();
  await revoke(person, []);
}
