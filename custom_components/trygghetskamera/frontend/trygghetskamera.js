// Loaded with Home Assistant's pages: the dashboard strategy and the card with large type.
import { homeOf, isPaused, lastLook, situation, tonight } from "./home.js";
import { dashboard } from "./strategy.js";
import { STYLE } from "./style.js";
import { languageOf, say } from "./words.js";

const ICONS = { calm: "mdi:eye-off-outline", seen: "mdi:eye-outline", paused: "mdi:pause", wrong: "mdi:alert-outline" };

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function icon(name, className) {
  const element = make("ha-icon", className);
  element.setAttribute("icon", name);
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** Changes a text only where it differs: what is read aloud is read once. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A look in a list. */
function line(row) {
  const element = make("li");
  const words = make("span", "words");
  words.append(make("span", "when", row.when), make("span", "what", row.text));
  element.append(icon(row.isDone ? "mdi:check-circle-outline" : "mdi:clock-outline", "picture"), words);
  return element;
}

const BUILD = {
  situation(config) {
    const part = make("section", "situation");
    const sentence = make("p", "sentence");
    sentence.setAttribute("role", "status");
    const picture = icon(ICONS.wrong, "picture");
    part.append(picture, sentence);
    return [part, (hass, home) => {
      const { tone, text } = situation(hass, home, config.for);
      part.dataset.tone = tone;
      picture.setAttribute("icon", ICONS[tone]);
      if (sentence.textContent === text) return;
      // Each sentence stays on a line of its own where there is room.
      const sentences = text.split(/(?<=[.?]) /).map((one) => make("span", "", one));
      sentence.replaceChildren(...sentences.flatMap((one, index) => (index ? [" ", one] : [one])));
    }];
  },

  pause() {
    const part = make("section", "pausing");
    const button = make("button", "pause");
    const words = make("span", "words");
    const [name, hint, trouble] = [make("span", "name"), make("span", "hint"), make("p", "trouble")];
    const picture = icon("mdi:pause", "picture");
    button.type = "button";
    trouble.setAttribute("role", "alert");
    words.append(name, hint);
    button.append(picture, words);
    part.append(button, trouble);
    let now = {};
    button.addEventListener("click", async () => {
      // Where it is not known whether pause is on, the press means pause: that is always allowed.
      const { hass, home } = now;
      const before = isPaused(hass, home);
      const resumes = before === true;
      // Home Assistant says nothing when it drops an action on an entity that is not there.
      write(trouble, before === undefined ? say(languageOf(hass), "pause_failed") : "");
      try {
        await hass.callService("switch", resumes ? "turn_off" : "turn_on", { entity_id: home.entities["switch.pause"] }, undefined, false);
      } catch {
        write(trouble, say(languageOf(hass), resumes ? "resume_failed" : "pause_failed"));
      }
    });
    return [part, (hass, home) => {
      const paused = isPaused(hass, home) === true;
      if (paused !== now.paused) write(trouble, "");
      now = { hass, home, paused };
      button.disabled = !home;
      button.classList.toggle("on", paused);
      picture.setAttribute("icon", paused ? "mdi:play" : "mdi:pause");
      write(name, say(languageOf(hass), paused ? "pause_on" : "pause"));
      write(hint, say(languageOf(hass), paused ? "pause_end" : "pause_start"));
    }];
  },

  tonight() {
    const part = make("section", "tonight");
    const [title, list, note] = [make("h2", "title"), make("ul", "looks"), make("p", "note")];
    part.append(title, list, note);
    let shown = "";
    return [part, (hass, home) => {
      const { rows, note: text } = tonight(hass, home);
      write(title, say(languageOf(hass), "tonight"));
      write(note, text);
      note.hidden = !text;
      list.hidden = !rows.length;
      if (shown === JSON.stringify(rows)) return;
      shown = JSON.stringify(rows);
      list.replaceChildren(...rows.map(line));
    }];
  },

  last() {
    const part = make("section", "tonight");
    const [title, list, note] = [make("h2", "title"), make("ul", "looks"), make("p", "note")];
    part.append(title, list, note);
    return [part, (hass, home) => {
      const row = lastLook(hass, home);
      write(title, say(languageOf(hass), "last"));
      write(note, row ? "" : say(languageOf(hass), "never"));
      list.replaceChildren(...(row ? [line(row)] : []));
      note.hidden = Boolean(row);
      list.hidden = !row;
    }];
  },
};

const CLIENT_PARTS = ["situation", "pause", "tonight"];

/**
 * Shows a home in large type. Config: `home` (device id, or the first), `show` (parts),
 * `for` ("client", or "relative" who is not the one seen), `large` (fills the screen).
 */
class TrygghetskameraCard extends HTMLElement {
  #config = {};
  #updates = [];
  #seen = [];

  setConfig(config) {
    const show = config.show ?? CLIENT_PARTS;
    if (!Array.isArray(show) || show.some((name) => !Object.hasOwn(BUILD, name))) throw new Error(`show: ${Object.keys(BUILD).join(", ")}`);
    this.#config = config;
    const style = make("style", "", STYLE);
    const main = make("div", config.large ? "parts large" : "parts");
    const parts = show.map((name) => BUILD[name](config));
    main.append(...parts.map(([part]) => part));
    this.#updates = parts.map(([, update]) => update);
    this.#seen = [];
    (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(style, main);
  }

  set hass(hass) {
    const home = homeOf(hass, this.#config.home);
    const ids = home ? [home, ...home.cameras.map((entities) => ({ entities }))].flatMap((one) => Object.values(one.entities)) : [];
    const seen = [hass.connected, hass.locale, hass.entities, hass.devices, ...ids.map((id) => hass.states[id])];
    if (seen.length === this.#seen.length && seen.every((one, index) => one === this.#seen[index])) return;
    this.#seen = seen;
    this.lang = languageOf(hass);
    for (const update of this.#updates) update(hass, home);
  }

  getCardSize() {
    return this.#config.large ? 12 : 3;
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
(window.customCards ??= []).push({ type: "trygghetskamera-card", name: "Trygghetskamera", description, preview: false });
(window.customStrategies ??= []).push({ type: "trygghetskamera", strategyType: "dashboard", name: "Trygghetskamera", description });
