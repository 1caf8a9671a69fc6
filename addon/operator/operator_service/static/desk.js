// The operator's desk: who is logged in, what the queue shows, the look that runs and the one made ready after it.
// Everything on the screen is drawn from here; every change emits "change".

import * as api from "./api.js";
import { STRICTEST } from "./chain.js";
import { wipeShift } from "./key.js";
import { Live } from "./live.js";
import { Look } from "./look.js";
import { Person } from "./person.js";
import { Refused } from "./strict.js";
import { keepFresh } from "./revoking.js";

/** @typedef {import("./api.js").QueueRow} QueueRow */
/** @typedef {import("./api.js").Visit} Visit */
/** loading; login; and how it stands with the person who is logged in: person.js. */
/** @typedef {"loading" | "login" | import("./person.js").Standing} Standing */

const ASK_AGAIN_MS = 5_000;
/** Kept until the service has heard that the person who was here has gone. */
const LEFT = "tillsyn-left";
const TRY_AGAIN_MS = 30_000;
/** Somebody who has not touched anything for so long is not about to look: their next one is let go. */
const AT_WORK_MS = 60_000;
const HEARTBEAT_MS = 1_000;
/** A look in one of these is not to be made now, whoever has prepared it. */
const NOT_NOW = new Set(["declined", "paused", "visit", "missed"]);
/** What starts later belongs to another night. */
const NIGHT_SECONDS = 12 * 3600;

/** @param {{hub: string, occurrence: string}} row */
export const rowId = (row) => `${row.hub} ${row.occurrence}`;

/** @param {QueueRow} row @param {number} now seconds */
export function takeable(row, now) {
  const waiting = row.state === "planned" || row.state === "retry_at" || (row.state === "claimed" && row.mine);
  return waiting && row.online && row.ready && !row.paused && row.start <= now && (row.claimed_by === "" || row.mine);
}

