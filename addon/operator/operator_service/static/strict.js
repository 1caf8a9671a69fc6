// Strict reading of JSON from a peer: size first, then shape, then meaning. The same refusals as tillsyn/strict.py;
// both read tests/vectors/*.json.

/** Why something is not accepted: a code that i18n.js puts into words. The detail is for tests and never shown. */
export class Refused extends Error {
  /**
   * @param {string} code
   * @param {string} [detail]
   */
  constructor(code, detail = "") {
    super(detail === "" ? code : `${code}: ${detail}`);
    this.code = code;
  }
}

/** @param {string} detail */
export const bad = (detail) => new Refused("bad_message", detail);

/**
 * @template T
 * @typedef {(value: unknown) => T} Check a raw JSON value in, a checked one out, or Refused
 */

const MAX_DEPTH = 6;
const MAX_PARTS = 512;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES = new Map([
  ['"', '"'], ["\\", "\\"], ["/", "/"], ["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"], ["t", "\t"],
]);

/** One pass over the text; JSON.parse would keep the last of two equal keys and round large numbers. */
class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  /** @returns {unknown} */
  whole() {
    const value = this.value(MAX_DEPTH);
    this.match(SPACE);
    if (this.at !== this.text.length) throw bad("not JSON");
    return value;
  }

  /** @param {RegExp} pattern sticky */
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) throw bad("not JSON");
    this.at += found[0].length;
    return found[0];
  }

  /** @param {string} word */
  take(word) {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /**
   * @param {number} left levels that may still open
   * @returns {unknown}
   */
  value(left) {
    if (left === 0) throw bad("too deep");
    this.match(SPACE);
    if (this.take("{")) return this.object(left);
    if (this.take("[")) return this.list(left);
    if (this.take('"')) return this.string();
    if (this.take("true")) return true;
    if (this.take("false")) return false;
    if (this.take("null")) return null;
    const digits = this.match(NUMBER);
    const number = Number(digits);
    if (!/^-?[0-9]{1,17}$/.test(digits) || digits.length > 17 || !Number.isSafeInteger(number)) throw bad("not a whole number");
    return number === 0 ? 0 : number;
  }

  /** @param {number} left */
  object(left) {
    /** @type {Map<string, unknown>} */
    const found = new Map();
    this.match(SPACE);
    if (this.take("}")) return found;
    for (;;) {
      this.match(SPACE);
      if (!this.take('"')) throw bad("not JSON");
      const name = this.string();
      this.match(SPACE);
      if (!this.take(":")) throw bad("not JSON");
      const value = this.value(left - 1);
      if (found.has(name)) throw bad("duplicate key");
      found.set(name, value);
      this.match(SPACE);
      if (this.take("}")) return found;
      if (!this.take(",")) throw bad("not JSON");
    }
  }

  /** @param {number} left */
  list(left) {
    /** @type {unknown[]} */
    const found = [];
    this.match(SPACE);
    if (this.take("]")) return found;
    for (;;) {
      found.push(this.value(left - 1));
      this.match(SPACE);
      if (this.take("]")) return found;
      if (!this.take(",")) throw bad("not JSON");
    }
  }

  string() {
    let found = "";
    for (;;) {
      found += this.match(PLAIN);
      if (this.take('"')) return found;
      if (!this.take("\\")) throw bad("not JSON");
      const kind = this.text[this.at] ?? "";
      this.at += 1;
      if (kind === "u") {
        found += String.fromCharCode(Number.parseInt(this.match(/[0-9a-fA-F]{4}/y), 16));
        continue;
      }
      const one = ESCAPES.get(kind);
      if (one === undefined) throw bad("not JSON");
      found += one;
    }
  }
}

/**
 * One JSON object of at most `limit` bytes: no floats, no duplicate keys, no deep nesting.
 * @param {Uint8Array | string} raw
 * @param {number} limit
 * @returns {Map<string, unknown>}
 */
export function load(raw, limit) {
  const data = typeof raw === "string" ? new TextEncoder().encode(raw) : raw;
  if (data.length > limit) throw bad("too large");
  let parts = 0;
  for (const byte of data) if (byte === 0x5b || byte === 0x7b) parts += 1;
  if (parts > MAX_PARTS) throw bad("too many parts");
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw bad("not JSON");
  }
  const value = new Reader(text).whole();
  if (!(value instanceof Map)) throw bad("not an object");
  return value;
}

/**
 * The exact fields of one object and the check of each.
 * @template {Record<string, Check<unknown>>} F
 * @param {F} fields
 * @returns {Check<{[K in keyof F]: ReturnType<F[K]>}>}
 */
export function shape(fields) {
  const names = Object.keys(fields);
  return (value) => {
    if (!(value instanceof Map) || value.size !== names.length || !names.every((name) => value.has(name))) throw bad("fields");
    const found = names.map((name) => [name, /** @type {Check<unknown>} */ (fields[name])(value.get(name))]);
    return /** @type {{[K in keyof F]: ReturnType<F[K]>}} */ (Object.fromEntries(found));
  };
}

/**
 * Printable text for people, NFC, without control, bidi or other invisible characters.
 * @param {number} least
 * @param {number} most
 * @returns {Check<string>}
 */
export const text = (least, most) => (value) => {
  if (typeof value !== "string") throw bad("text length");
  const length = Array.from(value).length;
  if (length < least || length > most) throw bad("text length");
  if (value.normalize("NFC") !== value || /\p{C}/u.test(value)) throw bad("text characters");
  return value;
};

/**
 * Text that fully matches `pattern`.
 * @param {string} pattern
 * @returns {Check<string>}
 */
export const matching = (pattern) => {
  const compiled = new RegExp(`^(?:${pattern})$`);
  return (value) => {
    if (typeof value !== "string" || !compiled.test(value)) throw bad("pattern");
    return value;
  };
};

/**
 * An integer in [least, most].
 * @param {number} least
 * @param {number} most
 * @returns {Check<number>}
 */
export const whole = (least, most) => (value) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) throw bad("number");
  return value;
};

/** @type {Check<boolean>} */
export const boolean = (value) => {
  if (typeof value !== "boolean") throw bad("boolean");
  return value;
};

/**
 * A value of a closed list.
 * @template {string} T
 * @param {readonly T[]} choices
 * @returns {Check<T>}
 */
export const oneOf = (choices) => (value) => {
  const found = choices.find((one) => one === value);
  if (found === undefined) throw bad("choice");
  return found;
};

/**
 * A list of `least` to `most` different values.
 * @template T
 * @param {Check<T>} part
 * @param {number} least
 * @param {number} most
 * @returns {Check<T[]>}
 */
export const many = (part, least, most) => (value) => {
  if (!Array.isArray(value) || value.length < least || value.length > most) throw bad("list length");
  const found = value.map((one) => part(one));
  if (new Set(found.map((one) => JSON.stringify(one))).size !== found.length) throw bad("list repeats");
  return found;
};

/** 'HH:MM', local time. */
export const localTime = matching("([01][0-9]|2[0-3]):[0-5][0-9]");

/**
 * 'YYYY-MM-DD', a day that exists.
 * @type {Check<string>}
 */
export const day = (value) => {
  const found = matching("[0-9]{4}-[0-9]{2}-[0-9]{2}")(value);
  const moment = new Date(`${found}T00:00:00Z`);
  if (found < "0001" || Number.isNaN(moment.getTime()) || moment.toISOString().slice(0, 10) !== found) throw bad("date");
  return found;
};
