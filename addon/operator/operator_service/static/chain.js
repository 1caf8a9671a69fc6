// The chain from the municipality's root to the person who signs, as in tillsyn/chain.py: root > administrator > person
// > session key. The home checks it again and decides; here it says early what is wrong.

import { PublicKey, b64uDecode, parse } from "./jws.js";
import { checkAssertion, passkeyThumbprint } from "./passkey.js";
import { NUMBERS_BEGIN, readDelegation } from "./statements.js";
import { Refused, bad } from "./strict.js";

/** @typedef {import("./statements.js").Passkey} Passkey */
/**
 * @template {import("./statements.js").Typ} T
 * @typedef {import("./statements.js").Statement<T>} Statement
 */
/**
 * What is known of the root's will: its policy, and the newest list of revoked keys.
 * @typedef {{policy: Statement<"tk-policy">, revocations: Statement<"tk-revocations"> | null}} Trust
 */
/** @typedef {Awaited<ReturnType<typeof parseDelegation>>} ParsedDelegation */
/**
 * One person in the chain: the credential, and where it names a passkey, that and its delegation.
 * @typedef {{credential: import("./jws.js").Parsed<"tk-credential">, session: [Passkey, ParsedDelegation] | null}} Link
 */
/**
 * `kid` names the person: their passkey, or their browser's key. `kids`: every key that this rests on.
 * @typedef {{credential: Statement<"tk-credential">, key: PublicKey, kid: string, kids: string[]}} Signer
 */

const MAX_SKEW = 120;
const MAX_CREDENTIAL_SECONDS = 90 * 86400;
export const MAX_DELEGATION_SECONDS = 43_200;
const PLAN_SECONDS = 30 * 86400;
const DELEGATION_LIMIT = 4096;
const LONGEST = 4;

/**
 * What holds until the root has said otherwise.
 * @type {Trust}
 */
export const STRICTEST = {
  policy: {
    number: 0, browser_keys: false, delegation_seconds: MAX_DELEGATION_SECONDS, look_seconds: 60, max_retries: 1, iat: 0,
  },
  revocations: null,
};

/**
 * Read 'tk-delegation.' and four parts in base64url; not yet to be believed. Throws Refused("bad_message").
 * @param {string} token
 */
export function parseDelegation(token) {
  const [typ, ...rest] = token.split(".");
  if (token.length > DELEGATION_LIMIT || rest.length !== 4 || typ !== "tk-delegation") throw bad("delegation");
  const [signed, authenticator, client, signature] = /** @type {[string, string, string, string]} */ (rest);
  const assertion = {
    authenticator: b64uDecode(authenticator), client: b64uDecode(client), signature: b64uDecode(signature),
  };
  const raw = b64uDecode(signed);
  return { statement: readDelegation(raw), signed: raw, assertion };
}

/**
 * @param {string[]} chain oldest first
 * @returns {Promise<Link[]>}
 */
async function links(chain) {
  /** @type {Link[]} */
  const found = [];
  for (let at = 0; at < chain.length; at += 1) {
    const credential = await parse("tk-credential", /** @type {string} */ (chain[at]));
    const passkey = credential.unchecked.passkey;
    if (passkey !== undefined) at += 1;
    found.push({ credential, session: passkey === undefined ? null : [passkey, parseDelegation(chain[at] ?? "")] });
  }
  return found;
}

/**
 * @param {Statement<"tk-credential">} credential
 * @param {number} at
 */
function checkTime(credential, at) {
  if (credential.iat > at + MAX_SKEW || at >= credential.exp) throw new Refused("credential_expired");
  if (credential.exp - credential.iat > MAX_CREDENTIAL_SECONDS) throw new Refused("credential_expired", "validity too long");
}

/**
 * The session key that this passkey has certified for its shift.
 * @param {[Passkey, ParsedDelegation]} session
 * @param {string} credential hash of the one that names the passkey
 * @param {Statement<"tk-policy">} policy
 * @param {number} at
 */
async function sessionKey([passkey, parsed], credential, policy, at) {
  await checkAssertion(passkey, parsed.signed, parsed.assertion);
  const { statement } = parsed;
  if (statement.credential !== credential) throw new Refused("unknown_signer", "delegation of another credential");
  const longest = Math.min(policy.delegation_seconds, MAX_DELEGATION_SECONDS);
  if (statement.iat > at + MAX_SKEW || at >= statement.exp || statement.exp - statement.iat > longest) {
    throw new Refused("delegation_expired");
  }
  return PublicKey.from(statement.key);
}

/**
 * @param {Link} link
 * @param {PublicKey} issuer
 * @param {Trust} trust
 * @param {number} at
 * @param {boolean} anyKey also a browser key that the policy forbids
 * @returns {Promise<Signer>}
 */
async function vouched(link, issuer, trust, at, anyKey) {
  const credential = await link.credential.verified(issuer);
  checkTime(credential, at);
  let key;
  let kid;
  if (link.session !== null) {
    key = await sessionKey(link.session, link.credential.hash, trust.policy, at);
    kid = await passkeyThumbprint(link.session[0]);
  } else {
    if (!trust.policy.browser_keys && !anyKey) throw new Refused("browser_key_not_allowed");
    key = await PublicKey.from(credential.key);
    kid = key.kid;
  }
  const revoked = trust.revocations?.revoked ?? [];
  if (revoked.includes(kid) || revoked.includes(key.kid)) throw new Refused("revoked");
  return { credential, key, kid, kids: [...new Set([kid, key.kid])] };
}

/**
 * The person at the end of `chain`, and the key that signs for them. Throws Refused as chain.signer does.
 * @param {PublicKey} root
 * @param {Trust} trust
 * @param {string[]} chain oldest first
 * @param {number} now seconds
 * @param {boolean} [anyKey]
 * @returns {Promise<Signer>}
 */
