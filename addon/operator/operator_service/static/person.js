// Who sits here, and what vouches for them: the root's will, their passkeys or this browser's key, and the key of the shift.
// Decides nothing about looks; homes check every chain themselves.

import * as api from "./api.js";
import { MAX_DELEGATION_SECONDS, STRICTEST, checkPolicy, checkRevocations, parseDelegation, signer } from "./chain.js";
import { parse } from "./jws.js";
import { forgetKey, hasKey, keepList, keepShift, keptList, keptShift, pinnedRoot, sessionKey, wipeShift } from "./key.js";
import { Refused } from "./strict.js";
import { beginShift, register } from "./webauthn.js";

/** @typedef {import("./chain.js").Trust} Trust */
/** @typedef {import("./chain.js").Signer} Signer */
/**
 * waiting: for somebody's signature; no_root: the municipality has no key yet; root_changed: another key than the pinned
 * one, nothing may be signed; register: a passkey is needed; shift: the passkey is asked to begin; ready.
 * @typedef {"waiting" | "no_root" | "root_changed" | "register" | "shift" | "ready"} Standing
 */

// By this computer's clock only, as everything that is signed.
const seconds = () => Math.floor(Date.now() / 1000);

/** @param {Trust} trust @param {number} now seconds; how old the list is, or null without one */
export const listAge = (trust, now) => (trust.revocations === null ? null : now - trust.revocations.iat);

export class Person {
  /** @param {api.Me} me */
  constructor(me) {
    this.me = me;
    /** @type {Standing} */
    this.standing = "waiting";
    /** @type {import("./jws.js").PublicKey | null} */
    this.root = null;
    /** @type {Trust} */
    this.trust = STRICTEST;
    /** Whether the root has said a policy; without one it is left to the homes. */
    this.hasPolicy = false;
    /** Every key that a list seen here has revoked since the root last said; a list signed here has them all. @type {string[]} */
    this.revoked = [];
    /** The code that a waiting person reads out: of what waits. */
    this.kid = "";
    /** @type {api.MyPasskey[]} */
    this.passkeys = [];
    /** @type {import("./key.js").SessionKey | null} */
    this.key = null;
    /** @type {string[]} */
    this.chain = [];
    /** @type {Signer | null} */
    this.signer = null;
    /** When what signs here ends, s UTC. */
    this.until = 0;
  }

  get browserKeys() {
    return !this.hasPolicy || this.trust.policy.browser_keys;
  }

  /** Whether a passkey would be better than what signs here. */
  get onBrowserKey() {
    return this.standing === "ready" && this.signer?.credential.passkey === undefined;
  }

  /** Those that can begin a shift. */
  get usable() {
    return this.passkeys.filter((one) => one.status === "certified");
  }

  /** Ask how it stands. Throws ApiError, or Refused where something does not hold. */
  async ask() {
    const told = await api.trust();
    if (told.root === null) {
      this.standing = "no_root";
      return this.browser();
    }
    try {
      this.root = await pinnedRoot(told.root);
    } catch (error) {
      this.standing = "root_changed";
      throw error;
    }
    await this.hear(told);
    this.passkeys = (await api.passkeys()).passkeys;
    if (await this.resume()) return;
    const [waiting] = this.passkeys.filter((one) => one.status === "waiting");
    if (this.usable.length > 0) this.standing = "shift";
    else {
      this.standing = waiting === undefined ? "register" : "waiting";
      // Who waits for a new passkey goes on with the browser's key that they have.
      if (this.browserKeys && (waiting === undefined || (await hasKey(this.me.login)))) await this.browser();
      if (waiting !== undefined) this.kid = waiting.kid;
    }
  }

  /** What the root has said, where it is newer. Throws Refused. @param {api.Will} will */
  async hear({ policy, revocations }) {
    const { root } = this;
    if (root === null) return;
    const now = seconds();
    if (policy !== null && (await parse("tk-policy", policy)).unchecked.number > this.trust.policy.number) {
      this.trust = { ...this.trust, policy: await checkPolicy(root, this.trust, policy, now) };
    }
    this.hasPolicy = this.trust.policy.number > 0;
    // A service that shows an older list than before would have it signed anew, without those revoked since.
    const kept = this.trust.revocations === null ? await keptList() : undefined;
    if (kept !== undefined) {
      this.revoked = kept.revoked;
      await this.list(root, kept, now).catch(() => undefined);
    }
    if (revocations === null || !(await this.list(root, revocations, now))) return;
    const said = this.trust.revocations?.revoked ?? [];
    this.revoked = revocations.chain.length === 0 ? said : [...new Set([...this.revoked, ...said])];
    await keepList({ ...revocations, revoked: this.revoked });
  }

