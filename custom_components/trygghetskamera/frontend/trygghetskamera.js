// Loaded with Home Assistant's pages: the dashboard strategy and the card with large type.
import { absencesPart } from "./absences_part.js";
import { make } from "./draw.js";
import { homeOf, statesOf } from "./home.js";
import { logPart } from "./log_part.js";
import { pausePart } from "./pause_part.js";
import { problemsPart } from "./problems_part.js";
import { roomsPart } from "./rooms_part.js";
import { situationPart } from "./situation_part.js";
import { sleepPart } from "./sleep_part.js";
import { stopPart } from "./stop_part.js";
import { dashboard } from "./strategy.js";
import { STYLE } from "./style.js";
import { tonightPart } from "./tonight_part.js";
import { languageOf, say } from "./words.js";

/** Each gives its element, what draws a home in it, and what it does while it is on a screen, giving how to stop. */
const PARTS = {
  situation: situationPart, sleep: sleepPart, pause: pausePart, tonight: tonightPart,
  problems: problemsPart, log: logPart, rooms: roomsPart, absences: absencesPart, stop: stopPart,
};
const CLIENT_PARTS = ["situation", "sleep", "pause", "tonight"];
const TIME_PASSES_MS = 30_000;

/**
 * Shows a home in large type. Config: `home` (device id, or the first), `show` (parts; those of an inner list share a
 * column), `for` ("client", or "relative" who is not the one seen), `layout` ("large" fills the screen, "columns").
 */
class TrygghetskameraCard extends HTMLElement {
  #config = {};
  #parts = [];
  #seen = [];
  #hass;
  #timer;
  #stops = null;

  setConfig(config) {
    const show = config.show ?? CLIENT_PARTS;
    const known = (name) => Object.hasOwn(PARTS, name);
    if (!Array.isArray(show) || !show.flat().every(known)) throw new Error(`show: ${Object.keys(PARTS).join(", ")}`);
    this.#leave();
    this.#config = config;
    this.#parts = [];
    const build = (name) => {
      const [element, update, stay] = PARTS[name](config);
      this.#parts.push({ update, stay });
      return element;
    };
    const column = (names) => {
      const element = make("div", "column");
      element.append(...names.map(build));
      return element;
    };
    const main = make("div", `parts ${config.layout ?? ""}`.trim());
    main.append(...show.map((one) => (Array.isArray(one) ? column(one) : build(one))));
    (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(make("style", "", STYLE), main);
    this.#seen = [];
    this.#draw();
  }

  set hass(hass) {
    this.#hass = hass;
    const home = homeOf(hass, this.#config.home);
    const seen = [hass.connected, hass.locale, hass.localize, hass.entities, hass.devices, hass.services, ...statesOf(hass, home)];
    if (seen.length === this.#seen.length && seen.every((one, index) => one === this.#seen[index])) return;
    this.#seen = seen;
    this.#draw();
  }

  connectedCallback() {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#draw(), TIME_PASSES_MS);
    this.#draw();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#leave();
  }

  #draw() {
    if (!this.#hass) return;
    const home = homeOf(this.#hass, this.#config.home);
    this.lang = languageOf(this.#hass);
    for (const { update } of this.#parts) update(this.#hass, home, Date.now());
    if (this.isConnected) this.#stops ??= this.#parts.flatMap(({ stay }) => (stay ? [stay()] : []));
  }

  #leave() {
    this.#stops?.forEach((stop) => stop());
    this.#stops = null;
  }

  getCardSize() {
    return this.#config.layout ? 12 : 3;
  }

  getGridOptions() {
    return { columns: "full", min_columns: 6 };
  }

  static getStubConfig() {
    return { show: CLIENT_PARTS };
  }
}

class TrygghetskameraStrategy extends HTMLElement {
  static async generate(_config, hass) {
    return dashboard(hass);
  }
}

function define(name, element) {
  if (!customElements.get(name)) customElements.define(name, element);
}

define("trygghetskamera-card", TrygghetskameraCard);
define("ll-strategy-dashboard-trygghetskamera", TrygghetskameraStrategy);
const description = say(languageOf({ language: document.documentElement.lang }), "strategy");
/** @type {any} */
const here = window;
(here.customCards ??= []).push({ type: "trygghetskamera-card", name: "Trygghetskamera", description, preview: false });
(here.customStrategies ??= []).push({ type: "trygghetskamera", strategyType: "dashboard", name: "Trygghetskamera", description });
