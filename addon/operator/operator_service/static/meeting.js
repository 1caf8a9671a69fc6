// One pairing of a home, from the code to the certificate. The secret is made here and is in the code alone: the service
// hears where both meet and what the home is called. Nothing is signed before a person has said that the words are the same.

import * as api from "./api.js";
import { certificate } from "./homes.js";
import { PublicKey } from "./jws.js";
import { encode, newSecret, places, proves, rendezvous } from "./pairing.js";
import { Refused } from "./strict.js";

/** @typedef {import("./person.js").Person} Person */
/**
 * starting; waiting for a hub; compare: it has proved its key, the words are shown; signing; paired; over: `why` says.
 * @typedef {"starting" | "waiting" | "compare" | "signing" | "paired" | "over"} Phase
 */

const TRY_AGAIN_MS = 2_000;
/** Whose pairing was under way when the page was left: the code is then gone, and they are told. */
const LEFT = "tillsyn-pairing";

/** Whether a pairing of this person's was cut short by leaving the page; told once. @param {string} login */
export function wasLeft(login) {
  const left = sessionStorage.getItem(LEFT) === login;
  sessionStorage.removeItem(LEFT);
  return left;
}

/** Emits "change" at every step. */
export class Meeting extends EventTarget {
  /**
   * @param {Person} person in their shift
   * @param {string} label what the home is called
   * @param {string} url where the home finds the service
   * @param {string} [replaces] the hub whose place the new one takes
   */
  constructor(person, label, url, replaces = "") {
    super();
    this.person = person;
    this.label = label;
    this.url = url;
    this.replaces = replaces;
    /** @type {Phase} */
    this.phase = "starting";
    /** A code to put into words, '' for none. */
    this.why = "";
    /** Hubs that did not hold the code, and were refused. */
    this.strangers = 0;
    /** @type {import("./pairing.js").PairingCode | null} */
    this.made = null;
    this.rendezvous = "";
    /** @type {PublicKey | null} */
    this.hub = null;
    /** @type {number[]} */
    this.places = [];
    /** By performance.now(), ms. */
    this.begun = this.ends = 0;
    this.stopped = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  get active() {
    return this.phase !== "paired" && this.phase !== "over";
  }

  /** The code as text, '' once it is of no more use. */
  get code() {
    return this.made === null ? "" : encode(this.made);
  }

  /** Seconds that the code still lives. */
  get left() {
    return Math.max(0, (this.ends - performance.now()) / 1000);
  }

  /** Seconds that it lives in all. */
  get life() {
    return (this.ends - this.begun) / 1000;
  }

  /** @param {Phase} phase @param {string} [why] */
  to(phase, why = "") {
    if (!this.active) return;
    this.phase = phase;
    this.why = why;
    if (!this.active) this.forget();
    this.dispatchEvent(new Event("change"));
  }

  forget() {
    this.made = null;
    this.stopped.abort();
    clearTimeout(this.timer);
    sessionStorage.removeItem(LEFT);
  }

  /** Make the code and wait for whoever holds it. What fails ends the pairing. */
  async begin() {
    try {
      await this.start();
      await this.wait();
    } catch (error) {
      this.failed(error);
    }
  }

  /** @param {unknown} error */
  failed(error) {
    const code = error instanceof api.ApiError || error instanceof Refused ? error.code : "internal_error";
    this.to("over", code === "not_found" ? "pairing_expired" : code);
  }

  async start() {
    const { person, label, url } = this;
    await person.hear(await api.trust());
    if (person.root === null) throw new Refused("no_root");
    const made = { url, root: person.root.kid, secret: newSecret(), label, policy: person.trust.policy.number };
    encode(made); // or there is nothing to meet about
    this.rendezvous = await rendezvous(made.secret);
    sessionStorage.setItem(LEFT, person.me.login);
    const { now, expires } = await api.startPairing(this.rendezvous, label, this.replaces);
    if (!this.active) return void api.endPairing(this.rendezvous).catch(() => undefined);
    this.made = made;
    this.begun = performance.now();
    this.ends = this.begun + (expires - now) * 1000;
    this.timer = setTimeout(() => this.to("over", "pairing_expired"), this.ends - this.begun);
    this.to("waiting");
  }

  async wait() {
    while (this.phase === "waiting") {
      const told = await api.pairing(this.rendezvous, this.stopped.signal).catch((error) => this.patient(error));
      if (this.phase !== "waiting" || told === null) continue;
      if (told.state === "certified") this.to("over", "pairing_taken");
      else if (told.state === "asked") await this.asked(told);
    }
  }

  /** The network is gone for a while, or the service restarts: the code lives on. @param {unknown} error */
  async patient(error) {
    if (this.stopped.signal.aborted) return null;
    if (!(error instanceof api.ApiError) || (error.status > 0 && error.status < 500)) throw error;
    await new Promise((done) => setTimeout(done, TRY_AGAIN_MS));
    return null;
  }

  /** Somebody is there. Only the hub that holds the code can prove its key. @param {api.Asked} told */
  async asked({ key, mac }) {
    const { made } = this;
    if (made === null) return;
    const hub = await PublicKey.from(key).catch(() => null);
    const proved = hub !== null && (await proves(made, hub, mac).catch(() => false));
    if (hub !== null && proved) {
      this.hub = hub;
      this.places = await places(made, hub);
      return this.to("compare");
    }
    await api.refusePairing(this.rendezvous);
    this.strangers += 1;
    this.to("waiting");
  }

  /** The words are the same on both screens: the hub is certified with the key of the shift. */
  async same() {
    const { hub, made, person } = this;
    if (this.phase !== "compare" || hub === null || made === null) return;
    this.to("signing");
    try {
      await person.hear(await api.trust());
      const told = { key: hub.x, label: this.label, municipality: person.me.municipality };
      await api.certifyPairing(this.rendezvous, await certificate(person, told, made.policy), person.chain);
      this.to("paired");
    } catch (error) {
      // Where nobody knows whether it got there, the same may be said again.
      if (error instanceof api.ApiError && error.status === 0) this.to("compare", error.code);
      else this.stop(() => this.failed(error));
    }
  }

  /** Somebody else is at the other end, or at this one: nothing is signed. */
  differ() {
    if (this.phase === "compare") this.stop(() => this.to("over", "words_differ"));
  }

  /** The person gives up. */
  cancel() {
    this.stop(() => this.to("over"));
  }

  /** The page is left: the code is thrown away, and said to be when they come back. */
  leave() {
    if (!this.active) return;
    this.stop(() => this.to("over"));
    sessionStorage.setItem(LEFT, this.person.me.login);
  }

  /** @param {() => void} say */
  stop(say) {
    if (!this.active) return;
    if (this.rendezvous !== "") void api.endPairing(this.rendezvous).catch(() => undefined);
    say();
  }
}
