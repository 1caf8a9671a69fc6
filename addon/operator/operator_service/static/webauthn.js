// The person's passkey: made once, certified by an administrator, and asked at the beginning of each shift to certify a
// key of this browser. ES256, this page's own site, and the person verified each time (W3C Web Authentication Level 3).

import { b64uDecode, b64uEncode, digest, thumbprint } from "./jws.js";
import { readDelegation } from "./statements.js";
import { Refused } from "./strict.js";

/** @typedef {import("./statements.js").Passkey} Passkey */
/** @typedef {import("./key.js").SessionKey} SessionKey */

const ES256 = -7;
const PATIENCE_MS = 120_000;
/** A P-256 key in SubjectPublicKeyInfo (RFC 5480): 26 bytes, 04, x, y. */
const SPKI_BYTES = 91;
const POINT_AT = 27;

/** Whether this browser has passkeys here at all: not on plain http, nor at a bare address. */
export const hasPasskeys = () => globalThis.PublicKeyCredential !== undefined && !/^[\d.]+$|:/.test(location.hostname);

/** What the browser says when it does not, as a code. @param {unknown} error */
function why(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "InvalidStateError") return new Refused("passkey_known");
  if (name === "SecurityError") return new Refused("passkey_wrong_site");
  return new Refused(name === "NotAllowedError" || name === "AbortError" ? "passkey_cancelled" : "passkey_unsupported");
}

/** @param {string} text @returns {Promise<Uint8Array<ArrayBuffer>>} */
const sha256 = async (text) => b64uDecode(await digest(text));

/**
 * Make a passkey for this person at this site. Throws Refused("passkey_...").
 * @param {{login: string, name: string}} me
 * @param {string} place the site's name to show
 * @param {string[]} known credential ids of the person's others
 * @returns {Promise<Passkey>}
 */
export async function register(me, place, known) {
  if (!hasPasskeys()) throw new Refused("passkey_unsupported");
  const made = await navigator.credentials
    .create({
      publicKey: {
        rp: { id: location.hostname, name: place },
        // The login's hash: the specification asks for nothing that names the person.
        user: { id: await sha256(`tk-user:${me.login}`), name: me.login, displayName: me.name },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
        authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
        attestation: "none",
        excludeCredentials: known.map((id) => ({ type: "public-key", id: b64uDecode(id) })),
        timeout: PATIENCE_MS,
      },
    })
    .catch((error) => Promise.reject(why(error)));
  if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAttestationResponse)) {
    throw new Refused("passkey_unsupported");
  }
  const spki = new Uint8Array(made.response.getPublicKey() ?? new ArrayBuffer(0));
  if (made.response.getPublicKeyAlgorithm() !== ES256 || spki.length !== SPKI_BYTES) throw new Refused("passkey_unsupported");
  const [x, y] = [spki.slice(POINT_AT, POINT_AT + 32), spki.slice(POINT_AT + 32)].map((part) => b64uEncode(part));
  const id = b64uEncode(new Uint8Array(made.rawId));
  return { id, x: x ?? "", y: y ?? "", rp: location.hostname, origin: location.origin };
}

/** @typedef {{key: SessionKey, token: string, exp: number}} Shift a session key and the tk-delegation for it */

/**
 * A new session key, certified by the passkey until `exp`. Throws Refused("passkey_...").
 * @param {string} id of the passkey
 * @param {string} credential the tk-credential that names it
 * @param {number} iat seconds
 * @param {number} exp seconds
 * @returns {Promise<Shift>}
 */
export async function beginShift(id, credential, iat, exp) {
  if (!hasPasskeys()) throw new Refused("passkey_unsupported");
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]));
  const x = b64uEncode(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const text = JSON.stringify({ credential: await digest(credential), key: x, iat, exp });
  const payload = new TextEncoder().encode(text);
  readDelegation(payload);
  const got = await navigator.credentials
    .get({
      publicKey: {
        challenge: await sha256(text),
        rpId: location.hostname,
        allowCredentials: [{ type: "public-key", id: b64uDecode(id) }],
        userVerification: "required",
        timeout: PATIENCE_MS,
      },
    })
    .catch((error) => Promise.reject(why(error)));
  if (!(got instanceof PublicKeyCredential) || !(got.response instanceof AuthenticatorAssertionResponse)) {
    throw new Refused("passkey_unsupported");
  }
  const { authenticatorData, clientDataJSON, signature } = got.response;
  const parts = [payload, ...[authenticatorData, clientDataJSON, signature].map((part) => new Uint8Array(part))];
  const token = ["tk-delegation", ...parts.map((part) => b64uEncode(part))].join(".");
  return { key: { privateKey: pair.privateKey, x, kid: await thumbprint(x) }, token, exp };
}
