import { html, svg } from "../vendor/lit.js";
import { brief, coded, t } from "../i18n.js";
import { OUTCOMES } from "../codes.js";
import { canTurn, owesOutcome } from "../session.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { lookStyles } from "./look-styles.js";
import { shared } from "./theme.js";

/** @typedef {import("../look.js").Look} Look */
/** @typedef {import("../session.js").Outcome} Outcome */

/** @type {{[O in Outcome]: Parameters<typeof icon>[0]}} */
const ICONS = { seen: "check", not_seen: "away", needs_help: "help" };
const HURRY = 5;

/** Whether 1, 2 and 3 mean something now: there is, or was, a picture to judge. @param {Look} look */
export const canJudge = ({ state }) =>
  state.phase === "open" || ((state.phase === "opening" || state.phase === "turning") && state.framed) || owesOutcome(state);

/** Whether Esc ends this look as not seen. @param {Look} look */
export const canAbort = ({ state }) => ["preparing", "prepared", "asking", "opening", "open", "turning"].includes(state.phase);

/** The first key that chooses a room; the keys before it say what was seen. */
const FIRST_ROOM_KEY = OUTCOMES.length + 1;

/** The room that this key chooses, if any. @param {Look} look @param {string} key */
export const roomOf = ({ row }, key) => row.plan.rooms[Number(key) - FIRST_ROOM_KEY];

/** One look: the picture, how long it lasts, and what was seen. */
class LookView extends DeskElement {
  static styles = [shared, lookStyles];

  /** @override */
  firstUpdated() {
    this.renderRoot.querySelector("h1")?.focus();
  }

  /** @override */
  render() {
    const look = this.desk.current;
    if (look === null) return "";
    const { state, row } = look;
    const over = state.phase === "done" || state.phase === "refused";
    return html`<section class="look" aria-labelledby="title">
      <header>
        <h1 id="title" tabindex="-1"><span class="unseen">${t("look.title", { label: "" })}</span>${row.label}</h1>
        ${state.secure && state.phase !== "closing" ? html`<span class="chip good" title=${t("look.secure_lead")} data-secure>${icon("lock")}${t("look.secure")}</span>` : ""}
      </header>
      ${over ? this.result(look) : this.picture(look)}
      <p class="unseen" role="status">${said(look)}</p>
      ${over ? "" : this.controls(look)}
    </section>`;
  }

  /** @param {Look} look */
  picture(look) {
    return html`<div class="frame ${look.visible ? "live" : ""}">
      <div class="video" ?hidden=${!look.visible} role="img" aria-label=${t("look.video", { label: look.row.label, room: inRoom(look.state.room) })}>${look.video}</div>
      ${look.visible && look.state.phase === "open"
        ? ""
        : html`<div class="curtain" aria-hidden="true"><span class="pulse">${icon(look.state.phase === "closing" ? "away" : "eye")}</span><p>${said(look)}</p></div>`}
    </div>`;
  }

  /** @param {Look} look */
  controls(look) {
    const judge = canJudge(look);
    return html`<div class="controls">
      ${this.rooms(look)} ${this.ring(look)} ${this.outcomes(look, !judge)}
      <button class="quiet abort" ?disabled=${!canAbort(look)} @click=${() => this.desk.abort()}>
        <span>${t("look.abort")}<small class="muted">${t("look.abort_hint")}</small></span><kbd aria-hidden="true">${t("keys.escape")}</kbd>
      </button>
    </div>`;
  }

  /** The rooms that the plan names, where there is a choice. @param {Look} look */
  rooms(look) {
    const { state, row } = look;
    if (row.plan.rooms.length < 2) return "";
    return html`<div class="rooms">
      <div role="group" aria-label=${t("look.rooms")}>
        ${row.plan.rooms.map(
          (room, at) => html`<button class="room" aria-pressed=${room === state.room} ?disabled=${room !== state.room && !canTurn(state, room)} @click=${() => look.turn(room)} data-room=${room}>
            <span>${coded("room", room)}${room === state.room ? html`<small>${t("look.here")}</small>` : ""}</span><kbd aria-hidden="true">${FIRST_ROOM_KEY + at}</kbd>
          </button>`,
        )}
      </div>
      ${state.unturned === "" ? "" : html`<p class="muted small" data-unturned=${state.unturned}>${t("look.not_turned", { why: brief(state.unturned) })}</p>`}
    </div>`;
  }

  /** @param {Look} look @param {boolean} disabled */
  outcomes(look, disabled) {
    return html`<div class="outcomes" role="group" aria-label=${t("look.what")}>
      ${OUTCOMES.map(
        (outcome, at) => html`<button class="outcome ${outcome}" ?disabled=${disabled} @click=${() => look.say(outcome)} data-outcome=${outcome}>
          ${icon(ICONS[outcome])}<span>${t(`look.${outcome}`)}<small>${t(`look.${outcome}_hint`)}</small></span><kbd aria-hidden="true">${at + 1}</kbd>
        </button>`,
      )}
    </div>`;
  }

