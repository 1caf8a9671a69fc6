// A home's certificate: judged as before a look, made for a hub that has proved its key, and made anew for one that has one.

import * as api from "./api.js";
import { hubCertificate, judgeHub } from "./chain.js";
import { PublicKey, parse, sign } from "./jws.js";
import { Refused } from "./strict.js";

/** @typedef {import("./person.js").Person} Person */
/** @typedef {import("./statements.js").Statement<"tk-hubcert">} HubCertificate */
/**
 * `code`: why it does not hold now, '' where it does. `made`: what it says, null where nobody ever might have signed it.
 * `signer`: the name of who did, '' for the root. `due`: time to make another.
 * @typedef {{home: api.Home, code: string, made: HubCertificate | null, signer: string, due: boolean}} Judged
 */

/** As `tillsyn-root pair` gives. */
const HUB_SECONDS = 5 * 365 * 86_400;
const SOON_SECONDS = 30 * 86_400;

const seconds = () => Math.floor(Date.now() / 1000);

/** Whether this person may certify hubs. @param {Person | null} person */
export const certifiesHomes = (person) =>
  person?.standing === "ready" && (person.signer?.credential.roles.some((role) => role === "installer" || role === "planner") ?? false);

/**
 * Sign for a hub's key, for five years. Throws Refused.
 * @param {Person} person
 * @param {{key: string, label: string, municipality: string}} hub
 * @param {number} least smallest number of a policy that the hub accepts
 */
export async function certificate(person, { key, label, municipality }, least) {
  if (person.key === null) throw new Refused("delegation_expired");
  const iat = seconds();
  const policy = Math.max(least, person.trust.policy.number);
  return sign(person.key, "tk-hubcert", { key, label, municipality, iat, exp: iat + HUB_SECONDS, policy });
}

/** @param {Person} person @param {api.Home} home @returns {Promise<Judged>} */
export async function judge(person, home) {
  const { root } = person;
  const now = seconds();
  /** @type {Judged} */
  const found = { home, code: "", made: null, signer: "", due: false };
  try {
    const key = await PublicKey.from(home.key);
    if (root === null || key.kid !== home.hub) throw new Refused("wrong_hub");
    const { iat } = (await parse("tk-hubcert", home.certificate)).unchecked;
    found.made = await hubCertificate(root, null, home.certificate, home.chain, key, iat);
    const credential = home.chain.findLast((token) => !token.startsWith("tk-delegation."));
    if (credential !== undefined) found.signer = (await parse("tk-credential", credential)).unchecked.name;
    await judgeHub(root, person.lenient(), home.certificate, home.chain, key, now);
  } catch (error) {
    found.code = error instanceof Refused ? error.code : "bad_message";
  }
  found.due = found.made !== null && !isRevoked(person, home) && (found.code !== "" || found.made.exp - now < SOON_SECONDS);
  return found;
}

/** Whether the hub's own key is in the list: it is not to be certified again. @param {Person} person @param {api.Home} home */
export const isRevoked = (person, home) => person.trust.revocations?.revoked.includes(home.hub) ?? false;

/**
 * Another certificate for the same hub, saying what the one before says. What the service says of it does not count.
 * Throws Refused, ApiError.
 * @param {Person} person
 * @param {Judged} judged
 */
export async function renew(person, { made }) {
  if (made === null) throw new Refused("home_not_trusted");
  await api.certifyHome(await certificate(person, made, made.policy ?? 0), person.chain);
}

/**
 * The hub that has taken the place of this one, as whoever paired it said, where there is one.
 * @param {Judged} old
 * @param {Judged[]} all
 */
export const replacement = ({ home }, all) =>
  all.find((one) => one.home.replaces === home.hub && one.code === "");

/**
 * The hub that has this label now, where there is one: a new one takes its place, or is called something else.
 * @param {Person} person
 * @param {api.Home[]} homes
 * @param {string} label
 */
export function named(person, homes, label) {
  const same = homes.filter((one) => !one.left && one.label.toLowerCase() === label.toLowerCase() && !homes.some(({ replaces }) => replaces === one.hub));
  const latest = same.sort((one, two) => two.paired - one.paired);
  return latest.find((one) => !isRevoked(person, one)) ?? latest[0] ?? null;
}
