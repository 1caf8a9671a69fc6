import { css, html, repeat } from "../vendor/lit.js";
import * as api from "../api.js";
import { codeOf } from "../desk.js";
import { FALLBACKS } from "../codes.js";
import { WORDS, brief, clock, coded, currentLanguage, t } from "../i18n.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { shared } from "./theme.js";

/** @typedef {import("../api.js").Visit} Visit */

/** What the patrol has to do: looks that became visits. */
class Visits extends DeskElement {
  static properties = { ...DeskElement.properties, finishing: { state: true }, code: { state: true } };
  static styles = [
    shared,
    css`
      .page,
      ul.list {
        display: grid;
        gap: 1rem;
      }
      .visit {
        display: grid;
        gap: 0.75rem;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.5rem 1rem;
      }
      .top h2 {
        font-size: 1.375rem;
        letter-spacing: -0.015em;
      }
      .acts {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem;
      }
      form {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 1rem;
      }
      form .wide {
        grid-column: 1 / -1;
      }
      .empty {
        display: grid;
        justify-items: center;
        gap: 1rem;
        padding: 4rem 1rem;
        text-align: center;
        color: var(--muted);
      }
      .empty svg {
        width: 2.5rem;
        height: 2.5rem;
      }
      .old {
        opacity: 0.85;
      }
      @media (max-width: 40rem) {
        form {
          grid-template-columns: 1fr;
        }
        .acts button {
          flex: 1;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Visit["id"] | null} */
    this.finishing = null;
    this.code = "";
  }

  /** @override */
  render() {
    const order = ["open", "acknowledged", "arrived", "finished"];
    const visits = [...this.desk.visits.values()].sort(
      (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.created - b.created,
    );
    return html`<div class="page">
      <h1>${t("visits.title")}</h1>
      <div role="alert">${this.code && html`<p class="notice bad">${icon("help")}<span>${coded("code", this.code)}</span></p>`}</div>
      ${this.desk.may("patrol") ? "" : html`<p class="muted">${t("visits.not_patrol")}</p>`}
      ${visits.length === 0
        ? html`<div class="card empty">${icon("moon")}<p>${t("visits.none")}</p></div>`
        : html`<ul class="list">
            ${repeat(visits, (visit) => visit.id, (visit) => this.visit(visit))}
          </ul>`}
    </div>`;
  }

  /** @param {Visit} visit */
  visit(visit) {
    const kind = visit.state === "finished" ? "good" : visit.state === "open" ? "warn" : "info";
    return html`<li class="card visit ${visit.state === "finished" ? "old" : ""}">
      <div class="top">
        <h2>${visit.label}</h2>
        <span class="chip ${kind}">${coded("state", visit.state)}</span>
      </div>
      <p>${t("visits.cause", { cause: cause(visit.cause) })} <span class="muted number">· ${clock(visit.created)}</span></p>
      <p class="muted">${t("visits.actions", { actions: visit.fallback.map((one) => coded("fallback", one)).join(" → ") })}</p>
      ${visit.contact && html`<p class="muted">${t("look.contact", { contact: visit.contact })}</p>`}
      ${visit.state === "acknowledged" ? html`<p class="muted">${t("visits.acknowledged", { name: visit.by, time: clock(visit.acknowledged ?? 0) })}</p>` : ""}
      ${visit.state === "arrived" ? html`<p class="muted">${t("visits.arrived", { name: visit.by, time: clock(visit.arrived ?? 0) })}</p>` : ""}
      ${visit.state === "finished" ? this.done(visit) : this.acts(visit)}
    </li>`;
  }

  /** @param {Visit} visit */
  done(visit) {
    const result = visit.result === "declined" ? t("visits.declined") : t("visits.visited");
    return html`<p>${result}${visit.how === "" ? "" : ` · ${coded("fallback", visit.how)}`}</p>
      ${visit.note && html`<p class="muted">${visit.note}</p>`}
      <p class="muted small">${t("visits.done", { name: visit.by, time: clock(visit.finished ?? 0) })}</p>`;
  }

  /** @param {Visit} visit */
  acts(visit) {
    if (!this.desk.may("patrol")) return "";
    if (this.finishing === visit.id) return this.form(visit);
    return html`<div class="acts">
      ${visit.state === "open"
        ? html`<button class="primary" @click=${() => this.act(() => api.acknowledge(visit.id))}>${icon("car")}${t("visits.acknowledge")}</button>`
        : ""}
      ${visit.state === "acknowledged"
        ? html`<button class="primary" @click=${() => this.act(() => api.arrive(visit.id))}>${icon("home")}${t("visits.arrive")}</button>`
        : ""}
      <button class=${visit.state === "arrived" ? "primary" : ""} @click=${() => (this.finishing = visit.id)}>${icon("check")}${t("visits.finish")}</button>
    </div>`;
  }

  /** @param {Visit} visit */
  form(visit) {
    return html`<form @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, visit)}>
      <label
        >${t("visits.result")}<select name="result">
          <option value="visited">${t("visits.visited")}</option>
          <option value="declined">${t("visits.declined")}</option>
        </select></label
      >
      <label
        >${t("visits.how")}<select name="how">
          ${[...FALLBACKS].reverse().map((one) => html`<option value=${one}>${coded("fallback", one)}</option>`)}
        </select></label
      >
      <label class="wide"
        >${t("visits.note")} <span class="muted small">(${t("visits.note_hint")})</span><textarea name="note" rows="2" maxlength="500"></textarea
      ></label>
      <div class="acts wide">
        <button class="primary">${t("visits.save")}</button>
        <button type="button" class="quiet" @click=${() => (this.finishing = null)}>${t("visits.cancel")}</button>
      </div>
    </form>`;
  }

  /** @param {SubmitEvent} event @param {Visit} visit */
  async submit(event, visit) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const field = (/** @type {string} */ name) => String(data.get(name) ?? "");
    const done = { result: field("result"), how: field("how"), note: field("note").trim() };
    if (await this.act(() => api.finish(visit.id, done))) this.finishing = null;
  }

  /** @param {() => Promise<Visit>} act */
  async act(act) {
    this.code = "";
    try {
      const visit = await act();
      this.desk.visits.set(visit.id, visit);
      this.desk.changed();
      return true;
    } catch (error) {
      this.code = codeOf(error);
      return false;
    }
  }
}
customElements.define("tk-visits", Visits);

/** Why it became a visit: a cause of its own, or a refusal. @param {string} code */
function cause(code) {
  const word = `cause.${code}`;
  const words = WORDS[currentLanguage()];
  return word in words ? t(/** @type {import("../i18n.js").Word} */ (word)) : brief(code);
}
