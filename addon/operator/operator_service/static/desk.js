// The operator's desk: who is logged in, what the service tells, and the work that is done here (work.js).
// Everything on the screen is drawn from here; every change emits "change".

import * as api from "./api.js";
import { wipeShift } from "./key.js";
import { Live } from "./live.js";
import { Person } from "./person.js";
import { keepFresh } from "./revoking.js";
import { Work, rowId } from "./work.js";

export { codeOf } from "./api.js";

/** @typedef {import("./api.js").QueueRow} QueueRow */
/** @typedef {import("./api.js").Visit} Visit */

const ASK_AGAIN_MS = 5_000;
/** Kept until the service has heard that the person who was here has gone. */
const LEFT = "tillsyn-left";
const HEARTBEAT_MS = 1_000;

export class Desk extends Work {
  constructor() {
    super();
    setInterval(() => this.beat(), HEARTBEAT_MS);
  }

  /** Whether the queue is for this person at all; planners and auditors read other things. */
  works() {
    return ["operator", "patrol", "admin"].some((role) => this.may(role));
  }

  // ---- logging in -------------------------------------------------------------------------------------------------

  async start() {
    try {
      // Somebody ended their shift where the service could not be told: nobody goes on in their name.
      if (localStorage.getItem(LEFT) !== null) await this.tellLeft();
      await this.enter(await api.me());
    } catch (error) {
      this.standing = "login";
      this.notice = error instanceof api.ApiError && error.status === 401 ? "" : api.codeOf(error);
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
      this.notice = api.codeOf(error);
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
}
