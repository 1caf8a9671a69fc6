import { html, nothing, repeat } from "../vendor/lit.js";
import * as api from "../api.js";
import { MAX_DAYS, certify } from "../certifying.js";
import { ROLES } from "../codes.js";
import { codeOf } from "../desk.js";
import { coded, dayOf, shortCode, t } from "../i18n.js";
import { revoke } from "../revoking.js";
import { choiceStyles } from "./choice-styles.js";
import { ActingElement } from "./element.js";
import { icon } from "./icons.js";
import { peopleStyles } from "./people-styles.js";
import { shared } from "./theme.js";

/** @typedef {import("../api.js").Person} Person */
/** @typedef {import("../api.js").PersonKey} PersonKey */

const CHIPS = new Map([["certified", "good"], ["waiting", "warn"], ["expired", ""], ["revoked", "bad"]]);
const SOON_SECONDS = 14 * 86400;

/**
 * Who may what, with which keys, and until when. An administrator certifies, renews and revokes with the key of their shift;
 * with the root key open (`root`) also administrators are made.
 */
class People extends ActingElement {
  static properties = {
    ...ActingElement.properties, root: { attribute: false }, found: { state: true }, open: { state: true },
  };
  static styles = [shared, peopleStyles, choiceStyles];

  constructor() {
    super();
    /** @type {import("../key.js").SessionKey | null} */
    this.root = null;
    /** @type {api.People | null} */
    this.found = null;
    /** The key whose form is open. */
    this.open = "";
    this.reload = () => void this.load();
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.desk.addEventListener("people", this.reload);
    this.reload();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.desk.removeEventListener("people", this.reload);
  }

  /** @override */
  async load() {
    try {
      this.found = await api.people();
    } catch (error) {
      this.code = codeOf(error);
    }
  }

  /** A form stays open where the service said no. @override @param {() => Promise<unknown>} act @param {string} said */
  async act(act, said) {
    await super.act(async () => {
      await act();
      this.open = "";
    }, said);
  }

  /** Who signs here. @returns {import("../certifying.js").Certifier | null} */
  certifier() {
    const { person } = this.desk;
    if (this.root !== null) return { key: this.root, chain: [] };
    return person?.key ? { key: person.key, chain: person.chain } : null;
  }

  /** @override */
  render() {
    const { found } = this;
    if (found === null) return html`<p class="muted" role="status">${t("app.loading")}</p>`;
    const waiting = found.people.flatMap((who) => who.keys.filter((key) => key.state === "waiting").map((key) => ({ who, key })));
    return html`<div class="page">
      ${this.root === null ? html`<div><h1>${t("people.title")}</h1><p class="muted">${t("people.lead")}</p></div>` : ""}
      <div role="alert">${this.code && html`<p class="notice bad">${icon("help")}<span>${coded("code", this.code)}</span></p>`}</div>
      <div role="status">${this.said && html`<p class="chip good">${icon("check")}${this.said}</p>`}</div>
      ${waiting.length === 0
        ? ""
        : html`<section aria-labelledby="waits">
            <h2 id="waits">${t("people.waiting")}</h2>
            <ul class="list">${repeat(waiting, ({ key }) => key.kid, ({ who, key }) => this.waits(who, key))}</ul>
          </section>`}
      <section aria-labelledby="all">
        <h2 id="all">${t("people.all")}</h2>
        <ul class="list">${repeat(found.people, (who) => who.login, (who) => this.person(who))}</ul>
      </section>
      ${this.root === null ? html`<p><a class="button" href="#root">${icon("key")}${t("root.link")}</a></p>` : ""}
    </div>`;
  }

  /** Somebody reads out the code on their screen; it is the same as here, or it is not them. @param {Person} who @param {PersonKey} key */
  waits(who, key) {
    return html`<li class="card person waits">
      <div class="top"><h3>${who.name}</h3><span class="muted small">${t(`people.${key.kind}`)} · ${who.login}</span></div>
      <p>${t("people.compare", { name: who.name })}</p>
      <p class="code" data-code=${key.kid}>${shortCode(key.kid)}</p>
      ${this.form(who, key, true)}
    </li>`;
  }

  /** @param {Person} who */
  person(who) {
    const mine = who.login === this.desk.me?.login;
    const asked = `leave ${who.login}`;
    const keys = who.keys.filter((key) => key.state !== "waiting");
    return html`<li class="card person">
      <div class="top"><h3>${who.name}</h3><span class="muted small">${who.login}</span></div>
      <p class="muted small">${who.roles.map((role) => coded("role", role)).join(", ")} · ${who.units.join(", ")}</p>
      ${keys.length === 0 ? "" : html`<ul class="keys">${repeat(keys, (key) => key.kid, (key) => this.key(who, key))}</ul>`}
      ${mine || this.certifier() === null
        ? ""
        : this.sure === asked
          ? this.ask(t("people.leave_sure", { name: who.name }), t("people.leave_now"), () => this.leave(who), who)
          : html`<div class="acts"><button class="quiet" @click=${() => (this.sure = asked)}>${icon("out")}${t("people.leave")}</button></div>`}
    </li>`;
  }

