import { html, repeat } from "../vendor/lit.js";
import * as api from "../api.js";
import { codeOf } from "../desk.js";
import { clock, coded, soon, span, t } from "../i18n.js";
import { rowId, takeable } from "../work.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import "./night.js";
import { queueStyles } from "./queue-styles.js";
import { shared } from "./theme.js";

/** @typedef {import("../api.js").QueueRow} QueueRow */

const SOON = 300;
const OVER = new Set(["seen", "visited", "paused", "declined"]);
const CLASSES = new Map([
  ["seen", "good"], ["visited", "info"], ["visit", "info"], ["looking", "good"], ["claimed", ""], ["retry_at", "warn"],
  ["paused", "warn"], ["missed", "bad"], ["due", "good"],
]);

/** What to look in on, by deadline, with the next one large. */
class Queue extends DeskElement {
  static styles = [shared, queueStyles];

  /** @override */
  render() {
    const { desk } = this;
    // What is over sinks to the end; what is left stays by deadline.
    const rows = desk.queue().sort((a, b) => Number(OVER.has(a.state)) - Number(OVER.has(b.state)));
    return html`<div class="page">
      <h1 class="unseen">${t("queue.title")}</h1>
      ${desk.notice && html`<p class="notice bad" role="alert">${icon("help")}<span>${coded("code", desk.notice)}</span></p>`}
      ${desk.may("operator") ? this.upcoming() : html`<p class="notice">${icon("help")}<span>${t("queue.not_operator")}</span></p>`}
      <tk-night .desk=${desk}></tk-night>
      ${rows.length === 0
        ? ""
        : html`<section aria-labelledby="list">
            <h2 id="list">${t("queue.list")}</h2>
            <ul class="rows">
              ${repeat(rows, (row) => rowId(row), (row) => this.row(row))}
            </ul>
          </section>`}
    </div>`;
  }

  upcoming() {
    const { desk } = this;
    const row = desk.upcoming();
    if (row === undefined) return this.nobody();
    const left = row.deadline - desk.now();
    const phase = desk.next?.state.phase;
    return html`<section class="card next" aria-labelledby="who">
      <div class="what">
        <p class="over">${t("queue.next")}</p>
        <p class="who" id="who">${row.label}</p>
        <p class="facts">
          <span class="chip number ${left < SOON ? "warn" : ""}">${icon("clock")}${left > 0 ? t("queue.left", { span: span(left) }) : t("queue.late")}</span>
          <span class="chip number">${t("queue.window", { start: clock(row.start), end: clock(row.end) })}</span>
          ${row.looks > 0 ? html`<span class="chip warn">${icon("again")}${t("queue.retry_tag")}</span>` : ""}
          ${this.moved(row)}
          ${row.plan.rooms.length > 1 ? html`<span class="chip">${t("queue.rooms", { rooms: row.plan.rooms.map((room) => coded("room", room)).join(", ") })}</span>` : ""}
          ${phase === "prepared" ? html`<span class="chip good">${icon("lock")}${t("queue.ready")}</span>` : ""}
          ${phase === "preparing" ? html`<span class="chip">${t("queue.preparing")} …</span>` : ""}
        </p>
        <p class="muted small">${phase === "prepared" ? t("queue.connection") : ""}</p>
      </div>
      <button class="primary go" ?disabled=${desk.busy && desk.next === null} @click=${() => desk.take(row)}>
        ${icon("eye")}${this.lookIn(row)}<kbd aria-hidden="true">${t("keys.enter")}</kbd>
      </button>
    </section>`;
  }

  /** @param {QueueRow} row */
  lookIn(row) {
    return html`<span>${t("queue.look")} <span class="unseen">${t("queue.who", { label: row.label })}</span></span>`;
  }

  nobody() {
    const now = this.desk.now();
    const next = this.desk.queue().find((row) => row.state === "planned" && row.start > now);
    return html`<section class="card next">
      <div class="what">
        <p class="who">${t("queue.none")}</p>
        <p class="muted">${next === undefined ? t("queue.none_lead") : t("queue.none_then", { time: clock(next.start) })}</p>
      </div>
    </section>`;
  }

  /** @param {QueueRow} row */
  row(row) {
    const { desk } = this;
    const now = desk.now();
    const due = row.state === "planned" && row.start <= now;
    const state = due ? "due" : row.state;
    const can = desk.may("operator") && takeable(row, now);
    const open = ["planned", "claimed", "retry_at"].includes(row.state);
    return html`<li class="row ${row.state === "missed" ? "red" : ""}">
      <div class="name">
        <b>${row.label}</b>
        <span class="muted small number">${t("queue.window", { start: clock(row.start), end: clock(row.end) })}</span>
      </div>
      <div class="chips">
        ${state === "claimed" && row.claimed_by !== "" ? "" : html`<span class="chip ${CLASSES.get(state) ?? ""}">${this.word(row, state, now)}</span>`}
        ${this.moved(row)} ${this.home(row, open)}
        ${row.claimed_by !== "" && row.state !== "seen" ? html`<span class="chip">${row.mine ? t("queue.mine") : t("queue.claimed", { name: row.claimed_by })}</span>` : ""}
      </div>
      <div class="time number muted small">${this.time(row, open, now)}</div>
      <div class="acts">
        ${can && row !== desk.upcoming()
          ? html`<button @click=${() => desk.take(row)}>${icon("eye")}${this.lookIn(row)}</button>`
          : ""}
        ${open && row.start <= now && desk.may("operator") && (row.claimed_by === "" || row.mine)
          ? html`<button class="quiet" @click=${() => this.send(row)} aria-label=${t("queue.visit_for", { label: row.label })}>${icon("car")}${t("queue.visit")}</button>`
          : ""}
      </div>
    </li>`;
  }

  /** Where it stands, and for how long where the client has said so. @param {QueueRow} row @param {string} state @param {number} now */
  word(row, state, now) {
    if (state === "declined" && row.wish === "skipped") return t("queue.skipped");
    if (state === "paused" && row.away !== null && row.away > now) return t("queue.away", { time: soon(row.away, now) });
    return coded("state", state);
  }

  /** @param {QueueRow} row */
  moved(row) {
    return row.wish === "moved" ? html`<span class="chip info">${icon("clock")}${t("queue.moved")}</span>` : "";
  }

  /** @param {QueueRow} row @param {boolean} open */
  home(row, open) {
    if (!open) return "";
    if (row.paused) return html`<span class="chip warn">${icon("pause")}${t("state.paused")}</span>`;
    if (!row.online) return html`<span class="chip bad">${icon("cut")}${t("queue.offline")}</span>`;
    if (!row.ready) return html`<span class="chip warn">${icon("help")}${t("queue.not_ready")}</span>`;
    return html`<span class="chip">${icon("home")}<span class="unseen">${t("queue.online")}</span></span>`;
  }

  /** @param {QueueRow} row @param {boolean} open @param {number} now */
  time(row, open, now) {
    if (!open) return "";
    if (row.state === "retry_at" && row.retry_at !== null && row.retry_at > now) return t("queue.retry", { time: clock(row.retry_at) });
    if (row.start > now) return t("queue.opens", { time: clock(row.start) });
    const left = row.deadline - now;
    return left > 0 ? t("queue.left", { span: span(left) }) : t("queue.late");
  }

  /** @param {QueueRow} row */
  async send(row) {
    const { desk } = this;
    if (desk.next !== null && rowId(desk.next.row) === rowId(row)) desk.drop();
    try {
      await api.queue("visit", row);
    } catch (error) {
      desk.notice = codeOf(error);
    }
    desk.changed();
  }
}
customElements.define("tk-queue", Queue);
