import { css, html } from "../vendor/lit.js";
import { coded, shortCode, t } from "../i18n.js";
import { hasPasskeys } from "../webauthn.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { shared } from "./theme.js";

/** Shown until somebody vouches for this person's key, and until their passkey has begun the shift. */
class Waiting extends DeskElement {
  static styles = [
    shared,
    css`
      section {
        display: grid;
        gap: 1.125rem;
        max-width: 44rem;
        margin: clamp(0rem, 5vh, 4rem) auto 0;
        justify-items: start;
      }
      .top {
        display: flex;
        align-items: center;
        gap: 0.875rem;
      }
      .top svg {
        width: 2.25rem;
        height: 2.25rem;
        color: var(--accent);
      }
      .bad .top svg {
        color: var(--danger);
      }
      .code {
        font: 600 clamp(1.0625rem, 0.8rem + 1.4vw, 1.5rem) / 1.5 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace;
        background: var(--ground);
        border: 1px solid var(--line);
        border-radius: 0.875rem;
        padding: 1rem 1.25rem;
        overflow-wrap: anywhere;
        user-select: all;
      }
      .whole {
        overflow-wrap: anywhere;
      }
      .breathe {
        animation: breathe 2.4s ease-in-out infinite;
      }
      @keyframes breathe {
        50% {
          opacity: 0.45;
        }
      }
    `,
  ];

  /** @override */
  render() {
    const { standing, notice } = this.desk;
    if (standing === "root_changed") {
      return html`<section class="card bad" role="alert">
        <div class="top">${icon("help")}<h1>${t("root_changed.title")}</h1></div>
        <p>${t("root_changed.lead")}</p>
      </section>`;
    }
    return html`<section class="card">
      ${standing === "shift" ? this.shift() : standing === "register" ? this.registering() : standing === "waiting" ? this.waiting() : this.noRoot()}
      <div role="alert">${notice && html`<p class="notice bad">${icon("help")}<span>${coded("code", notice)}</span></p>`}</div>
    </section>`;
  }

  /** The passkey is asked; where there are several, which. */
  shift() {
    const { desk } = this;
    const passkeys = desk.person?.usable ?? [];
    return html`<div class="top">${icon("key")}<h1>${t("shift.title")}</h1></div>
      <p>${t("shift.lead")}</p>
      ${passkeys.map(
        (one, at) => html`<button class=${at === passkeys.length - 1 ? "primary" : ""} ?autofocus=${at === passkeys.length - 1} @click=${() => desk.begin(one)}>
          ${icon("key")}${passkeys.length === 1 ? t("shift.begin") : t("shift.begin_with", { code: shortCode(one.kid) })}
        </button>`,
      )}`;
  }

  registering() {
    return html`<div class="top">${icon("key")}<h1>${t("register.title")}</h1></div>
      <p>${t("register.lead")}</p>
      <p class="muted">${t("register.what")}</p>
      ${this.registerButton("primary")}`;
  }

  /** @param {string} look */
  registerButton(look) {
    const { desk } = this;
    return hasPasskeys()
      ? html`<button class=${look} @click=${() => desk.register()}>${icon("key")}${t("register.button")}</button>`
      : html`<p class="notice">${icon("help")}<span>${t("code.passkey_unsupported")}</span></p>`;
  }

  waiting() {
    const { person } = this.desk;
    const kid = person?.kid ?? "";
    const asked = person?.passkeys.some((one) => one.status === "waiting") ?? false;
    return html`<div class="top">${icon("key")}<h1>${t("waiting.title")}</h1></div>
      <p>${asked ? t("waiting.passkey") : t("waiting.lead")}</p>
      ${kid === "" ? "" : html`<p id="read">${t("waiting.code")}</p><p class="code" aria-labelledby="read">${shortCode(kid)}</p><p class="muted small whole">${kid}</p>`}
      <p class="muted breathe" role="status">${t("waiting.self")}</p>
      ${asked || !hasPasskeys() ? "" : this.registerButton("quiet")}`;
  }

  noRoot() {
    return html`<div class="top">${icon("key")}<h1>${t("no_root.title")}</h1></div>
      <p>${t("no_root.lead")}</p>
      <p><a class="button" href="#setup">${t("setup.link")}</a></p>
      <p class="muted breathe" role="status">${t("waiting.self")}</p>`;
  }
}
customElements.define("tk-waiting", Waiting);