export async function signer(root, trust, chain, now, anyKey = false) {
  const found = chain.length <= LONGEST ? await links(chain) : [];
  const [first, second] = found;
  if (first === undefined || found.length > 2) throw new Refused("unknown_signer", "chain length");
  if (second === undefined) return vouched(first, root, trust, now, anyKey);
  const admin = await vouched(first, root, trust, second.credential.unchecked.iat, anyKey);
  const person = await vouched(second, admin.key, trust, now, anyKey);
  if (!admin.credential.roles.includes("admin") || person.credential.roles.includes("admin")) throw new Refused("role_not_allowed");
  const units = person.credential.units;
  if (!units.every((unit) => admin.credential.units.includes(unit))) throw new Refused("unit_not_allowed");
  return { ...person, kids: [...new Set([...person.kids, ...admin.kids])] };
}

/**
 * A newer tk-policy of the root. Throws Refused as chain.check_policy does.
 * @param {PublicKey} root
 * @param {Trust} trust
 * @param {string} token
 * @param {number} now seconds
 */
export async function checkPolicy(root, trust, token, now) {
  const policy = await (await parse("tk-policy", token)).verified(root);
  if (policy.iat > now + MAX_SKEW) throw new Refused("clock_skew");
  if (policy.number <= trust.policy.number) throw new Refused("replayed");
  return policy;
}

/**
 * A newer tk-revocations, by the root (empty chain) or an administrator. Throws Refused as chain.check_revocations does.
 * @param {PublicKey} root
 * @param {Trust} trust
 * @param {string} token
 * @param {string[]} chain
 * @param {number} now seconds
 */
export async function checkRevocations(root, trust, token, chain, now) {
  const parsed = await parse("tk-revocations", token);
  const made = parsed.unchecked;
  if (made.iat > now + MAX_SKEW) throw new Refused("clock_skew");
  let key = root;
  if (chain.length > 0) {
    const who = await signer(root, trust, chain, made.iat, true);
    if (!who.credential.roles.includes("admin")) throw new Refused("role_not_allowed");
    key = who.key;
  }
  await parsed.verified(key);
  if (trust.revocations !== null && made.number <= trust.revocations.number) throw new Refused("replayed");
  return made;
}

/**
 * The certificate for this very hub key, by the root (empty chain) or an installer or planner. Throws Refused as
 * chain.hub_certificate does. Without `trust` it is only asked who might sign when it was made.
 * @param {PublicKey} root
 * @param {Trust | null} trust
 * @param {string} token
 * @param {string[]} chain
 * @param {PublicKey} hubKey
 * @param {number} now seconds
 * @returns {Promise<Statement<"tk-hubcert">>}
 */
export async function hubCertificate(root, trust, token, chain, hubKey, now) {
  const parsed = await parse("tk-hubcert", token);
  let key = root;
  if (chain.length > 0) {
    const who = await signer(root, trust ?? STRICTEST, chain, parsed.unchecked.iat, trust === null);
    if (!who.credential.roles.some((role) => role === "installer" || role === "planner")) throw new Refused("role_not_allowed");
    key = who.key;
  }
  const certificate = await parsed.verified(key);
  if (certificate.key !== hubKey.x) throw new Refused("wrong_hub");
  if (now >= certificate.exp) throw new Refused("credential_expired");
  return certificate;
}

/**
 * A plan for this hub, by the root (empty chain) or a planner who was one when it was made. Throws Refused as
 * admission.check_plan does; whether its number is newer, and the list new enough, is for the home.
 * @param {PublicKey} root
 * @param {Trust} trust
 * @param {string} hub
 * @param {string} token
 * @param {string[]} chain
 * @param {number} [now] seconds; when it was made, if left out: however old it is
 * @returns {Promise<{plan: Statement<"tk-plan">, signer: Signer | null}>} `signer`: null for the root
 */
export async function checkPlan(root, trust, hub, token, chain, now) {
  const parsed = await parse("tk-plan", token);
  const who = chain.length === 0 ? null : await planner(root, trust, parsed.unchecked, chain, now ?? parsed.unchecked.iat);
  const plan = await parsed.verified(who?.key ?? root);
  if (plan.hub !== hub) throw new Refused("wrong_hub");
  if (plan.look_seconds > trust.policy.look_seconds || plan.max_retries > trust.policy.max_retries) throw new Refused("policy");
  return { plan, signer: who };
}

/**
 * @param {PublicKey} root
 * @param {Trust} trust
 * @param {Statement<"tk-plan">} made
 * @param {string[]} chain
 * @param {number} now
 */
async function planner(root, trust, made, chain, now) {
  if (made.iat > now + MAX_SKEW) throw new Refused("clock_skew");
  if (made.iat < now - PLAN_SECONDS) throw new Refused("expired", "plan");
  if (made.number > made.iat - NUMBERS_BEGIN) throw bad("number ahead of its time");
  const who = await signer(root, trust, chain, made.iat);
  if (!who.credential.roles.includes("planner")) throw new Refused("role_not_allowed");
  if (!who.credential.units.includes(made.unit)) throw new Refused("unit_not_allowed");
  return who;
}

/**
 * By which a hub is known now; its own key may be revoked too. Throws Refused.
 * @param {PublicKey} root
 * @param {Trust} trust
 * @param {string} token
 * @param {string[]} chain
 * @param {PublicKey} hubKey
 * @param {number} now seconds
 */
export async function judgeHub(root, trust, token, chain, hubKey, now) {
  if (trust.revocations?.revoked.includes(hubKey.kid)) throw new Refused("revoked");
  return hubCertificate(root, trust, token, chain, hubKey, now);
}
