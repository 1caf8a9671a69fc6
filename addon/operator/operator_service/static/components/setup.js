import { LitElement, html } from "../vendor/lit.js";
import * as api from "../api.js";
import { COUNT, wordsOf } from "../bip39.js";
import { credentialFor } from "../certifying.js";
import { ROLES } from "../codes.js";
import { codeOf } from "../desk.js";
import { coded, currentLanguage, t } from "../i18n.js";
import { sign } from "../jws.js";
import { pinnedRoot, sessionKey } from "../key.js";
import { newSeed, rootFrom } from "../root-key.js";
import { icon } from "./icons.js";
import { peopleStyles } from "./people-styles.js";
import { shared } from "./theme.js";

const ASKED_BACK = 3;
const DAYS = 90;
/** What a home of one's own may: the key of a browser will do. */
const POLICY = { number: 1, browser_keys: true, delegation_seconds: 43_200, look_seconds: 60, max_retries: 1 };

/** The first run, without a municipality: makes the root key, has it written down, signs what is needed, forgets it. */
class Setup extends LitElement {
  static properties = { desk: { attribute: false }, step: { state: true }, code: { state: true }, busy: { state: true } };
  static styles = [shared, peopleStyles];

  constructor() {
    super();
    /** Given by the page before this is shown. */
    this.desk = /** @type {import("../desk.js").Desk} */ (/** @type {unknown} */ (undefined));
    /** @type {"code" | "who" | "words" | "check"} */
    this.step = "code";
    this.code = "";
    this.busy = false;
    this.people = false;
    /** @type {Record<string, string>} */
    this.told = {};
    /** @type {Uint8Array<ArrayBuffer> | null} */
    this.seed = null;
    /** @type {string[]} */
    this.words = [];
    /** Which words are asked back, from 0. @type {number[]} */
    this.asked = [];
    /** @type {string[]} */
    this.units = [];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    api.setup().then(
      ({ open, people }) => {
        this.people = people;
        if (!open) this.code = "already_set";
        this.requestUpdate();
      },
      (error) => (this.code = codeOf(error)),
    );
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.forget();
  }

  forget() {
    this.seed?.fill(0);
    this.seed = null;
    this.words = [];
    this.told = {};
  }

  /** @param {SubmitEvent} event @param {(data: Record<string, string>) => Promise<unknown>} act */
  async submit(event, act) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const data = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    this.busy = true;
    this.code = "";
    try {
      await act(data);
    } catch (error) {
      this.code = codeOf(error);
    }
    this.busy = false;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("input, h1"))?.focus();
  }

  /** @override */
  render() {
    const step = { code: () => this.codeStep(), who: () => this.whoStep(), words: () => this.wordsStep(), check: () => this.checkStep() }[this.step];
    return html`<section class="card narrow">
      <h1 tabindex="-1">${t("setup.title")}</h1>
      <div role="alert">${this.code && html`<p class="notice bad">${icon("help")}<span>${coded("code", this.code)}</span></p>`}</div>
      ${step()}
    </section>`;
  }

  codeStep() {
    return html`<p>${t("setup.lead")}</p>
      <form @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (data) => this.begin(data))}>
        <label>${t("setup.code")}<input name="code" required maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" /></label>
        <p class="muted small">${t("setup.code_where")}</p>
        <div class="acts"><button class="primary" ?disabled=${this.busy}>${t("setup.next")}</button><a class="button" href="#queue">${t("visits.cancel")}</a></div>
      </form>`;
  }

  /** @param {Record<string, string>} data */
  async begin({ code = "" }) {
    this.units = (await api.setupCode(code)).units;
    this.told = { code };
    this.step = "who";
  }

  whoStep() {
    return html`<form @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (data) => this.make(data))}>
      <label>${t("setup.municipality")}<input name="municipality" required maxlength="80" /></label>
      <label>${t("setup.unit")}<input name="unit" required maxlength="32" pattern="[a-z0-9][a-z0-9_\\-]{0,31}" value=${this.units[0] ?? t("setup.unit_first")} autocapitalize="none" spellcheck="false" /></label>
      <label>${t("setup.name")}<input name="name" required maxlength="80" autocomplete="name" /></label>
      ${this.people ? html`<p class="notice">${icon("help")}<span>${t("setup.known")}</span></p>` : ""}
      <label>${t("login.user")}<input name="login" required maxlength="32" pattern="[a-z0-9][a-z0-9._\\-]{0,31}" autocomplete="username" autocapitalize="none" spellcheck="false" /></label>
      <label>${t("login.password")}<input name="password" type="password" required minlength="12" maxlength="200" autocomplete=${this.people ? "current-password" : "new-password"} /></label>
      <div class="acts"><button class="primary" ?disabled=${this.busy}>${t("setup.make")}</button></div>
    </form>`;
  }

  /** @param {Record<string, string>} data */
  async make(data) {
    this.told = { ...this.told, ...data };
    this.seed = newSeed();
    this.words = await wordsOf(this.seed);
    this.step = "words";
  }

  wordsStep() {
    return html`<h2>${t("setup.words")}</h2>
      <p>${t("setup.words_lead")}</p>
      <ol class="words">${this.words.map((word, at) => html`<li><span aria-hidden="true">${at + 1}</span>${word}</li>`)}</ol>
      <div class="acts"><button class="primary" @click=${this.ask}>${t("setup.written")}</button></div>`;
  }

  ask() {
    const places = Array.from({ length: COUNT }, (_none, at) => at);
    this.asked = [];
    while (this.asked.length < ASKED_BACK) {
      const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
      this.asked.push(...places.splice(random % places.length, 1));
    }
    this.asked.sort((a, b) => a - b);
    this.code = "";
    this.step = "check";
  }

  checkStep() {
    return html`<h2>${t("setup.check")}</h2>
      <form autocomplete="off" @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (data) => this.finish(data))}>
        ${this.asked.map((at) => html`<label>${t("setup.word", { number: at + 1 })}<input name="w${at}" required maxlength="20" autocomplete="off" autocapitalize="none" spellcheck="false" /></label>`)}
        <div class="acts">
          <button class="primary" ?disabled=${this.busy}>${t("setup.done")}</button>
          <button type="button" class="quiet" @click=${() => (this.step = "words")}>${t("setup.again")}</button>
        </div>
      </form>`;
  }

  /** @param {Record<string, string>} data */
  async finish(data) {
    if (this.asked.some((at) => data[`w${at}`]?.toLowerCase() !== this.words[at])) {
      this.code = "words_wrong";
      return;
    }
    const { seed, told } = this;
    if (seed === null) return;
    const { code = "", login = "", name = "", password = "", municipality = "", unit = "" } = told;
    const root = await rootFrom(seed);
    const browser = await sessionKey(login);
    const now = Math.floor(Date.now() / 1000);
    const choice = { name, roles: [...ROLES], units: [unit], days: DAYS };
    await api.finishSetup({
      code, login, name, password, language: currentLanguage(), municipality, root: root.x, key: browser.x,
      policy: await sign(root, "tk-policy", { ...POLICY, iat: now }),
      revocations: await sign(root, "tk-revocations", { number: 1, revoked: [], iat: now }),
      credential: await sign(root, "tk-credential", credentialFor({ key: browser.x, passkey: null }, choice, now)),
    });
    await pinnedRoot(root.x);
    this.forget();
    await this.desk.login(login, password);
    location.hash = "#queue";
  }
}
customElements.define("tk-setup", Setup);
