// The root key as 24 words (BIP-39): 256 bits and 8 of their SHA-256, 11 to a word. The same as `tillsyn-root words`;
// both read tests/vectors/words.json.

import WORDS from "./bip39-english.js";
import { Refused } from "./strict.js";

export const COUNT = 24;
const BITS = 11;

/** @param {Uint8Array<ArrayBuffer>} seed */
const checksum = async (seed) => new Uint8Array(await crypto.subtle.digest("SHA-256", seed)).slice(0, 1);

/** @param {Uint8Array} raw */
const bitsOf = (raw) => Array.from(raw, (byte) => byte.toString(2).padStart(8, "0")).join("");

/**
 * The words of a 32-byte key.
 * @param {Uint8Array<ArrayBuffer>} seed
 */
export async function wordsOf(seed) {
  const bits = bitsOf(seed) + bitsOf(await checksum(seed));
  return Array.from({ length: COUNT }, (_none, at) => {
    return /** @type {string} */ (WORDS[Number.parseInt(bits.slice(at * BITS, (at + 1) * BITS), 2)]);
  });
}

/**
 * The key behind words as somebody typed them. Throws Refused("words_count", "words_unknown" with the word as detail,
 * or "words_checksum").
 * @param {string} typed
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function seedOf(typed) {
  const words = typed.normalize("NFKD").toLowerCase().split(/[\s,.;]+/).filter((one) => one !== "");
  if (words.length !== COUNT) throw new Refused("words_count");
  const places = words.map((word) => WORDS.indexOf(word));
  const unknown = words[places.indexOf(-1)];
  if (unknown !== undefined) throw new Refused("words_unknown", unknown);
  const bits = places.map((place) => place.toString(2).padStart(BITS, "0")).join("");
  const raw = Uint8Array.from({ length: 33 }, (_none, at) => Number.parseInt(bits.slice(at * 8, (at + 1) * 8), 2));
  const seed = raw.slice(0, 32);
  const [expected] = await checksum(seed);
  if (expected !== raw[32]) throw new Refused("words_checksum");
  return seed;
}
