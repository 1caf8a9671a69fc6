import { html } from "../vendor/lit.js";
import * as api from "../api.js";
import { seedOf } from "../bip39.js";
import { codeOf } from "../desk.js";
import { coded, t } from "../i18n.js";
import { sign } from "../jws.js";
import { rootFrom } from "../root-key.js";
import { revoke } from "../revoking.js";
import { Refused } from "../strict.js";
import { choiceStyles } from "./choice-styles.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import "./people.js";
import { peopleStyles } from "./people-styles.js";
import { shared } from "./theme.js";

const HOUR = 3600;
/** Opened and left lying: forgotten after this. */
const FORGET_MS = 10 * 60_000;

/** The root key, from its 24 words, for what only the root may: administrators and the policy. It is never kept. */
class Root extends DeskElement {
  static properties = { ...DeskElement.properties, root: { state: true }, code: { state: true }, said: { state: true }, busy: { state: true } };
  static styles = [shared, peopleStyles, choiceStyles];

  constructor() {
    super();
    /** @type {import("../key.js").SessionKey | null} */
    this.root = null;
    this.code = "";
    this.said = "";
    this.busy = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.forget();
  }

  forget() {
    clearTimeout(this.timer);
    this.root = null;
    this.said = "";
  }

  /** @param {SubmitEvent} event @param {(data: FormData) => Promise<string>} act says what has happened */
  async submit(event, act) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    this.busy = true;
    this.code = this.said = "";
    try {
      this.said = await act(new FormData(form));
    } catch (error) {
      this.code = codeOf(error);
    }
    this.busy = false;
  }

  /** @param {FormData} data */
  async unlock(data) {
    const seed = await seedOf(String(data.get("words")));
    const root = await rootFrom(seed);
    seed.fill(0);
    if (root.x !== this.desk.person?.root?.x) throw new Refused("words_other");
    this.root = root;
    this.timer = setTimeout(() => this.forget(), FORGET_MS);
    return "";
  }

  /** @param {FormData} data */
  async policy(data) {
    const { person } = this.desk;
    if (this.root === null || person === null) return "";
    const [hours, look, retries] = ["hours", "look", "retries"].map((name) => Number(data.get(name)));
    const told = {
      number: person.trust.policy.number + 1,
      browser_keys: data.get("browser") !== null,
      delegation_seconds: (hours ?? 12) * HOUR,
      look_seconds: look ?? 60,
      max_retries: retries ?? 1,
      iat: Math.floor(Date.now() / 1000),
    };
    await api.policy(await sign(this.root, "tk-policy", told));
    await person.hear(await api.trust());
    return t("root.policy_done");
  }

  async list() {
    const { person } = this.desk;
    if (this.root === null || person === null) return "";
    await revoke(person, [], { key: this.root, chain: [] });
    return t("root.list_done");
  }

  /** @override */
  render() {
    return html`<div class="page">
      <div><h1>${t("root.title")}</h1><p class="muted">${t("root.lead")}</p></div>
      <div role="alert">${this.code && html`<p class="notice bad">${icon("help")}<span>${coded("code", this.code)}</span></p>`}</div>
      <div role="status">${this.said && html`<p class="chip good">${icon("check")}${this.said}</p>`}</div>
      ${this.root === null ? this.locked() : this.unlocked()}
    </div>`;
  }

  locked() {
    return html`<section class="card">
      <form autocomplete="off" @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (data) => this.unlock(data))}>
        <label>${t("root.words")}<textarea name="words" required maxlength="400" autocomplete="off" autocapitalize="none" spellcheck="false"></textarea></label>
        <div class="acts"><button class="primary" ?disabled=${this.busy}>${icon("key")}${t("root.open")}</button><a class="button" href="#people">${t("visits.cancel")}</a></div>
      </form>
    </section>`;
  }

  unlocked() {
    const { policy } = this.desk.person?.trust ?? {};
    return html`<p class="notice">${icon("key")}<span>${t("root.is_open")}</span></p>
      <div class="acts">
        <button class="primary" @click=${this.forget}>${icon("lock")}${t("root.close")}</button>
        <form @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, () => this.list())}><button ?disabled=${this.busy}>${icon("again")}${t("root.list")}</button></form>
      </div>
      <section class="card" aria-labelledby="policy">
        <h2 id="policy">${t("root.policy")}</h2>
        <form @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (data) => this.policy(data))}>
          <label class="choice"><input type="checkbox" name="browser" ?checked=${policy?.browser_keys} />${t("root.browser_keys")}</label>
          <label>${t("root.hours")}<input class="short" name="hours" type="number" min="1" max="12" value=${Math.max(1, Math.floor((policy?.delegation_seconds ?? 12 * HOUR) / HOUR))} required /></label>
          <label>${t("root.look")}<input class="short" name="look" type="number" min="10" max="120" value=${policy?.look_seconds ?? 60} required /></label>
          <label>${t("root.retries")}<input class="short" name="retries" type="number" min="0" max="3" value=${policy?.max_retries ?? 1} required /></label>
          <div class="acts"><button class="primary" ?disabled=${this.busy}>${t("root.sign")}</button></div>
        </form>
      </section>
      <tk-people .desk=${this.desk} .root=${this.root}></tk-people>`;
  }
}
customElements.define("tk-root", Root);
