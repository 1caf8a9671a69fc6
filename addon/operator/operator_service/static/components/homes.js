import { html, repeat } from "../vendor/lit.js";
import * as api from "../api.js";
import { codeOf } from "../desk.js";
import { certifiesHomes, isRevoked, judge, renew, replacement } from "../homes.js";
import { coded, dayOf, t } from "../i18n.js";
import { makesLists, revoke } from "../revoking.js";
import { ActingElement } from "./element.js";
import { icon } from "./icons.js";
import { peopleStyles } from "./people-styles.js";
import { shared } from "./theme.js";

/** @typedef {import("../homes.js").Judged} Judged */

/** The homes that are paired, how long each one's certificate holds, and what mends it without a visit. */
class Homes extends ActingElement {
  static properties = { ...ActingElement.properties, found: { state: true } };
  static styles = [shared, peopleStyles];

  constructor() {
    super();
    /** @type {Judged[] | null} */
    this.found = null;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.load();
  }

  /** @override */
  async load() {
    const { person } = this.desk;
    try {
      if (person !== null && person.root !== null) {
        await person.hear(await api.trust());
        this.found = await Promise.all((await api.homes()).homes.map((home) => judge(person, home)));
      }
    } catch (error) {
      this.code = codeOf(error);
    }
  }

  /** @param {Judged[]} homes */
  renew(homes) {
    const { person } = this.desk;
    if (person === null) return;
    const said = homes.length === 1 ? t("homes.renewed", { label: homes[0]?.home.label ?? "" }) : t("homes.renewed_all", { count: homes.length });
    void this.act(async () => {
      for (const one of homes) await renew(person, one);
    }, said);
  }

  /** @param {api.Home} home @param {string} said */
  revoke(home, said) {
    const { person } = this.desk;
    if (person !== null) void this.act(() => revoke(person, [home.hub]), said);
  }

  /** First the key, then the plan: what is left in between becomes visits, and the button is still there. @param {api.Home} home */
  leave(home) {
    const { person } = this.desk;
    if (person === null) return;
    void this.act(async () => {
      if (!isRevoked(person, home)) await revoke(person, [home.hub]);
      await api.leaveHome(home.hub);
    }, t("homes.leave_now", { label: home.label }));
  }

  /** @override */
  render() {
    const { found } = this;
    const may = this.desk.may("installer") || this.desk.may("planner");
    return html`<div class="page">
      <div><h1>${t("homes.title")}</h1><p class="muted">${t("homes.lead")}</p></div>
      ${may ? html`<p><a class="button" href="#pair">${icon("key")}${t("homes.pair")}</a></p>` : ""}
      <div role="alert">${this.code && html`<p class="notice bad">${icon("help")}<span>${coded("code", this.code)}</span></p>`}</div>
      <div role="status">${this.said && html`<p class="chip good">${icon("check")}${this.said}</p>`}</div>
      ${found === null ? html`<p class="muted" role="status">${t("app.loading")}</p>` : this.list(found)}
    </div>`;
  }

  /** @param {Judged[]} found */
  list(found) {
    if (found.length === 0) return html`<p class="card">${t("homes.none")}</p>`;
    const due = found.filter((one) => one.due);
    return html`${this.all(due)}
      <ul class="list">${repeat(found, ({ home }) => home.hub, (one) => this.home(one, found))}</ul>`;
  }

  /** @param {Judged[]} due */
  all(due) {
    if (due.length < 2 || !certifiesHomes(this.desk.person)) return "";
    if (this.sure === "all") {
      return this.ask(t("homes.renew_all_sure", { homes: due.map(({ home }) => home.label).join(", ") }), t("homes.renew_all", { count: due.length }), () => this.renew(due));
    }
    return html`<p><button @click=${() => (this.sure = "all")}>${icon("again")}${t("homes.renew_all", { count: due.length })}</button></p>`;
  }

  /** @param {Judged} one @param {Judged[]} all */
  home(one, all) {
    const { home, signer, made } = one;
    const old = this.desk.person !== null && isRevoked(this.desk.person, home);
    return html`<li class="card person" data-hub=${home.hub}>
      <div class="top"><h2>${home.label}</h2><span class="muted small">${home.unit}</span></div>
      <div class="facts">
        ${this.chip(one, old)}
        <span class="chip ${home.online ? "info" : ""}">${icon(home.online ? "home" : "cut")}${t(home.online ? "queue.online" : "queue.offline")}</span>
        ${home.plan > 0 || old || home.left ? "" : html`<span class="chip warn">${t("homes.no_plan")}</span>`}
      </div>
      <p class="muted small">${home.paired_by === "" ? t("homes.paired", { date: dayOf(home.paired) }) : t("homes.paired_by", { date: dayOf(home.paired), name: home.paired_by })}
        ${made === null ? "" : signer === "" ? t("homes.by_root", { date: dayOf(made.exp) }) : t("homes.by", { date: dayOf(made.exp), name: signer })}</p>
      ${old || !this.desk.may("planner") ? "" : html`<p><a class="button" href="#plans/${home.hub}">${icon("clock")}${t("plan.open")}<span class="unseen"> ${home.label}</span></a></p>`}
      ${old ? "" : this.mend(one)}
      ${this.ending(one, replacement(one, all))}
    </li>`;
  }

