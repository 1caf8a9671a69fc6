// The municipality's root key for as long as it is used here: made or read from its words, never kept, and wiped as far
// as a page can wipe (the browser may have copied what it was given).

import { thumbprint } from "./jws.js";

/** @typedef {import("./key.js").SessionKey} SessionKey */

/** DER of an Ed25519 private key (RFC 8410) up to its 32 bytes. */
const HEAD = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/** 32 random bytes: the secret of a new root key. */
export const newSeed = () => crypto.getRandomValues(new Uint8Array(32));

/**
 * The key that signs, which the browser gives out to nobody. The caller wipes the seed.
 * @param {Uint8Array<ArrayBuffer>} seed
 * @returns {Promise<SessionKey>}
 */
export async function rootFrom(seed) {
  const der = new Uint8Array([...HEAD, ...seed]);
  const readable = await crypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", readable);
  const privateKey = await crypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, false, ["sign"]);
  der.fill(0);
  return { privateKey, x, kid: await thumbprint(x) };
}
