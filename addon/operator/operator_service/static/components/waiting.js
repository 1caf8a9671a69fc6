import { css, html } from "../vendor/lit.js";
import { coded, t } from "../i18n.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { shared } from "./theme.js";

/** Shown until the municipality's root has signed this browser's key. */
class Waiting extends DeskElement {
  static styles = [
    shared,
    css`
      section {
        display: grid;
        gap: 1.125rem;
        max-width: 44rem;
        margin: clamp(0rem, 5vh, 4rem) auto 0;
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
    const { standing, notice, key } = this.desk;
    if (standing === "root_changed") {
      return html`<section class="card bad" role="alert">
        <div class="top">${icon("help")}<h1>${t("root_changed.title")}</h1></div>
        <p>${t("root_changed.lead")}</p>
      </section>`;
    }
    const waiting = standing === "waiting";
    return html`<section class="card">
      <div class="top">${icon("key")}<h1>${waiting ? t("waiting.title") : t("no_root.title")}</h1></div>
      <p>${waiting ? t("waiting.lead") : t("no_root.lead")}</p>
      ${notice && html`<p class="notice bad" role="alert">${icon("help")}<span>${coded("code", notice)}</span></p>`}
      ${waiting && key ? html`<p id="read">${t("waiting.code")}</p><p class="code" aria-labelledby="read">${grouped(key.kid)}</p><p class="muted small whole">${key.kid}</p>` : ""}
      <p class="muted breathe" role="status">${t("waiting.self")}</p>
    </section>`;
  }
}
customElements.define("tk-waiting", Waiting);

/** The beginning, in groups to read aloud: 96 bits, more than anybody can imitate. @param {string} kid */
const grouped = (kid) => kid.slice(0, 16).match(/.{4}/g)?.join(" ") ?? kid;
