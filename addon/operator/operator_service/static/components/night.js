import { css, html, svg } from "../vendor/lit.js";
import * as api from "../api.js";
import { t } from "../i18n.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { shared } from "./theme.js";

const PARTS = /** @type {const} */ (["seen", "visited", "paused", "declined", "left", "missed"]);
const GAP = 0.6;
const REFRESH_MS = 60_000;

/** The account of the night: how many of the agreed looks have ended, and how. A missed one shows in red. */
class Night extends DeskElement {
  static properties = { ...DeskElement.properties, always: { attribute: false }, night: { state: true } };
  static styles = [
    shared,
    css`
      .top {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
        gap: 1rem;
        flex-wrap: wrap;
      }
      svg.bar {
        display: block;
        width: 100%;
        height: 0.875rem;
        margin: 0.875rem 0 1rem;
        border-radius: 99px;
        background: var(--raised);
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.5rem;
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        color: var(--muted);
        font-size: 0.9375rem;
      }
      li b {
        color: var(--text);
        font-variant-numeric: tabular-nums;
      }
      i {
        width: 0.75rem;
        height: 0.75rem;
        border-radius: 0.25rem;
        background: currentColor;
      }
      .seen {
        color: var(--accent);
        fill: var(--accent);
      }
      .visited {
        color: var(--info);
        fill: var(--info);
      }
      .paused {
        color: var(--warn);
        fill: var(--warn);
      }
      .declined {
        color: var(--muted);
        fill: var(--muted);
      }
      .left {
        color: var(--edge);
        fill: var(--edge);
      }
      .missed {
        color: var(--danger);
        fill: var(--danger);
      }
      .notice {
        margin-top: 1rem;
      }
    `,
  ];

  constructor() {
    super();
    /** Show it also where nothing is planned. */
    this.always = false;
    /** @type {api.Night | null} */
    this.night = null;
    this.seenStates = "";
    this.asked = 0;
  }

  /** @override */
  willUpdate() {
    const states = this.desk.queue().map((row) => row.state).join();
    const now = performance.now();
    if (this.seenStates === states && now - this.asked < REFRESH_MS) return;
    this.seenStates = states;
    this.asked = now;
    api.night().then((night) => (this.night = night), () => undefined);
  }

  /** @override */
  render() {
    const { night } = this;
    if (night === null) return "";
    if (night.planned === 0) return this.always ? html`<p class="card muted">${t("night.none")}</p>` : "";
    const { planned, seen, visited, paused, declined, missed } = night;
    const counts = { planned, seen, visited, paused, declined, left: night.open, missed };
    const total = PARTS.reduce((sum, part) => sum + counts[part], 0) || 1;
    const summary = t("night.summary", counts);
    let x = 0;
    const bars = PARTS.filter((part) => counts[part] > 0).map((part) => {
      const width = (counts[part] / total) * 100;
      const bar = svg`<rect class=${part} x=${x} y="0" width=${Math.max(0.5, width - GAP)} height="10"></rect>`;
      x += width;
      return bar;
    });
    return html`<section class="card" aria-labelledby="title">
      <div class="top"><h2 id="title">${t("night.title")}</h2><span class="muted small">${night.date}</span></div>
      <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label=${summary}>${bars}</svg>
      <ul aria-hidden="true">
        ${PARTS.filter((part) => part === "seen" || part === "left" || counts[part] > 0).map(
          (part) => html`<li><i class=${part}></i>${t(`night.${part}`)} <b>${counts[part]}</b></li>`,
        )}
      </ul>
      ${night.red || night.missed > 0 ? html`<p class="notice bad" role="alert">${icon("help")}<span>${t("night.missing")}</span></p>` : ""}
    </section>`;
  }
}
customElements.define("tk-night", Night);
