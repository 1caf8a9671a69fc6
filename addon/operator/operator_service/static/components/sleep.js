import { css, html, svg } from "../vendor/lit.js";
import * as api from "../api.js";
import { codeOf } from "../desk.js";
import { coded, date, decimal, t } from "../i18n.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { shared } from "./theme.js";

/** @typedef {api.Sleep["homes"][number]} SleepHome */

const REFRESH_MS = 600_000;
const DAY_MS = 86_400_000;
const BEST = 5;
/** Of one night in the picture, in its own units. */
const STEP = 10;
const HEIGHT = 50;

/** How clients have slept, night by night, as a small picture for each home; for those who follow up the care. */
class Sleep extends DeskElement {
  static properties = { ...DeskElement.properties, told: { state: true }, code: { state: true } };
  static styles = [
    shared,
    css`
      section {
        display: grid;
        gap: 1rem;
      }
      .homes {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr));
        align-items: start;
        gap: 1rem;
      }
      .homes li {
        display: grid;
        align-content: start;
        gap: 0.625rem;
        padding: 1rem 1.125rem;
        border: 1px solid var(--line);
        border-radius: 1rem;
      }
      h3 {
        font-size: 1.0625rem;
        overflow-wrap: anywhere;
      }
      .top {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
        gap: 1rem;
      }
      svg.nights {
        display: block;
        width: 100%;
        height: 3.25rem;
        overflow: visible;
      }
      .rating {
        fill: var(--accent);
      }
      .none {
        fill: var(--line);
      }
      summary {
        cursor: pointer;
        min-height: 1.75rem;
        color: var(--muted);
        font-size: 0.9375rem;
      }
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: 0.9375rem;
      }
      th,
      td {
        padding: 0.375rem 0.75rem 0.375rem 0;
        text-align: left;
        vertical-align: top;
        border-bottom: 1px solid var(--line);
      }
      th {
        font-weight: 600;
        color: var(--muted);
      }
      td.number,
      th:not(:last-child) {
        white-space: nowrap;
      }
      td:last-child {
        width: 100%;
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {api.Sleep | null} */
    this.told = null;
    this.code = "";
    this.asked = -REFRESH_MS;
  }

  /** @override */
  willUpdate() {
    const now = performance.now();
    if (now - this.asked < REFRESH_MS) return;
    this.asked = now;
    api.sleep().then(
      (told) => {
        this.told = told;
        this.code = "";
      },
      (error) => (this.code = codeOf(error)),
    );
  }

  /** @override */
  render() {
    const { told, code } = this;
    if (code !== "") return html`<p class="notice bad" role="alert">${icon("help")}<span>${coded("code", code)}</span></p>`;
    if (told === null) return "";
    return html`<section class="card" aria-labelledby="title">
      <div>
        <h2 id="title">${t("sleep.title")}</h2>
        <p class="muted small">${t("sleep.lead")}</p>
      </div>
      ${told.homes.length === 0
        ? html`<p class="muted">${t("sleep.none")}</p>`
        : html`<ul class="homes">
            ${told.homes.map((home) => this.home(home, days(told)))}
          </ul>`}
    </section>`;
  }

  /** @param {SleepHome} home @param {string[]} all */
  home({ label, nights }, all) {
    const average = decimal(nights.reduce((sum, night) => sum + night.rating, 0) / nights.length);
    const latest = nights.at(-1)?.rating ?? 0;
    return html`<li>
      <div class="top"><h3>${label}</h3><span class="muted small number" aria-hidden="true">${t("sleep.average", { average })}</span></div>
      ${picture(nights, all, t("sleep.summary", { label, count: nights.length, average, latest }))}
      <details>
        <summary>${t("sleep.more")} <span class="unseen">${t("sleep.more_who", { label })}</span></summary>
        <table>
          <thead>
            <tr>
              <th scope="col">${t("sleep.night")}</th>
              <th scope="col">${t("sleep.rating")}</th>
              <th scope="col">${t("sleep.comment")}</th>
            </tr>
          </thead>
          <tbody>
            ${[...nights].reverse().map(
              (night) => html`<tr>
                <td class="number">${date(after(night.night))}</td>
                <td class="number">${night.rating}</td>
                <td>${night.comment}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </details>
    </li>`;
  }
}
customElements.define("tk-sleep", Sleep);

/** A bar a night, five high; a night without a rating is a line at the bottom. @param {api.SleepNight[]} nights @param {string[]} all @param {string} summary */
function picture(nights, all, summary) {
  const rated = new Map(nights.map((night) => [night.night, night.rating]));
  const bars = all.map((day, at) => {
    const high = ((rated.get(day) ?? 0) / BEST) * HEIGHT || 1;
    const kind = rated.has(day) ? "rating" : "none";
    return svg`<rect class=${kind} x=${at * STEP + 1} y=${HEIGHT - high} width=${STEP - 2} height=${high} rx="1"></rect>`;
  });
  return html`<svg class="nights" viewBox="0 0 ${all.length * STEP} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${summary}>${bars}</svg>`;
}

/** Every night that is asked about, as the service writes them. @param {api.Sleep} told */
function days({ first, last }) {
  const found = [];
  for (let day = first; day <= last; day = after(day)) found.push(day);
  return found;
}

/** The date after. @param {string} day */
const after = (day) => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