  /** @param {Look} look */
  ring({ state, row }) {
    const total = state.seconds || row.plan.look_seconds;
    const running = ["opening", "open", "turning"].includes(state.phase);
    const left = running ? Math.max(0, Math.ceil((state.ends - performance.now()) / 1000)) : total;
    const part = running ? left / total : 1;
    return html`<div class="ring ${running && left <= HURRY ? "hurry" : ""}" role="timer" aria-label=${t("look.left_label", { seconds: left, total })}>
      ${svg`<svg viewBox="0 0 100 100" aria-hidden="true"><circle class="track" cx="50" cy="50" r="44" pathLength="100" /><circle class="left" cx="50" cy="50" r="44" pathLength="100" stroke-dasharray="100" stroke-dashoffset=${100 - part * 100} transform="rotate(-90 50 50)" /></svg>`}
      <b class="number" aria-hidden="true">${left}</b><span class="muted" aria-hidden="true">${t("look.left")}</span>
    </div>`;
  }

  /** @param {Look} look */
  result(look) {
    const { state } = look;
    if (state.phase === "refused") return this.refused(look);
    if (owesOutcome(state)) {
      return html`<div class="result" role="alertdialog" aria-labelledby="ask">
        <h2 id="ask">${t("look.what")}</h2>
        <p>${t("look.late", { reason: coded("reason", state.reason) })}</p>
        ${this.outcomes(look, false)}
      </div>`;
    }
    const outcome = state.outcome;
    const seconds = Math.round(state.lasted / 1000);
    return html`<div class="result ${outcome}">
      <span class="mark">${icon(outcome === "" ? "away" : ICONS[outcome])}</span>
      <h2>${outcome === "" ? coded("reason", state.reason) : t("look.outcome", { outcome: t(`look.${outcome}`) })}</h2>
      <ul>
        ${state.reason === "" ? "" : html`<li>${state.lasted > 0 ? t("look.lasted", { seconds }) : t("look.never")}</li>`}
        ${outcome !== "" && state.reason !== "" && state.reason !== outcome ? html`<li>${coded("reason", state.reason)}</li>` : ""}
        <li>${state.reason === "" ? t("look.unconfirmed") : t("look.away")}</li>
        ${outcome === "needs_help" ? html`<li>${t("look.help_next")}</li>` : ""}
        ${outcome === "not_seen" || outcome === "" ? html`<li>${t("look.not_seen_next")}</li>` : ""}
        ${outcome === "seen" ? "" : this.whom(look)}
      </ul>
      ${this.onward()}
    </div>`;
  }

  /** What was agreed for when the client cannot be seen, and who knows the client. @param {Look} look */
  whom({ row }) {
    return html`<li>${t("look.call", { actions: row.fallback.map((one) => coded("fallback", one)).join(" → ") })}</li>
      ${row.contact && html`<li>${t("look.contact", { contact: row.contact })}</li>`}`;
  }

  /** @param {Look} look */
  refused(look) {
    const { code } = look.state;
    return html`<div class="result refused" role="alert" data-code=${code}>
      <span class="mark">${icon("cut")}</span>
      <h2>${t("look.refused")}</h2>
      <ul>
        <li>${coded("code", code)}</li>
        <li class="muted">${t("look.nothing_moved")}</li>
        ${this.whom(look)}
      </ul>
      ${this.onward()}
    </div>`;
  }

  onward() {
    const { desk } = this;
    const next = desk.upcoming();
    return html`<div class="onward">
      ${next === undefined
        ? ""
        : html`<button class="primary" @click=${() => desk.take()}>${icon("eye")}${t("look.next_who", { label: next.label })}<kbd aria-hidden="true">${t("keys.enter")}</kbd></button>`}
      <button @click=${() => desk.dismiss()}>${t("look.back")}<kbd aria-hidden="true">${t(next === undefined ? "keys.enter" : "keys.escape")}</kbd></button>
    </div>`;
  }
}
customElements.define("tk-look", LookView);

/** What is happening, in a sentence. @param {Look} look */
function said({ state }) {
  if (state.phase === "refused") return coded("code", state.code);
  if (state.phase === "done") return state.reason === "" ? t("look.unconfirmed") : t("look.away");
  if (state.phase === "idle") return "";
  if (["open", "opening", "turning"].includes(state.phase) && !state.secure) return t("look.lost");
  const room = inRoom(state.turning || state.room);
  if (state.phase === "open" && state.unturned !== "") return `${t("look.not_turned", { why: brief(state.unturned) })} ${t("look.open", { room })}.`;
  return t(`look.${state.phase}`, { room });
}

/** @param {import("../session.js").Room | ""} room */
const inRoom = (room) => (room === "" ? "" : coded("in_room", room));