  /**
   * A list, where it is newer than what is known. Throws Refused.
   * @param {import("./jws.js").PublicKey} root
   * @param {{token: string, chain: string[]}} list
   * @param {number} now
   */
  async list(root, { token, chain }, now) {
    const { number } = (await parse("tk-revocations", token)).unchecked;
    if (number <= (this.trust.revocations?.number ?? 0)) return false;
    this.trust = { ...this.trust, revocations: await checkRevocations(root, this.lenient(), token, chain, now) };
    return true;
  }

  /** Where the root has said nothing of browser keys, homes decide. @returns {Trust} */
  lenient() {
    return this.hasPolicy ? this.trust : { ...this.trust, policy: { ...this.trust.policy, browser_keys: true } };
  }

  /** This browser's key, where there may be one. */
  async browser() {
    let key = await sessionKey(this.me.login);
    if (this.trust.revocations?.revoked.includes(key.kid)) {
      await forgetKey(this.me.login);
      key = await sessionKey(this.me.login);
    }
    const { status, chain } = await api.browser(key.x);
    this.kid = key.kid;
    this.standing = status === "no_root" ? "no_root" : "waiting";
    if (chain !== null) await this.signs(key, chain);
  }

  /**
   * From now on `key` signs here. Throws Refused where nobody vouches for it.
   * @param {import("./key.js").SessionKey} key
   * @param {string[]} chain
   * @param {number} [until]
   */
  async signs(key, chain, until) {
    if (this.root === null) throw new Refused("unknown_signer");
    const found = await signer(this.root, this.lenient(), chain, seconds());
    if (found.key.x !== key.x) throw new Refused("unknown_signer");
    Object.assign(this, { key, chain, signer: found, until: Math.min(found.credential.exp, until ?? Infinity), standing: "ready" });
  }

  /** A credential has come for one of this person's keys. */
  async certified() {
    if (this.standing !== "ready") await this.ask();
  }

  // ---- passkeys -------------------------------------------------------------------------------------------------------

  /** Make a passkey here; an administrator certifies it. Throws Refused, ApiError. */
  async register() {
    const made = await register(this.me, this.me.municipality || location.hostname, this.passkeys.map((one) => one.id));
    const { kid } = await api.addPasskey(made);
    this.kid = kid;
    this.passkeys = (await api.passkeys()).passkeys;
    if (this.standing !== "ready") this.standing = "waiting";
  }

  /** The passkey certifies a key for the shift. Throws Refused. @param {api.MyPasskey | undefined} passkey */
  async begin(passkey = this.usable.at(-1)) {
    if (passkey === undefined) throw new Refused("unknown_signer");
    const { login } = this.me;
    const credential = passkey.chain.at(-1) ?? "";
    const now = seconds();
    const { exp } = (await parse("tk-credential", credential)).unchecked;
    const longest = Math.min(this.trust.policy.delegation_seconds, MAX_DELEGATION_SECONDS);
    const shift = await beginShift(passkey.id, credential, now, Math.min(now + longest, exp));
    const chain = [...passkey.chain, shift.token];
    await this.signs(shift.key, chain, shift.exp);
    await keepShift({ login, key: shift.key, chain });
  }

  /** Go on with the shift that this browser has begun for the same person. */
  async resume() {
    const kept = await keptShift();
    if (kept === undefined) return false;
    try {
      if (kept.login !== this.me.login) throw new Refused("unknown_signer");
      const { exp } = parseDelegation(kept.chain.at(-1) ?? "").statement;
      await this.signs(kept.key, kept.chain, exp);
      return true;
    } catch {
      await wipeShift();
      return false;
    }
  }

  /** The shift is over: nothing that signs remains. */
  async end() {
    Object.assign(this, { key: null, chain: [], signer: null, until: 0, standing: this.usable.length > 0 ? "shift" : "waiting" });
    await wipeShift();
  }
}
