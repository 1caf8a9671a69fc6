import { LitElement, html } from "./vendor/lit.js";
import { Desk } from "./desk.js";
import { currentLanguage, hasChosen, shortCode, t, useLanguage } from "./i18n.js";
import { OUTCOMES } from "./codes.js";
import { listAge } from "./person.js";
import { WARN_SECONDS, makesLists } from "./revoking.js";
import { shortcuts, theme, useShortcuts, useTheme } from "./settings.js";
import "./components/homes.js";
import "./components/log.js";
import "./components/pair.js";
import "./components/people.js";
import "./components/root.js";
import "./components/setup.js";
import { canAbort, canJudge, roomOf } from "./components/look.js";
import "./components/login.js";
import "./components/night.js";
import "./components/plans.js";
import "./components/queue.js";
import "./components/sleep.js";
import "./components/visits.js";
import "./components/waiting.js";
import { icon } from "./components/icons.js";
import { appStyles } from "./components/app-styles.js";
import { shared } from "./components/theme.js";
import { hasPasskeys } from "./webauthn.js";

const VIEWS = /** @type {const} */ (["queue", "visits", "plans", "night", "homes", "log", "people"]);
/** Pages that are not in the menu. */
const OTHERS = /** @type {const} */ (["root", "setup", "pair"]);
const SKEW_TOLD = 30;
const LIST_SECONDS = 24 * 3600;

useTheme();
useLanguage();

/** The page: who is logged in, which view, the keyboard, and what happens when the page is left. */
class App extends LitElement {
  static properties = { view: { state: true } };
  static styles = [shared, appStyles];