export class Desk extends EventTarget {
  constructor() {
    super();
    /** @type {Standing} */
    this.standing = "loading";
    /** @type {api.Me | null} */
    this.me = null;
    /** @type {Person | null} */
    this.person = null;
    /** @type {Map<string, QueueRow>} */
    this.rows = new Map();
    /** @type {Map<Visit["id"], Visit>} */
    this.visits = new Map();
    /** @type {Look | null} */
    this.current = null;
    /** @type {Look | null} */
    this.next = null;
    /** @type {Live | null} */
    this.live = null;
    /** @type {"connecting" | "connected" | "lost" | "ended"} */
    this.link = "connecting";
    /** Service clock minus this computer's, s; for what is shown only, never for what is signed. */
    this.skew = 0;
    /** A code to tell the operator, '' for none. */
    this.notice = "";
    this.active = performance.now();
    /** Rows that could not be made ready, and when to try again (ms). @type {Map<string, number>} */
    this.resting = new Map();
    this.busy = false;
    this.taking = false;
    /** The claim that is being made. @type {Promise<void>} */
    this.claiming = Promise.resolve();
    /** The last claim that is being let go. @type {Promise<void>} */
    this.releasing = Promise.resolve();
    setInterval(() => this.beat(), HEARTBEAT_MS);
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  now() {
    return Date.now() / 1000 + this.skew;
  }

  /** @param {string} role */
  may(role) {
    return this.me?.roles.includes(role) ?? false;
  }

  /** Whether the queue is for this person at all; planners and auditors read other things. */
  works() {
    return ["operator", "patrol", "admin"].some((role) => this.may(role));
  }

  /** The rows of this night, by deadline. */
  queue() {
    const rows = [...this.rows.values()].filter((row) => row.start < this.now() + NIGHT_SECONDS);
    return rows.sort((a, b) => a.deadline - b.deadline || rowId(a).localeCompare(rowId(b)));
  }

  /** The row that Enter takes. */
  upcoming() {
    if (this.next !== null) return this.rows.get(rowId(this.next.row)) ?? this.next.row;
    return this.queue().find((row) => this.free(row));
  }

  /** @param {QueueRow} row */
  free(row) {
    const taken = this.current !== null && rowId(this.current.row) === rowId(row);
    return takeable(row, this.now()) && !taken;
  }

  // ---- logging in -------------------------------------------------------------------------------------------------

  async start() {
    try {
      // Somebody ended their shift where the service could not be told: nobody goes on in their name.
      if (localStorage.getItem(LEFT) !== null) await this.tellLeft();
      await this.enter(await api.me());
    } catch (error) {
      this.standing = "login";
      this.notice = error instanceof api.ApiError && error.status === 401 ? "" : codeOf(error);
    }
    this.changed();
  }

  /** Throws ApiError. @param {string} login @param {string} password */
  async login(login, password) {
    const me = await api.login(login, password);
    localStorage.removeItem(LEFT);
    await this.enter(me);
    // The browser may want a press of its own first; the page then asks for it.
    if (this.standing === "shift" && this.person?.usable.length === 1) await this.begin().catch(() => undefined);
  }

  /** @param {api.Me} me */
  async enter(me) {
    this.me = me;
    this.notice = "";
    this.person = new Person(me);
    await this.ask();
    if (!this.works()) this.link = "connected";
    else this.live = new Live({ onFrame: (frame) => this.frame(frame), onState: (state) => this.linked(state) });
    this.changed();
  }

  /** Ask how it stands with this person: approved, waiting, or to begin a shift. Throws ApiError. */
  async ask() {
    await this.about((person) => person.ask());
  }

  /** Do something about the person; what is wrong is told. @param {(person: Person) => Promise<unknown>} act */
  async about(act) {
    const { person } = this;
    if (person === null) return;
    this.notice = "";
    try {
      await act(person);
    } catch (error) {
      this.notice = codeOf(error);
      if (error instanceof api.ApiError && this.standing === "loading") throw error;
    } finally {
      this.standing = person.standing;
    }
    this.thinkAhead();
    this.changed();
  }

  /** The passkey begins the shift. @param {api.MyPasskey} [passkey] */
  begin(passkey) {
    return this.about((person) => person.begin(passkey));
  }

  register() {
    return this.about((person) => person.register());
  }

  /** The person who sits here goes, and the next one may come: no key, queue or picture of theirs remains. */
  async logout() {
    this.leave();
    this.live?.close();
    localStorage.setItem(LEFT, "");
    await wipeShift();
    await this.tellLeft().catch(() => undefined);
    history.replaceState(null, "", location.pathname);
    location.reload();
  }

  async tellLeft() {
    await api.logout().catch((error) => {
      if (!(error instanceof api.ApiError) || error.status !== 401) throw error;
    });
    localStorage.removeItem(LEFT);
  }

  // ---- what the service tells ---------------------------------------------------------------------------------------

  /** @param {"connecting" | "connected" | "lost" | "ended"} state */
  linked(state) {
    this.link = state;
    if (state === "ended") location.reload();
    this.changed();
  }

  /** @param {import("./live.js").Frame} frame */
  frame(frame) {
    if (frame.type === "queue") this.whole(frame);
    else if (frame.type === "row") this.rows.set(rowId(frame["row"]), frame["row"]);
    else if (frame.type === "row_gone") this.rows.delete(rowId(/** @type {any} */ (frame)));
    else if (frame.type === "visit") this.visits.set(frame["visit"].id, frame["visit"]);
    else if (frame.type === "home") this.home(frame);
    else if (frame.type === "credential") void this.about((person) => person.certified());
    else if (frame.type === "trust") void this.about((person) => person.hear(/** @type {any} */ (frame)));
    else if (frame.type === "people") this.dispatchEvent(new Event("people"));
    else if (frame.type === "signed") this.lookOf(frame["look"])?.receive(frame["token"]);
    else if (frame.type === "refused") this.lookOf(frame["look"])?.serviceRefused(frame["request"], frame["code"]);
    if (frame.type !== "signed") this.thinkAhead();
    this.changed();
  }

  /** @param {import("./live.js").Frame} frame */
  whole(frame) {
    this.skew = Math.round(frame["now"] - Date.now() / 1000);
    this.rows = new Map(frame["rows"].map((/** @type {QueueRow} */ row) => [rowId(row), row]));
    this.visits = new Map(frame["visits"].map((/** @type {Visit} */ visit) => [visit.id, visit]));
  }

  /** @param {import("./live.js").Frame} frame */
  home(frame) {
    const { hub, online, ready, paused, problem } = /** @type {any} */ (frame);
    for (const [id, row] of this.rows) if (row.hub === hub) this.rows.set(id, { ...row, online, ready, paused, problem });
  }

  /** @param {string} id */
  lookOf(id) {
    return [this.current, this.next].find((look) => look?.id === id);
  }

  // ---- looking ------------------------------------------------------------------------------------------------------

  /**
   * Claim a row and make its connection ready. Throws ApiError.
   * @param {QueueRow} row
   */
  async open(row) {
    const { key = null, root = null, chain = [] } = this.person ?? {};
    if (key === null || root === null) throw new Refused("unknown_signer");
    await this.releasing; // or it could overtake, and take this claim with it
    const claimed = await api.queue("claim", row);
    this.rows.set(rowId(claimed), claimed);
    const send = (/** @type {object} */ frame) => this.live?.send(frame) ?? false;
    const trust = () => this.person?.lenient() ?? STRICTEST;
    const look = new Look(claimed, { key, root, chain, trust, send, ice: api.ice });
    look.addEventListener("change", () => this.looked(look));
    return look;
  }

  /**
   * Look now: the one made ready, or this row. Does nothing while another look runs.
   * @param {QueueRow} [row]
   */
  async take(row) {
    if (this.taking || (this.current !== null && !this.current.ended)) return;
    this.taking = true;
    while (this.busy) await this.claiming; // the next may be on its way to being ready
    this.taking = false;
    const wanted = row ?? this.upcoming();
    if (wanted === undefined) return this.changed();
    this.notice = "";
    this.dismiss();
    if (this.next !== null && rowId(this.next.row) === rowId(wanted)) {
      this.current = this.next;
      this.next = null;
      this.current.click();
      return this.changed();
    }
    this.drop();
    const clicked = performance.now();
    await this.alone(async () => {
      const look = await this.open(wanted);
      look.mark("click", clicked);
      this.current = look;
      await look.begin();
      look.click();
    });
  }

  /** Make the next one ready: connected, nothing moves, no picture. */
  async prepare() {
    const now = performance.now();
    const row = this.queue().find((one) => this.free(one) && (this.resting.get(rowId(one)) ?? 0) < now);
    if (row === undefined) return;
    await this.alone(async () => {
      this.resting.set(rowId(row), now + TRY_AGAIN_MS);
      // Nobody asked for this, so nobody is told when a colleague is faster or the service says no.
      this.next = await this.open(row).catch(() => null);
      await this.next?.begin();
    });
  }

  /** One claim at a time, so that two keys pressed fast take one look. @param {() => Promise<void>} act */
  async alone(act) {
    if (this.busy) return;
    this.busy = true;
    this.claiming = act().catch((error) => {
      this.notice = codeOf(error);
    });
    await this.claiming;
    this.busy = false;
    this.changed();
  }

  /** @param {Look} look */
  looked(look) {
    if (look === this.next && look.ended) this.released(look);
    // The connection was given up on before the picture (its time ran out); there is nothing to show of it.
    if (look === this.current && look.state.phase === "idle") this.dismiss();
    if (look === this.current && look.state.phase === "open") this.thinkAhead();
    this.changed();
  }

  /** @param {Look} look */
  released(look) {
    if (look === this.next) this.next = null;
    if (look.state.phase === "idle") this.resting.delete(rowId(look.row));
    const row = this.rows.get(rowId(look.row));
    if (row?.mine) this.releasing = api.queue("release", row).then(() => undefined, () => undefined);
  }

  /** Esc: let go what has not opened, or end the look as not seen, which brings it back as a retry or a visit. */
  abort() {
    const phase = this.current?.state.phase ?? "idle";
    if (phase === "preparing" || phase === "prepared") this.current?.letGo();
    else this.current?.say("not_seen");
  }

  /** Back from a look that is over. */
  dismiss() {
    const look = this.current;
    if (look === null || !look.ended) return;
    this.current = null;
    if (look.state.phase !== "done") this.released(look);
    look.letGo();
    this.changed();
  }

  /** Let the one made ready go. */
  drop() {
    this.next?.letGo();
  }

  /** The page is hidden or left: end what runs and hold nothing. */
  leave() {
    this.current?.leave();
    this.drop();
  }

  /** Something was pressed or moved. */
  touched() {
    this.active = performance.now();
  }

  beat() {
    this.asked = (this.asked ?? 0) + HEARTBEAT_MS;
    const waiting = this.standing === "waiting" || this.standing === "no_root";
    if (waiting && this.asked >= ASK_AGAIN_MS) {
      this.asked = 0;
      void this.ask().catch(() => undefined);
    }
    if (this.standing !== "ready") return;
    const over = Date.now() / 1000 >= (this.person?.until ?? 0);
    if (over && (this.current === null || this.current.ended)) {
      this.dismiss();
      this.drop();
      void this.about((person) => person.end());
      return;
    }
    void keepFresh(this.person).catch(() => undefined);
    this.thinkAhead();
    this.changed();
  }

  /** Whether the client has put off or done without the look made ready. */
  notNow() {
    const row = this.next === null ? undefined : this.rows.get(rowId(this.next.row));
    return row !== undefined && (NOT_NOW.has(row.state) || row.start > this.now());
  }

  /** Make the next one ready while somebody works here; hold none for somebody who has gone, or that is not to be. */
  thinkAhead() {
    if (this.notNow()) this.drop();
    const working = performance.now() - this.active < AT_WORK_MS && document.visibilityState === "visible";
    const running = this.current !== null && !this.current.ended;
    if (!working && !running) this.drop();
    else if (this.standing === "ready" && this.next === null && this.may("operator") && this.link === "connected" && !this.waitsToOpen()) {
      void this.prepare();
    }
  }

  /** While one is being asked for, nothing else disturbs. */
  waitsToOpen() {
    return this.busy || this.taking || ["preparing", "prepared", "asking"].includes(this.current?.state.phase ?? "idle");
  }
}

/** The code to put into words. @param {unknown} error */
export function codeOf(error) {
  return error instanceof api.ApiError || error instanceof Refused ? error.code : "internal_error";
}