  /** @param {Judged} one @param {boolean} old */
  chip({ home, code, made, due }, old) {
    if (home.left) return html`<span class="chip">${icon("out")}${t("homes.left")}</span>`;
    if (old) return html`<span class="chip bad">${icon("cut")}${t("homes.hub_revoked")}</span>`;
    if (made === null) return html`<span class="chip bad">${icon("help")}${t("homes.wrong")}</span>`;
    if (code === "revoked") return html`<span class="chip bad">${icon("help")}${t("homes.signer_revoked")}</span>`;
    if (code !== "") return html`<span class="chip bad">${icon("help")}${t("homes.lapsed")}</span>`;
    return html`<span class="chip ${due ? "warn" : "good"}">${icon(due ? "clock" : "check")}${t(due ? "homes.soon" : "homes.certified", { date: dayOf(made.exp) })}</span>`;
  }

  /** @param {Judged} one */
  mend(one) {
    const { code, made, due, signer, home } = one;
    if (made === null) return html`<p>${t("homes.pair_again")}</p>`;
    const told = code === "" ? "" : html`<p>${t("homes.unseen")}</p>`;
    if (!certifiesHomes(this.desk.person)) return told;
    if (this.sure === home.hub) return this.ask(t("homes.renew_sure", { label: home.label, name: signer }), t("homes.renew"), () => this.renew([one]));
    // Whoever was revoked may have certified a hub that is not this home's.
    const press = () => (code === "revoked" ? (this.sure = home.hub) : this.renew([one]));
    return html`${told}<div class="acts"><button class=${due ? "primary" : "quiet"} ?disabled=${this.busy} @click=${press}>${icon("again")}${t("homes.renew")}<span class="unseen"> ${home.label}</span></button></div>`;
  }

  /** What an administrator does with a hub that is to count no more. @param {Judged} one @param {Judged} [newer] */
  ending({ home }, newer) {
    const { person } = this.desk;
    if (person === null || home.left) return "";
    const { label, hub } = home;
    const old = isRevoked(person, home);
    if (!makesLists(person)) return old || newer === undefined ? "" : html`<p class="notice">${icon("help")}<span>${t("homes.newer_ask")}</span></p>`;
    if (this.sure === `old ${hub}`) return this.ask(t("homes.replaced_sure", { label }), t("homes.replaced_yes"), () => this.revoke(home, t("homes.replaced_now", { label })));
    if (this.sure === `stolen ${hub}`) return this.ask(t("homes.stolen_sure", { label }), t("homes.stolen"), () => this.revoke(home, t("homes.stolen_now", { label })));
    if (this.sure === `left ${hub}`) return this.ask(t("homes.leave_sure", { label }), t("homes.leave_yes"), () => this.leave(home));
    // A revoked hub's looks are still agreed, and become visits, until its home has another plan or has left.
    if (old) return home.unit === "" || (newer?.home.plan ?? 0) > 0 ? "" : html`<div class="acts">${this.button("left", "out", "homes.leave", home)}</div>`;
    const gone = this.button("left", "out", "homes.leave", home);
    if (newer === undefined) return html`<div class="acts">${this.button("stolen", "cut", "homes.stolen", home)}${gone}</div>`;
    return html`<p class="notice">${icon("help")}<span>${t("homes.newer")}</span></p>
      <div class="acts"><button @click=${() => (this.sure = `old ${hub}`)}>${icon("cut")}${t("homes.replaced")}</button>${gone}</div>`;
  }

  /** Asks first. @param {"stolen" | "left"} what @param {"cut" | "out"} picture @param {"homes.stolen" | "homes.leave"} word @param {api.Home} home */
  button(what, picture, word, { hub, label }) {
    const press = () => (this.sure = `${what} ${hub}`);
    return html`<button class="quiet" ?disabled=${this.busy} @click=${press}>${icon(picture)}${t(word)}<span class="unseen"> ${label}</span></button>`;
  }

  /** @param {string} question @param {string} yes @param {() => void} act */
  ask(question, yes, act) {
    return html`<div class="notice bad" role="group" aria-label=${question}>${icon("help")}<span>${question}</span></div>
      <div class="acts">
        <button class="primary" ?disabled=${this.busy} @click=${act}>${yes}</button>
        <button class="quiet" @click=${() => (this.sure = "")}>${t("visits.cancel")}</button>
      </div>`;
  }
}
customElements.define("tk-homes", Homes);
