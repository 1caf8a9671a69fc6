import { html, live, nothing, repeat } from "../vendor/lit.js";
import { FALLBACKS, ROOMS } from "../codes.js";
import { coded, t } from "../i18n.js";
import { isOvernight } from "../plan-words.js";
import { EVERY_DAY, LOOKING, clockOf, freeId, limits, overlap, readDraft } from "../planning.js";
import { choiceStyles } from "./choice-styles.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { nightBars } from "./plan-night.js";
import { planStyles } from "./plan-styles.js";
import { shared } from "./theme.js";

/** @typedef {import("../planning.js").Draft} Draft */
/** @typedef {import("../planning.js").NumberField} NumberField */
/** @typedef {import("../i18n.js").Word} Word */
/** @typedef {"rooms" | "fallback"} Ordered */

const LABELS = /** @type {const} */ ({
  look_seconds: "plan.look_seconds", grace_seconds: "plan.grace_seconds", max_retries: "plan.max_retries",
  retry_within_minutes: "plan.retry_within_minutes", move_minutes: "plan.move_minutes", keep_days: "plan.keep_days", contact: "plan.contact",
  review: "plan.review", rooms: "plan.rooms", fallback: "plan.fallback", start: "plan.start", end: "plan.end",
});

/** The fields of a plan. Tells "check" with what can be agreed on, and "cancel"; what is typed stays in `draft`. */
class PlanForm extends DeskElement {
  static properties = {
    ...DeskElement.properties, draft: { attribute: false }, base: { attribute: false }, units: { attribute: false }, faults: { state: true }, tried: { state: true },
  };
  static styles = [shared, planStyles, choiceStyles];

  constructor() {
    super();
    /** Given by the page, which keeps it. @type {Draft} */
    this.draft = /** @type {Draft} */ (/** @type {unknown} */ (undefined));
    /** The plan in force. @type {import("../comparing.js").Plan | null} */
    this.base = null;
    /** @type {string[]} */
    this.units = [];
    /** @type {import("../planning.js").Faults} */
    this.faults = new Map();
    this.tried = false;
  }

  get trust() {
    return /** @type {import("../chain.js").Trust} */ (this.desk.person?.trust);
  }

  read() {
    return readDraft(this.draft, { units: this.units, trust: this.trust, now: Date.now() });
  }

