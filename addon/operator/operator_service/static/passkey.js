// WebAuthn assertions as signatures by a person's passkey, as in tillsyn/passkey.py: ES256, one origin, user presence
// and verification, and a challenge that is the SHA-256 of what is signed.

import { b64uDecode, b64uEncode, digest } from "./jws.js";
import { Refused, bad, load } from "./strict.js";

/** @typedef {import("./statements.js").Passkey} Passkey */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {{authenticator: Bytes, client: Bytes, signature: Bytes}} Assertion */

const CLIENT_LIMIT = 1024;
const AUTHENTICATOR_LIMIT = 256;
const SIGNATURE_LIMIT = 72;
/** Length of authenticator data without extensions. */
const PLAIN = 37;
const PRESENT = 0x01;
const VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKED_UP = 0x10;
const ATTESTED = 0x40;
const EXTENDED = 0x80;

/** @param {Bytes} raw */
const sha256 = async (raw) => new Uint8Array(await crypto.subtle.digest("SHA-256", raw));

/**
 * The `kid` of a passkey (RFC 7638).
 * @param {Passkey} passkey
 */
export const passkeyThumbprint = (passkey) => digest(`{"crv":"P-256","kty":"EC","x":"${passkey.x}","y":"${passkey.y}"}`);

/**
 * Throws Refused("bad_message" or "bad_signature") unless this passkey has signed `signed` at its own site.
 * @param {Passkey} passkey
 * @param {Bytes} signed
 * @param {Assertion} assertion
 */
export async function checkAssertion(passkey, signed, assertion) {
  await checkAuthenticator(passkey, assertion.authenticator);
  await checkClient(passkey, signed, assertion.client);
  if (assertion.signature.length > SIGNATURE_LIMIT) throw bad("signature length");
  const key = await publicKey(passkey);
  const message = new Uint8Array([...assertion.authenticator, ...(await sha256(assertion.client))]);
  const holds = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, plainSignature(assertion.signature), message);
  if (!holds) throw new Refused("bad_signature");
}

/** @param {Passkey} passkey */
async function publicKey(passkey) {
  for (const part of [passkey.x, passkey.y]) b64uDecode(part);
  const jwk = { kty: "EC", crv: "P-256", x: passkey.x, y: passkey.y };
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]).catch(() => null);
  if (key === null) throw bad("point not on the curve");
  return key;
}

/**
 * @param {Passkey} passkey
 * @param {Bytes} data
 */
async function checkAuthenticator(passkey, data) {
  if (data.length < PLAIN || data.length > AUTHENTICATOR_LIMIT) throw bad("authenticator data length");
  const flags = /** @type {number} */ (data[32]);
  if ((flags & ATTESTED) !== 0 || ((flags & EXTENDED) !== 0) !== data.length > PLAIN) throw bad("authenticator data parts");
  if ((flags & BACKED_UP) !== 0 && (flags & BACKUP_ELIGIBLE) === 0) throw bad("authenticator data backup");
  if (b64uEncode(data.slice(0, 32)) !== (await digest(passkey.rp))) throw new Refused("bad_signature", "another rp");
  if ((flags & PRESENT) === 0 || (flags & VERIFIED) === 0) throw new Refused("bad_signature", "user not verified");
}

/**
 * Members that are not named here are left alone, here and nowhere else: browsers add what they like.
 * @param {Passkey} passkey
 * @param {Bytes} signed
 * @param {Bytes} data
 */
async function checkClient(passkey, signed, data) {
  const client = load(data, CLIENT_LIMIT);
  if (client.get("type") !== "webauthn.get") throw bad("client data type");
  if (client.has("crossOrigin") && client.get("crossOrigin") !== false) throw new Refused("bad_signature", "within another site");
  if (client.get("origin") !== passkey.origin) throw new Refused("bad_signature", "another origin");
  if (client.get("challenge") !== (await digest(signed))) throw new Refused("bad_signature", "another challenge");
}

/**
 * An ECDSA signature in DER as the two numbers, 32 bytes each, that WebCrypto asks for. What is not the one DER of two
 * such numbers is no signature.
 * @param {Bytes} der
 */
function plainSignature(der) {
  const plain = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    const number = der.slice(at + 2, at + 2 + length);
    const [first = 0x80, second = 0x80] = number;
    if (der[at] !== 0x02 || number.length !== length || first > 0x7f) throw new Refused("bad_signature", "DER");
    const digits = first === 0 ? number.slice(1) : number;
    if ((first === 0 && length > 1 && second < 0x80) || digits.length > 32) throw new Refused("bad_signature", "DER");
    plain.set(digits, end - digits.length);
    at += 2 + length;
  }
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || at !== der.length) throw new Refused("bad_signature", "DER");
  return plain;
}
