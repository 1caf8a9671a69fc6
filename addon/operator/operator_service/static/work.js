// The work at the desk: tonight's rows, the look that runs, and the one made ready after it. Who works here, and what the
// service tells, is the desk's (desk.js).

import * as api from "./api.js";
import { STRICTEST } from "./chain.js";
import { Look } from "./look.js";
import { Refused } from "./strict.js";

/** @typedef {import("./api.js").QueueRow} QueueRow */
/** @typedef {import("./api.js").Visit} Visit */
/** @typedef {import("./live.js").Live} Live */
/** @typedef {import("./person.js").Person} Person */
/** loading; login; and how it stands with the person who is logged in: person.js. */
/** @typedef {"loading" | "login" | import("./person.js").Standing} Standing */

const TRY_AGAIN_MS = 30_000;
/** Somebody who has not touched anything for so long is not about to look: their next one is let go. */
const AT_WORK_MS = 60_000;
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

/** Emits "change" at every change. */
export class Work extends EventTarget {
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

  /** @param {string} id */
  lookOf(id) {
    return [this.current, this.next].find((look) => look?.id === id);
  }

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
      this.notice = api.codeOf(error);
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
