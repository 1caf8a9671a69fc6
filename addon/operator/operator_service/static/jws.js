// Compact JWS with Ed25519 (RFC 7515, RFC 8032, RFC 9864) and nothing to choose, as in tillsyn/identity.py.

import { hash, limit, read, write } from "./statements.js";
import { Refused, bad, load, matching, oneOf, shape } from "./strict.js";

/** @typedef {import("./statements.js").Typ} Typ */
/**
 * @template {Typ} T
 * @typedef {import("./statements.js").Statement<T>} Statement
 */

const HEADER_LIMIT = 160;
const header = shape({ alg: oneOf(/** @type {const} */ (["Ed25519"])), kid: hash, typ: matching("tk-[a-z-]{1,24}") });

// The y coordinates of the points of small order, and the two of them that can be written in a second way: a signature
// by such a "key" can be made by anyone.
const SMALL_ORDER = new Set([
  0n,
  1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
  2n ** 255n - 20n,
  2n ** 255n - 19n,
  2n ** 255n - 18n,
]);

/**
 * base64url without padding.
 * @param {Uint8Array} raw
 */
export function b64uEncode(raw) {
  const binary = Array.from(raw, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Strict inverse: no padding, no other alphabet, no loose trailing bits.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function b64uDecode(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw bad("base64url alphabet");
  if (text.length % 4 === 1) throw bad("base64url length");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const raw = Uint8Array.from(binary, (one) => one.charCodeAt(0));
  if (b64uEncode(raw) !== text) throw bad("base64url trailing bits");
  return raw;
}

/**
 * base64url SHA-256.
 * @param {string | Uint8Array<ArrayBuffer>} raw
 */
export async function digest(raw) {
  const data = typeof raw === "string" ? new TextEncoder().encode(raw) : raw;
  return b64uEncode(new Uint8Array(await crypto.subtle.digest("SHA-256", data)));
}

/** 22 characters: 128 random bits that name a look. */
export const newLookId = () => b64uEncode(crypto.getRandomValues(new Uint8Array(16)));

/**
 * RFC 7638 thumbprint of the OKP key with this x (RFC 8037).
 * @param {string} x
 */
export const thumbprint = (x) => digest(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`);

/** A public key that signatures are checked with; `x` is its 32 bytes in base64url, `kid` its thumbprint. */
export class PublicKey {
  /**
   * @param {string} x
   * @param {string} kid
   * @param {CryptoKey} key
   */
  constructor(x, kid, key) {
    this.x = x;
    this.kid = kid;
    this.key = key;
  }

  /**
   * Throws Refused("bad_message") for what is no key.
   * @param {string} x
   */
  static async from(x) {
    const raw = b64uDecode(x);
    if (raw.length !== 32) throw bad("key length");
    const y = raw.reduceRight((sum, byte, at) => (sum << 8n) + BigInt(at === 31 ? byte & 0x7f : byte), 0n);
    if (SMALL_ORDER.has(y)) throw bad("key of small order");
    const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, true, ["verify"]).catch(() => null);
    if (key === null) throw bad("key");
    return new PublicKey(x, await thumbprint(x), key);
  }
}

/** A token of the right shape; not yet to be believed: see `verified`. */
/** @template {Typ} T */
export class Parsed {
  /**
   * @param {string} token
   * @param {string} kid
   * @param {Statement<T>} statement
   * @param {string} name the hash by which other statements name this one
   * @param {Uint8Array<ArrayBuffer>} signature
   */
  constructor(token, kid, statement, name, signature) {
    this.kid = kid;
    this.hash = name;
    /** @type {Statement<T>} */
    this.unchecked = statement;
    this.token = token;
    this.signature = signature;
  }

  /**
   * The statement, once the signature holds. Throws Refused("unknown_signer" or "bad_signature").
   * @param {PublicKey} key
   * @returns {Promise<Statement<T>>}
   */
  async verified(key) {
    if (key.kid !== this.kid) throw new Refused("unknown_signer");
    const signed = new TextEncoder().encode(this.token.slice(0, this.token.lastIndexOf(".")));
    const holds = await crypto.subtle.verify({ name: "Ed25519" }, key.key, this.signature, signed);
    if (!holds) throw new Refused("bad_signature");
    return this.unchecked;
  }
}

/**
 * Read a compact JWS of exactly this type: size, header, then payload. Throws Refused("bad_message").
 * @template {Typ} T
 * @param {T} typ
 * @param {string} token
 * @returns {Promise<Parsed<T>>}
 */
export async function parse(typ, token) {
  const parts = token.split(".");
  if (token.length > HEADER_LIMIT * 2 + limit(typ) * 2 || parts.length !== 3) throw bad("token");
  const [headerPart, payloadPart, signaturePart] = /** @type {[string, string, string]} */ (parts);
  const found = header(load(b64uDecode(headerPart), HEADER_LIMIT));
  if (found.typ !== typ) throw bad("typ");
  const statement = read(typ, b64uDecode(payloadPart));
  const signature = b64uDecode(signaturePart);
  if (signature.length !== 64) throw bad("signature length");
  return new Parsed(token, found.kid, statement, await digest(token), signature);
}

/**
 * The type that a token says it has, for choosing how to parse it; '' where it has none.
 * @param {string} token
 * @returns {string}
 */
export function typeOf(token) {
  try {
    return header(load(b64uDecode(token.slice(0, token.indexOf("."))), HEADER_LIMIT)).typ;
  } catch {
    return "";
  }
}

/**
 * The compact JWS of a statement.
 * @template {Typ} T
 * @param {{privateKey: CryptoKey, kid: string}} key
 * @param {T} typ
 * @param {Statement<T>} statement
 * @returns {Promise<string>}
 */
export async function sign(key, typ, statement) {
  const head = JSON.stringify({ alg: "Ed25519", kid: key.kid, typ });
  const signed = `${b64uEncode(new TextEncoder().encode(head))}.${b64uEncode(write(typ, statement))}`;
  const signature = await crypto.subtle.sign({ name: "Ed25519" }, key.privateKey, new TextEncoder().encode(signed));
  return `${signed}.${b64uEncode(new Uint8Array(signature))}`;
}
