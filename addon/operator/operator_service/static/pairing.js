// The pairing code, as tillsyn/identity.py has it: made here, shown here, and its secret told to nobody but the home.

import { b64uDecode, b64uEncode, digest } from "./jws.js";
import { hash } from "./statements.js";
import { matching, shape, text, whole } from "./strict.js";

/** @typedef {import("./jws.js").PublicKey} PublicKey */

/** How slowly the words are made: tillsyn/identity.py. */
const WORD_ROUNDS = 600_000;

const shaped = shape({
  url: matching("wss?://[A-Za-z0-9.\\-\\[\\]:]{1,253}(/[A-Za-z0-9/_.-]{0,100})?"),
  root: hash,
  secret: hash,
  label: text(1, 80),
  policy: whole(0, 2 ** 31),
});

/**
 * `url`: where the home finds the service. `root`: thumbprint of the key to pin. `secret`: 32 random bytes, used once.
 * `policy`: the smallest number of a tk-policy that the home's certificate may name.
 * @typedef {ReturnType<typeof shaped>} PairingCode
 */

/** Whether a home can be called this. @param {string} label */
export function canBeCalled(label) {
  try {
    return text(1, 80)(label).trim() !== "";
  } catch {
    return false;
  }
}

/** 32 random bytes, base64url. */
export const newSecret = () => b64uEncode(crypto.getRandomValues(new Uint8Array(32)));

/** Throws Refused("bad_message") for what no home would read. @param {PairingCode} code */
export function encode({ url, root, secret, label, policy }) {
  const code = shaped(new Map(Object.entries({ url, root, secret, label, policy })));
  return `TK1.${b64uEncode(new TextEncoder().encode(JSON.stringify(code)))}`;
}

/** Under which name both meet at the service; it does not reveal the secret. @param {string} secret */
export const rendezvous = (secret) => digest(`tk-rendezvous:${secret}`);

/**
 * Whether `mac` proves that the hub which holds this code holds this key (HMAC-SHA-256); compared in constant time.
 * @param {PairingCode} code
 * @param {PublicKey} hub
 * @param {string} mac base64url
 */
export async function proves({ root, secret }, hub, mac) {
  const key = await crypto.subtle.importKey("raw", b64uDecode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  return crypto.subtle.verify("HMAC", key, b64uDecode(mac), new TextEncoder().encode(`tk-pair:${root}:${hub.x}`));
}

/**
 * The five words for this code and hub, as places in pairing-words.js: slow (PBKDF2, RFC 8018) for whoever would look for
 * another hub with the same.
 * @param {PairingCode} code
 * @param {PublicKey} hub
 */
export async function places({ root, secret }, hub) {
  const key = await crypto.subtle.importKey("raw", b64uDecode(secret), "PBKDF2", false, ["deriveBits"]);
  const salt = new TextEncoder().encode(`tk-words:${root}:${hub.x}`);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: WORD_ROUNDS }, key, 40);
  return [...new Uint8Array(bits)];
}