  constructor() {
    super();
    this.desk = new Desk();
    this.view = here();
    this.desk.addEventListener("change", () => this.requestUpdate());
    window.addEventListener("hashchange", () => (this.view = here()));
    window.addEventListener("keydown", (event) => this.pressed(event));
    for (const name of ["keydown", "pointerdown", "pointermove"]) {
      window.addEventListener(name, () => this.desk.touched(), { passive: true });
    }
    // Nobody looks at a hidden page: the picture and the prepared connection end with it.
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.desk.leave());
    window.addEventListener("pagehide", () => this.desk.leave());
    void this.desk.start().then(() => {
      if (!hasChosen()) useLanguage(this.desk.me?.language);
      this.requestUpdate();
    });
  }

  /** @override */
  updated() {
    const { current } = this.desk;
    document.title = current === null ? t("app.name") : `${current.row.label} · ${t("app.name")}`;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const { desk } = this;
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || desk.standing !== "ready") return;
    const target = event.composedPath()[0];
    if (target instanceof HTMLElement && target.matches("input, textarea, select")) return;
    const onButton = target instanceof HTMLElement && target.matches("button, a");
    const done = desk.current === null ? this.queueKey(event.key, onButton) : this.lookKey(event.key, onButton);
    if (done) event.preventDefault();
  }

  /** @param {string} key @param {boolean} onButton */
  queueKey(key, onButton) {
    if (key !== "Enter" || onButton || this.view !== "queue" || !this.desk.may("operator")) return false;
    void this.desk.take();
    return true;
  }

  /** @param {string} key @param {boolean} onButton */
  lookKey(key, onButton) {
    const { desk } = this;
    const look = desk.current;
    if (look === null) return false;
    const outcome = shortcuts() && canJudge(look) ? OUTCOMES[Number(key) - 1] : undefined;
    const room = shortcuts() ? roomOf(look, key) : undefined;
    if (outcome !== undefined) look.say(outcome);
    else if (room !== undefined) look.turn(room);
    else if (key === "Escape" && canAbort(look)) desk.abort();
    else if (key === "Escape" && look.ended) desk.dismiss();
    else if (key === "Enter" && look.ended && !onButton) {
      if (desk.upcoming() === undefined) desk.dismiss();
      else void desk.take();
    } else return false;
    return true;
  }

  /** @override */
  render() {
    const { desk } = this;
    if (desk.standing === "loading") return html`<p class="loading muted" role="status">${t("app.loading")}</p>`;
    return html`${this.head()}
      <main id="main" tabindex="-1">${this.warnings()}${this.page()}</main>
      ${desk.standing === "login" || desk.current !== null ? "" : this.foot()}`;
  }

  page() {
    const { desk } = this;
    const open = desk.standing === "login" || desk.standing === "no_root";
    if (this.view === "setup" && open) return html`<tk-setup .desk=${desk}></tk-setup>`;
    return desk.standing === "login" ? html`<tk-login .desk=${desk}></tk-login>` : this.body();
  }

  body() {
    const { desk } = this;
    if (desk.current !== null) return html`<tk-look .desk=${desk}></tk-look>`;
    const view = this.shown();
    const ready = desk.standing === "ready";
    const first = ready ? "" : html`<tk-waiting .desk=${desk}></tk-waiting>`;
    if (view === "visits") return html`<tk-visits .desk=${desk}></tk-visits>`;
    if (view === "night") return this.night();
    if (view === "log") return html`<tk-log .desk=${desk}></tk-log>`;
    if (view === "plans") return html`${first}<tk-plans .desk=${desk}></tk-plans>`;
    if (view === "root") return html`<tk-root .desk=${desk}></tk-root>`;
    if (view === "people") return html`${first}<tk-people .desk=${desk}></tk-people>`;
    if (view === "pair") return ready ? html`<tk-pair .desk=${desk}></tk-pair>` : first;
    if (view === "homes") return html`${first}<tk-homes .desk=${desk}></tk-homes>`;
    const waits = !ready && (desk.may("operator") || desk.standing === "root_changed");
    return waits ? first : html`<tk-queue .desk=${desk}></tk-queue>`;
  }

  /** What has come of the night, and for those who follow up how clients slept. */
  night() {
    const { desk } = this;
    const follows = ["operator", "patrol", "planner"].some((role) => desk.may(role));
    return html`<div class="page">
      <h1 class="unseen">${t("nav.night")}</h1>
      <tk-night .desk=${desk} .always=${true}></tk-night>
      ${follows ? html`<tk-sleep .desk=${desk}></tk-sleep>` : ""}
    </div>`;
  }

  /** The pages for this person. */
  views() {
    const { desk } = this;
    return VIEWS.filter((view) => {
      if (view === "people") return desk.may("admin");
      if (view === "plans") return desk.may("planner");
      if (view === "homes") return this.pairs() || desk.may("admin");
      return view === "log" || desk.works() || (view === "night" && (desk.may("planner") || desk.may("auditor")));
    });
  }

  /** Whether this person pairs homes. */
  pairs() {
    return this.desk.may("installer") || this.desk.may("planner");
  }

  warnings() {
    const { desk } = this;
    if (desk.standing === "login") return "";
    const skew = Math.abs(desk.skew);
    return html`<div role="status" class="warnings">
      ${desk.link === "lost" ? html`<p class="notice bad">${icon("cut")}<span>${t("link.lost")}</span></p>` : ""}
      ${this.listWarning()}
      ${skew > SKEW_TOLD ? html`<p class="notice">${icon("clock")}<span>${t("skew.warning", { seconds: skew })}</span></p>` : ""}
    </div>`;
  }

  /** How old the list of revoked keys is; nobody can look once it is a day old. */
  listWarning() {
    const { person } = this.desk;
    const age = person?.hasPolicy ? listAge(person.trust, Date.now() / 1000) : 0;
    if (age !== null && age < WARN_SECONDS) return "";
    const hours = Math.floor((age ?? 0) / 3600);
    const key = age === null ? "list.none" : age < LIST_SECONDS ? "list.old" : "list.stale";
    const who = makesLists(person) ? "list.self" : "list.ask";
    return html`<p class="notice bad">${icon("help")}<span>${t(key, { hours })} ${t(who)}</span></p>`;
  }

  foot() {
    const { person } = this.desk;
    const age = person?.hasPolicy ? listAge(person.trust, Date.now() / 1000) : null;
    const waiting = person?.passkeys.find((one) => one.status === "waiting");
    return html`<footer class="foot muted small">
      ${age === null ? "" : html`<p>${t("list.age", { hours: Math.max(0, Math.floor(age / 3600)) })}</p>`}
      ${person === null || !person.onBrowserKey || !hasPasskeys()
        ? ""
        : waiting === undefined
          ? html`<p><button class="quiet" @click=${() => this.desk.register()}>${icon("key")}${t("register.button")}</button></p>`
          : html`<p role="status">${t("register.sent", { code: shortCode(waiting.kid) })}</p>`}
    </footer>`;
  }

  head() {
    const { desk } = this;
    const { me } = desk;
    const looking = desk.current !== null;
    const here = this.shown() === "pair" ? "homes" : this.shown();
    const look = theme() === "dark" ? "sun" : "moon";
    const keys = t(shortcuts() ? "app.shortcuts_on" : "app.shortcuts_off");
    const other = currentLanguage() === "sv" ? "en" : "sv";
    const waiting = [...desk.visits.values()].filter((visit) => visit.state === "open").length;
    return html`<header class="bar">
      <button class="skip" @click=${this.skip}>${t("app.skip")}</button>
      <span class="brand"><img src="/icon.svg" alt="" /><span>${me?.municipality || t("app.name")}</span></span>
      ${me === null || desk.standing === "login" || looking
        ? html`<span class="gap"></span>`
        : html`<nav aria-label=${t("nav.label")}>
            ${this.views().map(
              (view) => html`<a href="#${view}" aria-current=${view === here ? "page" : "false"}
                >${t(`nav.${view}`)}${view === "visits" && waiting > 0 ? html` <b class="count">${waiting}</b>` : ""}</a
              >`,
            )}
          </nav>`}
      <div class="tools">
        ${me === null || desk.standing === "login" ? "" : html`<span class="me muted small">${me.name}</span>`}
        <button class="quiet" lang=${other} @click=${() => this.speak(other)}>${t("app.language")}</button>
        <button class="quiet" @click=${this.flip} aria-label=${t("app.theme")} title=${t("app.theme")}>${icon(look)}</button>
        ${me === null || desk.standing === "login"
          ? ""
          : html`<button class="quiet wide" @click=${this.keys} aria-pressed=${shortcuts()} aria-label=${t("app.shortcuts")} title=${keys}
                >${icon("keyboard")}</button
              >${looking ? "" : this.leave()}`}
      </div>
    </header>`;
  }

  leave() {
    const out = () => this.desk.logout();
    return html`<button class="quiet" @click=${out} title=${t("app.logout")}>${icon("out")}<span>${t("app.switch")}</span></button>`;
  }

  /** The page that is shown: the one in the address, where this person has it. */
  shown() {
    if (this.view === "root" && this.desk.may("admin")) return "root";
    if (this.view === "pair" && this.pairs()) return "pair";
    return this.views().find((view) => view === this.view) ?? this.start();
  }

  /** The page that this person begins at. */
  start() {
    /** @type {[typeof VIEWS[number], boolean][]} */
    const begins = [["queue", this.desk.works()], ["plans", this.desk.may("planner")], ["homes", this.pairs()]];
    return begins.find(([, theirs]) => theirs)?.[0] ?? "log";
  }

  skip() {
    this.renderRoot.querySelector("main")?.focus();
  }

  /** @param {import("./i18n.js").Language} language */
  speak(language) {
    useLanguage(language);
    this.desk.changed();
    this.requestUpdate();
  }

  flip() {
    useTheme(theme() === "dark" ? "light" : "dark");
    this.requestUpdate();
  }

  keys() {
    useShortcuts(!shortcuts());
    this.requestUpdate();
  }
}

function here() {
  // What follows a slash says which of the page's things: #plans/HUB.
  const [page] = location.hash.split("/");
  return [...VIEWS, ...OTHERS].find((view) => `#${view}` === page) ?? "queue";
}

customElements.define("tk-app", App);
