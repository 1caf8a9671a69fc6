// Carries out one look: checks and signs messages, makes the connection, feeds session.js and does what it answers.

import { judgeHub } from "./chain.js";
import { PublicKey, digest, newLookId, parse, sign, typeOf } from "./jws.js";
import { answer } from "./peer.js";
import { IDLE, canTurn, ended, step, visible } from "./session.js";
import { Refused } from "./strict.js";
import { timeline } from "./timeline.js";

/** @typedef {import("./session.js").State} State */
/** @typedef {import("./session.js").Effect} Effect */
/** @typedef {import("./session.js").Room} Room */
/** @typedef {import("./session.js").Event} SessionEvent */
/** @typedef {import("./api.js").QueueRow} QueueRow */
/** @typedef {import("./statements.js").Typ} Typ */

/**
 * What a look needs from around it.
 * @typedef {object} Means
 * @property {import("./key.js").SessionKey} key
 * @property {string[]} chain who vouches for the key, oldest first
 * @property {PublicKey} root
 * @property {() => import("./chain.js").Trust} trust what is known of the root's will now
 * @property {(frame: object) => boolean} send
 * @property {() => Promise<import("./api.js").Ice>} ice
 */

const VALID_SECONDS = 30;
const TICK_MS = 250;
/** While a camera may be on its way or open. */
const UNDER_WAY = /** @type {readonly string[]} */ (["asking", "opening", "open", "turning"]);
const FROM_HOME = /** @type {const} */ (["tk-offer", "tk-opened", "tk-refuse", "tk-receipt"]);

// By this computer's clock only: were the service to tell the time, it could collect statements for another hour.
const seconds = () => Math.floor(Date.now() / 1000);

/** Another certificate for the same hub mends these. */
const MENDED_BY_RENEWAL = ["revoked", "credential_expired", "delegation_expired", "browser_key_not_allowed"];

/** The remote end's certificate is not the signed one, or the home's answer is not signed by the home. */
const WRONG = "wrong_connection";

/** Emits "change" at every step. The video element is its own, so that a prepared look is ready before it is shown. */
export class Look extends EventTarget {
  /**
   * @param {QueueRow} row
   * @param {Means} means
   */
  constructor(row, means) {
    super();
    this.row = row;
    this.means = means;
    this.id = newLookId();
    this.mark = timeline({ look: this.id, hub: row.hub, occurrence: row.occurrence });
    /** @type {State} */
    this.state = IDLE;
    /** @type {PublicKey | null} */
    this.hubKey = null;
    /** What the hub was last judged by. @type {import("./chain.js").Trust | null} */
    this.judged = null;
    /** @type {import("./peer.js").Answer | null} */
    this.peer = null;
    /** Signed ahead, because a page that is being left has no time to sign. */
    this.parting = "";
    this.video = makeVideo();
    /** Of the frame that was last on the screen: one that comes again is not a new one. @type {number | undefined} */
    this.stamp = undefined;
    /** When the home said that its camera is at its view: frames received before may be of another room. */
    this.since = 0;
    this.arrived = Promise.resolve();
    this.named = Promise.resolve();
    this.hungUp = false;
    this.timer = setInterval(() => this.dispatch({ type: "tick" }), TICK_MS);
  }

  get visible() {
    return visible(this.state);
  }

  get ended() {
    return ended(this.state);
  }

  /** Ask the home to make a connection ready. Nothing moves there and no picture flows. */
  async begin() {
    const { hub, occurrence, plan } = this.row;
    this.ice = this.means.ice().catch(() => null);
    this.dispatch({ type: "begin", target: { look: this.id, hub, occurrence, plan: plan.number, rooms: plan.rooms } });
  }

  /** Throws Refused where this hub is not, or no longer, the one that the municipality has certified. */
  async judgeHub() {
    const trust = this.means.trust();
    if (this.judged === trust) return;
    const { hub, hub_key: x, hub_certificate: certificate, hub_chain: chain } = this.row;
    try {
      const key = await PublicKey.from(x);
      if (key.kid !== hub) throw new Refused("wrong_hub");
      await judgeHub(this.means.root, trust, certificate, chain, key, seconds());
      this.hubKey = key;
      this.judged = trust;
    } catch (error) {
      this.hubKey = null;
      throw new Refused(error instanceof Refused && MENDED_BY_RENEWAL.includes(error.code) ? "home_not_certified" : "home_not_trusted");
    }
  }

  click() {
    this.mark("click");
    this.dispatch({ type: "click" });
  }

  /** Go on in another room. @param {Room} room */
  turn(room) {
    if (!canTurn(this.state, room)) return;
    this.mark("turn");
    this.dispatch({ type: "turn", room });
  }

  /** @param {import("./session.js").Outcome} outcome */
  say(outcome) {
    this.dispatch({ type: "outcome", outcome });
  }

  letGo() {
    this.dispatch({ type: "let_go" });
  }

  /** The page is being hidden or left: say so with what is already signed, and look away. */
  leave() {
    if (["preparing", "prepared"].includes(this.state.phase)) this.letGo();
    else if (this.parting !== "" && UNDER_WAY.includes(this.state.phase)) {
      this.mark("close");
      this.dispatch({ type: this.transmit(this.parting) ? "left" : "tick" });
    } else if (UNDER_WAY.includes(this.state.phase)) this.say("not_seen");
  }

  /**
   * A signed frame for this look, in the order received.
   * @param {string} token
   */
  receive(token) {
    this.arrived = this.arrived.then(() => this.judge(token)).catch((error) => {
      if (!(error instanceof Refused)) throw error;
      if (["preparing", "prepared", "asking"].includes(this.state.phase)) this.dispatch({ type: "failed", code: error.code });
    });
  }