  /** @param {Person} who @param {PersonKey} key */
  key(who, key) {
    const soon = key.state === "certified" && key.expires !== null && key.expires - Date.now() / 1000 < SOON_SECONDS;
    const asked = `revoke ${key.kid}`;
    // Nobody locks themselves out, and what an administrator signs would make an administrator less than they were.
    const acts = this.certifier() !== null && key.state !== "revoked" && (this.root !== null || who.login !== this.desk.me?.login);
    const renews = this.root !== null || !who.roles.includes("admin");
    return html`<li class="key">
      <div class="facts">
        <span class="chip ${soon ? "warn" : CHIPS.get(key.state)}">${t(`people.${key.kind}`)}: ${t(`people.${key.state}`)}</span>
        ${key.expires === null ? "" : html`<span class="number small">${t("people.until", { date: dayOf(key.expires) })}</span>`}
        <span class="code small muted">${shortCode(key.kid)}</span>
      </div>
      ${!acts
        ? ""
        : this.open === key.kid
          ? this.form(who, key, false)
          : this.sure === asked
            ? this.ask(t("people.revoke_sure", { name: who.name }), t("people.revoke_now"), () => this.revoke([key.kid]), who)
            : html`<div class="acts">
                ${renews ? html`<button @click=${() => (this.open = key.kid)}>${icon("again")}${t("people.renew")}</button>` : ""}
                <button @click=${() => (this.sure = asked)}>${icon("cut")}${t("people.revoke")}</button>
              </div>`}
    </li>`;
  }

  /** @param {string} question @param {string} yes @param {() => void} act @param {Person} who */
  ask(question, yes, act, who) {
    return html`<div class="notice bad" role="group" aria-label=${question}>
        ${icon("help")}<span>${question}${who.roles.includes("admin") ? html` ${t("people.admin_revoked")}` : ""}
          ${who.roles.some((role) => role === "installer" || role === "planner") ? t("people.certifier_revoked") : ""}</span>
      </div>
      <div class="acts">
        <button class="primary" ?disabled=${this.busy} @click=${act}>${yes}</button>
        <button class="quiet" @click=${() => (this.sure = "")}>${t("visits.cancel")}</button>
      </div>`;
  }

  /** @param {Person} who @param {PersonKey} key @param {boolean} compared whether the code must have been compared */
  form(who, key, compared) {
    const certifier = this.certifier();
    if (certifier === null) return html`<p class="notice">${icon("key")}<span>${t("people.begin_first")}</span></p>`;
    const roles = ROLES.filter((role) => role !== "admin" || this.root !== null);
    const mine = this.desk.person?.signer?.credential.units;
    const units = [...new Set([...(this.found?.units ?? []), ...who.units])].filter((unit) => this.root !== null || mine?.includes(unit));
    return html`<form @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, certifier, who, key)}>
      ${this.choices("roles", t("people.roles"), roles.map((role) => [role, coded("role", role)]), who.roles)}
      ${this.choices("units", t("people.units"), units.map((unit) => [unit, unit]), who.units)}
      <label>${t("people.days")}<input class="short" name="days" type="number" min="1" max=${MAX_DAYS} value=${MAX_DAYS} required inputmode="numeric" /></label>
      ${compared ? html`<label class="choice"><input type="checkbox" name="same" required />${t("people.same")}</label>` : nothing}
      ${who.roles.includes("admin") && this.root === null ? html`<p class="muted small">${t("people.root_only")}</p>` : nothing}
      <div class="acts">
        <button class="primary" ?disabled=${this.busy}>${icon("check")}${t("people.certify")}</button>
        ${compared ? nothing : html`<button type="button" class="quiet" @click=${() => (this.open = "")}>${t("visits.cancel")}</button>`}
      </div>
    </form>`;
  }

  /** @param {string} name @param {string} legend @param {string[][]} choices @param {string[]} chosen */
  choices(name, legend, choices, chosen) {
    return html`<fieldset>
      <legend>${legend}</legend>
      <div class="choices">
        ${choices.map(([value = "", text = ""]) => html`<label class="choice"><input type="checkbox" name=${name} value=${value} ?checked=${chosen.includes(value)} />${text}</label>`)}
      </div>
    </fieldset>`;
  }

  /**
   * @param {SubmitEvent} event
   * @param {import("../certifying.js").Certifier} certifier
   * @param {Person} who
   * @param {PersonKey} key
   */
  submit(event, certifier, who, key) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [roles, units] = ["roles", "units"].map((name) => data.getAll(name).map(String));
    if (roles === undefined || units === undefined || roles.length === 0 || units.length === 0) {
      this.code = "choose_role";
      return;
    }
    const choice = { name: who.name, roles, units, days: Number(data.get("days")) };
    void this.act(() => certify(certifier, key, choice), t("people.certified_now", { name: who.name }));
  }

  /** @param {string[]} kids */
  revoke(kids) {
    const { desk, root } = this;
    void this.act(async () => {
      if (desk.person !== null) await revoke(desk.person, kids, root === null ? undefined : { key: root, chain: [] });
    }, t("people.revoked_now"));
  }

  /** Every key is revoked first: out of the roster alone would still let them in at homes. @param {Person} who */
  leave(who) {
    const { desk, root } = this;
    const kids = who.keys.filter((key) => key.state !== "revoked" && key.state !== "waiting").map((key) => key.kid);
    void this.act(async () => {
      if (kids.length > 0 && desk.person !== null) await revoke(desk.person, kids, root === null ? undefined : { key: root, chain: [] });
      await api.removePerson(who.login);
    }, t("people.left_now", { name: who.name }));
  }
}
customElements.define("tk-people", People);
