import { LitElement, css, html } from "../vendor/lit.js";
import * as api from "../api.js";
import { codeOf } from "../desk.js";
import { coded, t } from "../i18n.js";
import { icon } from "./icons.js";
import { shared } from "./theme.js";

/** Name and password. What the person may do is signed by the municipality, not decided by this login. */
class Login extends LitElement {
  static properties = { desk: { attribute: false }, code: { state: true }, busy: { state: true }, fresh: { state: true } };
  static styles = [
    shared,
    css`
      :host {
        display: grid;
        place-items: center;
        padding: clamp(1.5rem, 8vh, 6rem) 1rem;
      }
      form {
        width: min(27rem, 100%);
        display: grid;
        gap: 1.25rem;
      }
      header {
        display: grid;
        gap: 0.625rem;
        justify-items: start;
      }
      img {
        width: 3.25rem;
        height: 3.25rem;
      }
      button {
        min-height: 3.25rem;
        font-size: 1.0625rem;
      }
    `,
  ];

  constructor() {
    super();
    /** Given by the page before this is shown. */
    this.desk = /** @type {import("../desk.js").Desk} */ (/** @type {unknown} */ (undefined));
    this.code = "";
    this.busy = false;
    /** Nobody has set the service up yet. */
    this.fresh = false;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    api.setup().then(({ open }) => (this.fresh = open), () => undefined);
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    this.busy = true;
    this.code = "";
    try {
      await this.desk.login(String(data.get("login")).trim(), String(data.get("password")));
    } catch (error) {
      this.code = codeOf(error);
      await this.updateComplete;
      this.renderRoot.querySelector("input")?.focus();
    }
    this.busy = false;
  }

  /** @override */
  render() {
    const code = this.code || this.desk.notice;
    return html`<form class="card" @submit=${this.submit}>
      <header>
        <img src="/icon.svg" alt="" />
        <h1>${t("login.title")}</h1>
        <p class="muted">${t("login.lead")}</p>
      </header>
      <div role="alert">${code && html`<p class="notice bad">${icon("help")}<span>${coded("code", code)}</span></p>`}</div>
      <label>${t("login.user")}<input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus maxlength="80" /></label>
      <label>${t("login.password")}<input name="password" type="password" autocomplete="current-password" required maxlength="200" /></label>
      <button class="primary" ?disabled=${this.busy}>${this.busy ? t("login.busy") : t("login.button")}</button>
      ${this.fresh ? html`<a class="button" href="#setup">${t("setup.link")}</a>` : ""}
    </form>`;
  }
}
customElements.define("tk-login", Login);