  /** @param {string} token */
  async judge(token) {
    if (this.hubKey === null) return;
    const typ = FROM_HOME.find((one) => one === typeOf(token));
    if (typ === undefined) throw new Refused("bad_message", "type");
    const parsed = await parse(typ, token);
    const statement = await parsed.verified(this.hubKey);
    await this.named;
    const type = typ.slice("tk-".length);
    if (type !== "refuse") this.mark(type);
    this.dispatch(/** @type {SessionEvent} */ ({ type, statement, hash: parsed.hash }));
  }

  /**
   * @param {string} request
   * @param {string} code
   */
  serviceRefused(request, code) {
    void this.named.then(() => this.dispatch({ type: "service_refused", request, code }));
  }

  /** @param {SessionEvent} event */
  dispatch(event) {
    const before = this.state;
    const { state, effects } = step(before, event, performance.now());
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
    if (state.phase === "refused") this.mark("refused");
    if (state.phase !== before.phase) this.changed();
    else if (state !== before) this.dispatchEvent(new Event("change"));
  }

  changed() {
    const { phase } = this.state;
    if (phase === "opening") {
      this.since = performance.now();
      void this.video.play().catch(() => undefined);
    }
    if (this.ended) clearInterval(this.timer);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Effect} effect */
  carryOut(effect) {
    /** @param {unknown} error */
    const failed = (error) => this.dispatch({ type: "failed", code: error instanceof Refused ? error.code : WRONG });
    if (effect.kind === "hang_up") this.hangUp();
    else if (effect.kind === "connect") this.connect(effect.connection).catch(failed);
    else if (effect.kind === "turn") this.statement(effect).catch(() => this.serviceRefused("", "unreachable"));
    else this.statement(effect).catch(failed);
  }

  /** @param {Exclude<Effect, {kind: "connect" | "hang_up"}>} effect */
  async statement(effect) {
    const { state } = this;
    const { target } = state;
    const iat = seconds();
    const look = this.id;
    if (effect.kind === "close") return this.sendSigned("tk-close", { look, outcome: effect.outcome, iat }, "close");
    if (effect.kind === "turn") return this.sendSigned("tk-turn", { look, room: effect.room, number: effect.number, iat }, "turn_asked");
    if (effect.kind === "acknowledge") return this.sendSigned("tk-receipt-ack", { look, receipt: effect.receipt, iat }, "acknowledged");
    if (effect.kind === "answer") {
      return this.sendSigned("tk-answer", { look, offer: state.offer, connection: effect.connection, iat }, "answer");
    }
    if (target === null) return undefined;
    await this.judgeHub();
    const asked = { look, hub: target.hub, plan: target.plan, occurrence: target.occurrence };
    const exp = iat + VALID_SECONDS;
    if (effect.kind === "prepare") return this.sendSigned("tk-prepare", { ...asked, iat, exp }, "prepare");
    const { challenge, offer, answer: answered } = state;
    await this.sendSigned("tk-look", { ...asked, challenge, offer, answer: answered, iat, exp }, "asked");
    this.parting = await sign(this.means.key, "tk-close", { look, outcome: "not_seen", iat });
    return undefined;
  }

  /**
   * @template {Typ} T
   * @param {T} typ
   * @param {import("./statements.js").Statement<T>} statement
   * @param {string} mark
   */
  async sendSigned(typ, statement, mark) {
    const token = await sign(this.means.key, typ, statement);
    if (!this.transmit(token)) throw new Refused("unreachable");
    this.mark(mark);
    // An answer may come while the hash is made; it waits for it (judge).
    this.named = digest(token).then((hash) => this.dispatch({ type: "signed", typ, hash }));
    await this.named;
  }

  /** @param {string} token */
  transmit(token) {
    return this.means.send({ type: "signed", look: this.id, token, chain: this.means.chain });
  }

  /** @param {import("./session.js").Connection} connection */
  async connect(connection) {
    const ice = await this.ice;
    if (ice === null || ice === undefined) throw new Refused("unreachable");
    const servers = ice.urls.length === 0 ? [] : [{ urls: ice.urls, username: ice.username, credential: ice.credential }];
    const peer = await answer(connection, servers, { relayOnly: servers.length > 0 }).catch((error) => {
      throw new Refused(error instanceof TypeError ? WRONG : "no_relay");
    });
    if (this.hungUp) return peer.pc.close();
    this.peer = peer;
    this.dispatch({ type: "answered", connection: peer.fields });
    if (!(await peer.verified)) throw new Refused(peer.failure.identity ? WRONG : "not_connected");
    if (this.hungUp) return undefined;
    this.show(peer);
    return undefined;
  }

  /** The certificate has been compared: from here on the picture may reach the screen. @param {import("./peer.js").Answer} peer */
  show(peer) {
    this.mark("connected");
    this.video.srcObject = peer.stream;
    this.watch();
    void this.video.play().catch(() => undefined);
    void peer.ended.then(() => this.dispatch({ type: "failed", code: "connection_lost" }));
    this.dispatch({ type: "connected" });
  }

  /** Tell of every frame that is new: after a turn the next one is from the new room. */
  watch() {
    this.video.requestVideoFrameCallback((now, frame) => {
      const stamp = frame.rtpTimestamp ?? frame.mediaTime;
      if (stamp !== this.stamp && (frame.receiveTime ?? now) >= this.since) {
        this.mark("first_frame", frame.presentationTime);
        this.dispatch({ type: "first_frame" });
      }
      this.stamp = stamp;
      if (!this.hungUp) this.watch();
    });
  }

  hangUp() {
    this.hungUp = true;
    this.video.srcObject = null;
    this.peer?.pc.close();
    this.peer = null;
  }
}

function makeVideo() {
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  video.disablePictureInPicture = true;
  video.disableRemotePlayback = true;
  return video;
}
