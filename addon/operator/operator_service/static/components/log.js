import { css, html } from "../vendor/lit.js";
import * as api from "../api.js";
import { codeOf } from "../desk.js";
import { WORDS, brief, coded, currentLanguage, moment, t } from "../i18n.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { shared } from "./theme.js";

/** Who did what and when; newest first. */
class Log extends DeskElement {
  static properties = { ...DeskElement.properties, entries: { state: true }, more: { state: true }, code: { state: true } };
  static styles = [
    shared,
    css`
      .page {
        display: grid;
        gap: 1rem;
      }
      .scroll {
        padding: 0;
        overflow: hidden;
      }
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: 0.9375rem;
      }
      th {
        text-align: left;
        font-weight: 600;
        color: var(--muted);
      }
      th,
      td {
        padding: 0.6875rem 1.25rem;
        border-bottom: 1px solid var(--line);
        vertical-align: top;
      }
      tr:last-child td {
        border-bottom: 0;
      }
      time {
        white-space: nowrap;
      }
      td small {
        display: block;
        font-size: 0.875rem;
        color: var(--muted);
      }
      @media (max-width: 40rem) {
        thead {
          position: absolute;
          clip-path: inset(50%);
          width: 1px;
          overflow: hidden;
        }
        tr {
          display: grid;
          grid-template-columns: 1fr auto;
          gap: 0.125rem 1rem;
          padding: 0.75rem 1rem;
          border-bottom: 1px solid var(--line);
        }
        td {
          padding: 0;
          border: 0;
        }
        td.what {
          order: -1;
          font-weight: 600;
        }
        td.who,
        td.where {
          color: var(--muted);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {api.LogEntry[]} */
    this.entries = [];
    this.more = false;
    this.code = "";
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.load();
  }

  async load() {
    try {
      const { entries, more } = await api.log(this.entries.at(-1)?.id);
      this.entries = [...this.entries, ...entries];
      this.more = more;
      this.code = "";
    } catch (error) {
      this.code = codeOf(error);
    }
  }

  /** @override */
  render() {
    return html`<div class="page">
      <div>
        <h1>${t("log.title")}</h1>
        <p class="muted">${t("log.lead")}</p>
      </div>
      <div role="alert">${this.code && html`<p class="notice bad">${icon("help")}<span>${coded("code", this.code)}</span></p>`}</div>
      ${this.entries.length === 0 ? html`<p class="muted">${t("log.none")}</p>` : this.table()}
      ${this.more ? html`<button @click=${this.load}>${t("log.more")}</button>` : ""}
    </div>`;
  }

  table() {
    return html`<div class="card scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">${t("log.when")}</th>
            <th scope="col">${t("log.what")}</th>
            <th scope="col">${t("log.where")}</th>
            <th scope="col">${t("log.who")}</th>
          </tr>
        </thead>
        <tbody>
          ${this.entries.map(
            (one) => html`<tr>
              <td class="number"><time datetime=${new Date(one.at * 1000).toISOString()}>${moment(one.at)}</time></td>
              <td class="what">${coded("event", one.event)}${one.code && html`<small>${said(one.code)}</small>`}</td>
              <td class="where">${one.label}</td>
              <td class="who">${one.name || one.login}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}
customElements.define("tk-log", Log);

/** A code in the log: an outcome or reason, a cause, a refusal, or as it stands. @param {string} code */
function said(code) {
  const words = WORDS[currentLanguage()];
  const word = ["reason", "cause", "code", "room"].map((kind) => `${kind}.${code}`).find((one) => one in words);
  if (word === `reason.${code}` && `look.${code}` in words) return t(/** @type {import("../i18n.js").Word} */ (`look.${code}`));
  if (word === `code.${code}`) return brief(code);
  return word === undefined ? code : t(/** @type {import("../i18n.js").Word} */ (word));
}
