import { html, repeat } from "../vendor/lit.js";
import * as api from "../api.js";
import { codeOf } from "../desk.js";
import { coded, moment, t } from "../i18n.js";
import { blank, draftOf, propose, requireHome, shown, signsPlans, unitsOf } from "../planning.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import "./plan-form.js";
import { nightBars } from "./plan-night.js";
import { differences, isRefused, refusal, stateChip, steps, whole } from "./plan-parts.js";
import { planStyles } from "./plan-styles.js";
import { shared } from "./theme.js";

/** @typedef {import("../planning.js").Draft} Draft */
/** @typedef {import("../planning.js").Shown} Shown */
/** @typedef {Omit<import("../comparing.js").Plan, "hub" | "number" | "iat">} Fields */
/** What is written for a home and not signed yet; `number`: of the newest plan when it was begun. @typedef {{draft: Draft, number: number}} Kept */

const PAUSE_MS = 5_000;
/** What is written outlives a look at another page, and nothing else. @type {Map<string, Kept>} */
const written = new Map();

/** Whether the plan that was accepted is no longer at home. @param {api.HomePlan} home */
const isLost = ({ in_force }) => in_force?.state === "lost";

const hubHere = () => /^#plans\/([A-Za-z0-9_-]{43})$/.exec(location.hash)?.[1] ?? "";

/** Who looks in when: the homes of a planner, and one home's plan: read, changed, looked over, signed, and followed to its answer. */
class Plans extends DeskElement {
  static properties = {
    ...DeskElement.properties, hub: { state: true }, homes: { state: true }, home: { state: true }, newest: { state: true },
    inForce: { state: true }, trusted: { state: true }, kept: { state: true }, fields: { state: true }, code: { state: true }, lost: { state: true }, busy: { state: true }, said: { state: true },
  };
  static styles = [shared, planStyles];