  /** @param {Partial<Draft>} changed */
  change(changed) {
    Object.assign(this.draft, changed);
    // Faults are told when somebody asks for it, and go as they are mended.
    if (this.tried) this.faults = this.read().faults;
    this.requestUpdate();
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const { fields, faults } = this.read();
    this.tried = true;
    this.faults = faults;
    if (fields !== null) this.dispatchEvent(new CustomEvent("check", { detail: fields }));
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("[aria-invalid=true], [data-fault] input, [data-fault] button"))?.focus();
  }

  /** @override */
  render() {
    const { draft, faults } = this;
    const count = faults.size;
    const read = draft.windows.map((one) => ({ ...one, start: clockOf(one.start), end: clockOf(one.end) })).filter(({ start, end }) => start && end && start !== end);
    const rows = [...(this.base ? [{ name: t("plan.now"), windows: this.base.windows, quiet: true }] : []), { name: t("plan.new"), windows: read }];
    return html`<form class="card" novalidate @submit=${this.submit}>
      <fieldset class="part">
        <legend>${t("plan.windows")}</legend>
        <p class="muted">${t("plan.windows_lead")}</p>
        ${nightBars(rows)}
        ${overlap(read) ? html`<p class="notice" role="status">${icon("clock")}<span>${t("plan.overlap")}</span></p>` : nothing}
        ${repeat(draft.windows, ({ id }) => id, (_one, at) => this.window(at))}
        ${this.fault("windows")}
        <div><button type="button" ?disabled=${draft.windows.length >= 24} @click=${this.add}>${icon("clock")}${t("plan.add_window")}</button></div>
      </fieldset>
      <fieldset class="part">
        <legend>${t("plan.look")}</legend>
        <div class="fields">${this.number("look_seconds")}${this.number("grace_seconds")}${this.number("max_retries")}${this.number("retry_within_minutes")}</div>
        <div class="fields">
          ${this.ordered("rooms", ROOMS, "room", "plan.rooms_hint")}
          <div class="stack">${this.roles()}${this.unit()}</div>
          ${this.ordered("fallback", FALLBACKS, "fallback")}
        </div>
      </fieldset>
      <fieldset class="part">
        <legend>${t("plan.home")}</legend>
        <div class="fields">
          ${this.text("contact", { hint: t("plan.contact_hint"), autocomplete: "off" })}
          ${this.text("review", { type: "date" })}
          ${this.number("move_minutes", t("plan.move_hint", { most: 240 }))}${this.number("keep_days")}
        </div>
      </fieldset>
      <div role="alert">${count === 0 ? nothing : html`<p class="notice bad">${icon("help")}<span>${count === 1 ? t("plan.wrong_one") : t("plan.wrong_count", { count })}</span></p>`}</div>
      <div class="acts">
        <button class="primary">${icon("eye")}${t("plan.check")}</button>
        <button type="button" class="quiet" @click=${() => this.dispatchEvent(new Event("cancel"))}>${t("plan.cancel")}</button>
      </div>
    </form>`;
  }

  /** @param {string} name */
  fault(name) {
    const found = this.faults.get(name);
    return found === undefined ? nothing : html`<span class="fault" id=${`fault-${name}`}>${t(found.word, found.parts)}</span>`;
  }

  /** @param {string} name @param {string} [hint] id of what is said beside it */
  described(name, hint) {
    return [hint, this.faults.has(name) ? `fault-${name}` : undefined].filter(Boolean).join(" ") || nothing;
  }

  // ---- windows --------------------------------------------------------------------------------------------------------

  /** @param {number} at */
  window(at) {
    const one = this.draft.windows[at];
    if (one === undefined) return nothing;
    const [start, end] = [clockOf(one.start), clockOf(one.end)];
    const number = at + 1;
    return html`<fieldset class="row" data-window=${one.id}>
      <legend class="unseen">${t("plan.window", { number })}</legend>
      <div class="times">
        ${this.time(at, "start")}${this.time(at, "end")}
        ${start && end && start !== end && isOvernight({ start, end }) ? html`<span class="chip">${icon("moon")}${t("plan.next_day")}</span>` : nothing}
        <button type="button" class="quiet" aria-label=${t("plan.remove_window", { number })} @click=${() => this.drop(at)}>${t("plan.remove")}</button>
      </div>
      <fieldset ?data-fault=${this.faults.has(`${at}.days`)} aria-describedby=${this.described(`${at}.days`)}>
        <legend>${t("plan.days")}</legend>
        <div class="choices">
          ${EVERY_DAY.map((day) => html`<label class="choice"><input type="checkbox" .checked=${live(one.days.includes(day))}
            @change=${() => this.days(at, day)} />${t(/** @type {Word} */ (`plan.day_${day}`))}</label>`)}
        </div>
        ${this.fault(`${at}.days`)}
      </fieldset>
    </fieldset>`;
  }

  /** @param {number} at @param {"start" | "end"} field */
  time(at, field) {
    const name = `${at}.${field}`;
    return html`<div class="field"><label>${t(LABELS[field])}<input .value=${live(this.draft.windows[at]?.[field] ?? "")} inputmode="text" maxlength="8" autocomplete="off" placeholder="22:30"
      aria-invalid=${this.faults.has(name)} aria-describedby=${this.described(name)}
      @input=${(/** @type {InputEvent} */ event) => this.change({ windows: this.draft.windows.with(at, { .../** @type {any} */ (this.draft.windows[at]), [field]: valueOf(event) }) })} /></label>
      ${this.fault(name)}</div>`;
  }

  /** @param {number} at @param {number} day */
  days(at, day) {
    const one = /** @type {import("../planning.js").DraftWindow} */ (this.draft.windows[at]);
    const days = one.days.includes(day) ? one.days.filter((other) => other !== day) : [...one.days, day].sort();
    this.change({ windows: this.draft.windows.with(at, { ...one, days }) });
  }

  async add() {
    const id = freeId([...this.draft.windows, ...(this.base?.windows ?? [])]);
    this.change({ windows: [...this.draft.windows, { id, start: "", end: "", days: [...EVERY_DAY] }] });
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`[data-window="${id}"] input`))?.focus();
  }

  /** @param {number} at */
  drop(at) {
    this.change({ windows: this.draft.windows.toSpliced(at, 1) });
  }

  // ---- the rest -------------------------------------------------------------------------------------------------------

  /** @param {NumberField} name @param {string} [said] */
  number(name, said) {
    const { least, most } = limits(name, this.trust);
    const byPolicy = name === "look_seconds" || name === "max_retries";
    const hint = said ?? t(byPolicy ? "plan.between_policy" : "plan.between", { least, most });
    return this.text(name, { hint, inputmode: "numeric", autocomplete: "off" });
  }

  /** @param {NumberField | "contact" | "review"} name @param {{hint?: string, type?: string, inputmode?: string, autocomplete?: string}} how */
  text(name, { hint, type = "text", inputmode, autocomplete }) {
    return html`<div class="field"><label>${t(LABELS[name])}
      <input name=${name} type=${type} .value=${live(this.draft[name])} inputmode=${inputmode ?? nothing} autocomplete=${autocomplete ?? nothing}
        aria-invalid=${this.faults.has(name)} aria-describedby=${this.described(name, hint ? `hint-${name}` : undefined)}
        @input=${(/** @type {InputEvent} */ event) => this.change({ [name]: valueOf(event) })} /></label>
      ${this.fault(name)}${hint ? html`<span class="hint" id=${`hint-${name}`}>${hint}</span>` : nothing}</div>`;
  }

  roles() {
    const { roles } = this.draft;
    const all = [...new Set([...LOOKING, ...(this.base?.roles ?? [])])];
    return html`<fieldset ?data-fault=${this.faults.has("roles")} aria-describedby=${this.described("roles")}>
      <legend>${t("plan.roles")}</legend>
      <div class="choices">
        ${all.map((role) => html`<label class="choice"><input type="checkbox" .checked=${live(roles.includes(role))}
          @change=${() => this.change({ roles: roles.includes(role) ? roles.filter((one) => one !== role) : [...roles, role] })} />${coded("role", role)}</label>`)}
      </div>
      ${this.fault("roles")}
    </fieldset>`;
  }

  unit() {
    const units = [...new Set([...this.units, ...(this.draft.unit ? [this.draft.unit] : [])])];
    return html`<div class="field"><label>${t("plan.unit")}
      <select name="unit" aria-invalid=${this.faults.has("unit")} aria-describedby=${this.described("unit")}
        @change=${(/** @type {InputEvent} */ event) => this.change({ unit: valueOf(event) })}>
        ${units.map((unit) => html`<option value=${unit} ?selected=${unit === this.draft.unit}>${unit}</option>`)}
      </select></label>${this.fault("unit")}</div>`;
  }

  /** Some of these, in an order: the chosen first. @param {Ordered} name @param {readonly string[]} all @param {"room" | "fallback"} kind @param {Word} [hint] */
  ordered(name, all, kind, hint) {
    const chosen = this.draft[name];
    const order = [...chosen, ...all.filter((one) => !chosen.includes(one))];
    return html`<fieldset ?data-fault=${this.faults.has(name)} aria-describedby=${this.described(name)}>
      <legend>${t(LABELS[name])}</legend>
      ${hint ? html`<p class="hint">${t(hint)}</p>` : nothing}
      <ol class="ordered">
        ${repeat(order, (one) => one, (one) => this.choice(name, one, coded(kind, one)))}
      </ol>
      ${this.fault(name)}
    </fieldset>`;
  }

  /** @param {Ordered} name @param {string} one @param {string} text */
  choice(name, one, text) {
    const chosen = this.draft[name];
    const at = chosen.indexOf(one);
    const act = (/** @type {number} */ by, /** @type {Word} */ word, /** @type {string} */ sign, /** @type {boolean} */ off) => html`<button type="button" class="quiet"
      data-move=${`${name} ${one} ${by}`} aria-label=${t(word, { name: text })} aria-disabled=${off} @click=${() => off || this.move(name, at, by)}>${sign}</button>`;
    return html`<li>
      <label class="choice"><span class="place" aria-hidden="true">${at < 0 ? "" : at + 1}</span><input type="checkbox" .checked=${live(at >= 0)}
        @change=${() => this.change({ [name]: at < 0 ? [...chosen, one] : chosen.filter((other) => other !== one) })} />${text}</label>
      ${at < 0 || chosen.length < 2 ? nothing : html`<span>${act(-1, "plan.earlier", "↑", at === 0)}${act(1, "plan.later", "↓", at === chosen.length - 1)}</span>`}
    </li>`;
  }

  /** @param {Ordered} name @param {number} at @param {number} by */
  async move(name, at, by) {
    const order = [...this.draft[name]];
    const [one = ""] = order.splice(at, 1);
    order.splice(at + by, 0, one);
    this.change({ [name]: order });
    await this.updateComplete;
    // What is moved in the page loses the focus.
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`[data-move="${name} ${one} ${by}"]`))?.focus();
  }
}
customElements.define("tk-plan-form", PlanForm);

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;