  constructor() {
    super();
    this.hub = "";
    /** @type {api.PlannedHome[] | null} */
    this.homes = null;
    /** @type {api.HomePlan | null} */
    this.home = null;
    /** @type {Shown | null} */
    this.newest = null;
    /** @type {Shown | null} */
    this.inForce = null;
    /** Why the home is not to be planned for, '' where it is. */
    this.trusted = "";
    /** The form, while it is open. @type {Kept | null} */
    this.kept = null;
    /** What is looked over before it is signed. @type {Fields | null} */
    this.fields = null;
    this.code = this.said = "";
    /** Why what is shown may be old, '' where it is not. */
    this.lost = "";
    this.busy = false;
    this.leaving = new AbortController();
    this.moved = () => this.show(hubHere());
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    window.addEventListener("hashchange", this.moved);
    this.moved();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.moved);
    this.leaving.abort();
  }

  /** @param {string} hub '' for the list */
  show(hub) {
    this.leaving.abort();
    this.leaving = new AbortController();
    Object.assign(this, { hub, home: null, homes: null, newest: null, inForce: null, fields: null, code: "", lost: "", said: "", kept: written.get(hub) ?? null });
    void this.follow(hub, this.leaving.signal);
  }

  /** Read it, and again each time it is otherwise, until somebody leaves. @param {string} hub @param {AbortSignal} signal */
  async follow(hub, signal) {
    while (!signal.aborted) {
      try {
        if (hub === "") this.homes = (await api.plans()).homes;
        else await this.take(this.home === null ? await api.plan(hub) : await api.planAfter(hub, this.home.stamp, signal));
        if (hub === "") return;
      } catch (error) {
        if (signal.aborted) return;
        this.lost = codeOf(error);
        if (error instanceof api.ApiError && error.status >= 400 && error.status < 500) return;
        await new Promise((done) => setTimeout(done, PAUSE_MS));
      }
    }
  }

  /** @param {api.HomePlan} home */
  async take(home) {
    const { person } = this.desk;
    if (person === null || home.hub !== this.hub) return;
    const read = (/** @type {api.PlanRow | null} */ row) =>
      row === null ? null : shown(person, home.hub, row).catch((error) => ({ plan: /** @type {any} */ (null), by: "", code: codeOf(error) }));
    const [newest, inForce] = await Promise.all([read(home.newest), read(home.in_force)]);
    this.trusted = await requireHome(person, home).then(() => "", codeOf);
    Object.assign(this, { home, newest, inForce, lost: "" });
  }

  // ---- what is shown --------------------------------------------------------------------------------------------------

  /** @override */
  render() {
    return html`<div class="page">
      ${this.hub === "" ? this.list() : this.one()}
      <div role="alert">${[this.code, this.lost].filter(Boolean).map((code) => html`<p class="notice bad">${icon("help")}<span>${coded("code", code)}</span></p>`)}</div>
    </div>`;
  }

  list() {
    const { homes } = this;
    return html`<div><h1>${t("plan.title")}</h1><p class="muted">${t("plan.lead")}</p></div>
      ${homes === null
        ? html`<p class="muted" role="status">${this.lost ? "" : t("app.loading")}</p>`
        : homes.length === 0
          ? html`<p class="card">${t("plan.no_homes")}</p>`
          : html`<ul class="homes">
              ${repeat(homes, ({ hub }) => hub, (one) => html`<li><a href="#plans/${one.hub}">
                <span><strong>${one.label}</strong> <span class="muted small">${one.unit}</span></span>
                ${one.number === 0 ? html`<span class="chip warn">${t("plan.none")}</span>` : html`<span>${t("plan.number", { number: one.number })} ${stateChip(one)}</span>`}
              </a></li>`)}
            </ul>`}`;
  }

  one() {
    const { home, fields } = this;
    const back = html`<p><a class="button" href="#plans">${t("plan.all")}</a></p>`;
    if (home === null) return html`${back}<p class="muted" role="status">${this.lost ? "" : t("app.loading")}</p>`;
    if (fields !== null) return this.review(home, fields);
    const wrong = this.inForce?.code || this.newest?.code;
    return html`${back}
      <div class="top"><h1 tabindex="-1">${home.label}</h1><span class="chip ${home.online ? "good" : ""}">${icon(home.online ? "home" : "cut")}${t(home.online ? "plan.online" : "plan.offline")}</span></div>
      <div role="status">${this.said && html`<p class="chip good">${icon("check")}${this.said}</p>`}</div>
      ${wrong ? html`<p class="notice bad" role="alert">${icon("help")}<span>${t("plan.untrusted")}</span></p>` : ""}
      ${this.trusted ? html`<p class="notice bad" role="alert">${icon("help")}<span>${t("plan.home_untrusted")}</span></p>` : ""}
      ${this.proposed(home)}
      ${this.kept === null ? this.current(home) : ""}
      ${wrong || this.trusted ? "" : this.kept === null ? this.begin(home) : this.writing(home, this.kept)}`;
  }

  /** The newest plan, where it is not the one in force. @param {api.HomePlan} home */
  proposed(home) {
    const row = home.newest;
    if (row === null || row.number === home.in_force?.number || this.newest === null || this.newest.code !== "") return "";
    const before = this.held(home);
    return html`<section class="card" aria-labelledby="newest">
      <div class="top"><h2 id="newest">${t("plan.newest", { number: row.number })}</h2>${stateChip(row)}</div>
      <div role="status">${steps(row, home, this.by(this.newest))}</div>
      ${row.state === "declined" ? "" : differences(before, this.newest.plan, !isRefused(row), isLost(home))}
      ${nightBars([...(before ? [{ name: t("plan.now"), windows: before.windows, quiet: true }] : []), { name: t("plan.new"), windows: this.newest.plan.windows }])}
    </section>`;
  }

  /** The plan that the home has now. @param {api.HomePlan} home */
  held(home) {
    return isLost(home) ? null : (this.inForce?.plan ?? null);
  }

  /** @param {Shown} shown */
  by({ by }) {
    return by === "" ? t("plan.by_root") : t("plan.by", { name: by });
  }

  /** @param {api.HomePlan} home */
  current(home) {
    const row = home.in_force;
    if (row === null) return html`<p class="notice">${icon("away")}<span>${t("plan.none_in_force")}</span></p>`;
    if (this.inForce === null || this.inForce.code !== "") return "";
    const { plan } = this.inForce;
    return html`<section class="card" aria-labelledby="now" data-in-force=${row.number}>
      ${isLost(home) ? this.gone(row) : html`<h2 id="now">${t("plan.in_force")}</h2>`}
      <p>${t(isLost(home) ? "plan.lost_lead" : "plan.in_force_lead", { number: row.number, when: moment(row.decided) })} ${this.by(this.inForce)}</p>
      ${nightBars([{ name: isLost(home) ? t("plan.number", { number: row.number }) : t("plan.now"), windows: plan.windows }])}
      ${whole(plan)}
    </section>`;
  }

  /** The home has it no longer. @param {api.PlanRow} row */
  gone({ number, state, fault }) {
    return html`<div class="top"><h2 id="now">${t("plan.number", { number })}</h2>${stateChip({ state, fault })}</div>
      <div class="notice bad" role="alert" data-state="lost">${icon("away")}<span>${t("plan.lost")} ${fault ? refusal(fault) : t("plan.lost_again")}</span></div>`;
  }

  /** What may be done. @param {api.HomePlan} home */
  begin(home) {
    const { person } = this.desk;
    if (!signsPlans(person)) return html`<p class="notice">${icon("key")}<span>${t(person?.standing === "ready" ? "plan.role_first" : "plan.shift_first")}</span></p>`;
    const other = home.newest !== null && home.newest.number !== home.in_force?.number ? home.newest : null;
    return html`<div class="acts">
      ${other ? html`<button class=${other.fault ? "primary" : ""} @click=${() => this.write(home, this.newest)}>${icon("again")}${t("plan.from_newest", { number: other.number })}</button>` : ""}
      <button class=${other?.fault ? "" : "primary"} @click=${() => this.write(home, this.inForce)}>${icon("clock")}${isLost(home) && this.inForce ? t("plan.anew", { number: this.inForce.plan.number }) : t(this.inForce ? "plan.change" : "plan.first")}</button>
    </div>`;
  }

  /** @param {api.HomePlan} home @param {Shown | null} from */
  async write(home, from) {
    const { person } = this.desk;
    if (person === null) return;
    const draft = from === null ? blank(unitsOf(person), person.trust, Date.now()) : draftOf(from.plan);
    this.keep(home.hub, { draft, number: home.newest?.number ?? 0 });
    this.said = "";
    await this.updateComplete;
    const form = this.renderRoot.querySelector("tk-plan-form");
    await /** @type {any} */ (form)?.updateComplete;
    form?.shadowRoot?.querySelector("input")?.focus();
  }

  /** @param {string} hub @param {Kept | null} kept */
  keep(hub, kept) {
    this.kept = kept;
    if (kept === null) written.delete(hub);
    else written.set(hub, kept);
  }

  /** @param {api.HomePlan} home @param {Kept} kept */
  writing(home, { draft, number }) {
    const newest = home.newest?.number ?? 0;
    return html`${newest > number ? html`<p class="notice" role="status">${icon("again")}<span>${t("plan.newer", { number: newest })}</span></p>` : ""}
      <tk-plan-form .desk=${this.desk} .draft=${draft} .base=${this.held(home)} .units=${unitsOf(this.desk.person)}
        @check=${(/** @type {CustomEvent<Fields>} */ event) => this.goOver(event.detail)} @cancel=${() => this.keep(home.hub, null)}></tk-plan-form>`;
  }

  // ---- looking over and signing ---------------------------------------------------------------------------------------

  /** @param {Fields | null} fields */
  async goOver(fields) {
    Object.assign(this, { fields, code: "" });
    await this.updateComplete;
    this.renderRoot.querySelector("h1")?.focus();
  }

  /** @param {api.HomePlan} home @param {Fields} fields */
  review(home, fields) {
    const before = this.held(home);
    const number = (home.newest?.number ?? 0) + 1;
    const after = { ...fields, hub: home.hub, number, iat: 0 };
    return html`<h1 tabindex="-1">${t("plan.review_title", { number, label: home.label })}</h1>
      <section class="card" aria-labelledby="differ">
        <h2 id="differ">${t("plan.differences")}</h2>
        ${differences(before, after, true, isLost(home))}
        ${nightBars([...(before ? [{ name: t("plan.now"), windows: before.windows, quiet: true }] : []), { name: t("plan.new"), windows: fields.windows }])}
      </section>
      <section class="card" aria-labelledby="whole"><h2 id="whole">${t("plan.whole")}</h2>${whole(fields)}</section>
      ${signsPlans(this.desk.person) ? "" : html`<p class="notice">${icon("key")}<span>${t("plan.shift_first")}</span></p>`}
      <div class="acts">
        <button class="primary" ?disabled=${this.busy || !signsPlans(this.desk.person)} @click=${() => this.sign(home, fields)}>${icon("key")}${t("plan.sign")}</button>
        <button class="quiet" ?disabled=${this.busy} @click=${() => this.goOver(null)}>${t("plan.back")}</button>
      </div>`;
  }

  /** @param {api.HomePlan} home @param {Fields} fields */
  async sign(home, fields) {
    const { person } = this.desk;
    if (person === null || this.busy) return;
    this.busy = true;
    this.code = "";
    try {
      const { number } = await propose(person, home, fields);
      this.keep(home.hub, null);
      await this.take(await api.plan(home.hub));
      await this.goOver(null);
      this.said = t("plan.signed_now", { number });
    } catch (error) {
      // Another plan has taken the number: it is shown, and what is written is kept.
      if (codeOf(error) === "already_set") await this.take(await api.plan(home.hub)).catch(() => undefined);
      this.code = codeOf(error) === "already_set" ? "plan_taken" : codeOf(error);
    }
    this.busy = false;
  }
}
customElements.define("tk-plans", Plans);
