import { html } from "../vendor/lit.js";
import { isKnown, kindOf, remember } from "../address.js";
import * as api from "../api.js";
import { codeOf } from "../desk.js";
import { named } from "../homes.js";
import { coded, currentLanguage, dayOf, span, t } from "../i18n.js";
import { Meeting, wasLeft } from "../meeting.js";
import { canBeCalled } from "../pairing.js";
import { ENGLISH, SWEDISH } from "../pairing-words.js";
import { choiceStyles } from "./choice-styles.js";
import { DeskElement } from "./element.js";
import { icon } from "./icons.js";
import { pairStyles } from "./pair-styles.js";
import { qr } from "./qr.js";
import { peopleStyles } from "./people-styles.js";
import { shared } from "./theme.js";

/** A home is paired by the person who is here, in their shift. What is under way ends when the page is left. */
class Pair extends DeskElement {
  static properties = {
    ...DeskElement.properties, url: { state: true }, code: { state: true }, meeting: { state: true }, same: { state: true }, squares: { state: true }, copied: { state: true },
  };
  static styles = [shared, peopleStyles, choiceStyles, pairStyles];

  constructor() {
    super();
    /** Where homes find the service, '' until it has said. */
    this.url = "";
    this.code = "";
    /** A home with the name that was given, until somebody has said whether it is that one. @type {api.Home | null} */
    this.same = null;
    /** @type {Meeting | null} */
    this.meeting = null;
    /** @type {boolean[][]} */
    this.squares = [];
    this.copied = false;
    this.shown = "";
    this.left = () => this.meeting?.leave();
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    window.addEventListener("pagehide", this.left);
    if (wasLeft(this.desk.me?.login ?? "")) this.code = "pairing_left";
    void this.load();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener("pagehide", this.left);
    this.left();
    this.meeting = null;
  }

  async load() {
    try {
      this.url = (await api.pairingAddress()).hub_url;
    } catch (error) {
      this.code = codeOf(error);
    }
  }

  /** What has just come up is read out, and where the keyboard goes on. @override */
  updated() {
    const stage = this.meeting?.phase ?? "";
    if (stage !== this.shown && stage !== "signing") this.renderRoot.querySelector("h2")?.focus();
    this.shown = stage;
  }

  /** @param {SubmitEvent} event */
  async begin(event) {
    event.preventDefault();
    const { person } = this.desk;
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const label = String(data.get("label")).normalize("NFC").trim();
    if (person === null) return;
    if (!canBeCalled(label)) {
      this.code = "label_wrong";
      return;
    }
    if (kindOf(this.url) === "other") remember(this.url);
    this.same = null;
    try {
      const known = named(person, (await api.homes()).homes, label);
      if (known === null) return this.start(new Meeting(person, label, this.url));
      this.same = known;
      this.code = "";
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#same"))?.focus();
    } catch (error) {
      this.code = codeOf(error);
    }
  }

  /** It is that home: the new hub takes the old one's place. @param {api.Home} home */
  replace({ hub, label }) {
    const { person } = this.desk;
    this.same = null;
    if (person !== null) this.start(new Meeting(person, label, this.url, hub));
  }

  /** It is another home. */
  async rename() {
    this.same = null;
    this.code = "label_in_use";
    await this.updateComplete;
    this.renderRoot.querySelector("input")?.focus();
  }

  /** @param {Meeting} meeting */
  start(meeting) {
    this.meeting = meeting;
    this.code = "";
    this.squares = [];
    this.copied = false;
    meeting.addEventListener("change", () => this.changed(meeting));
    void meeting.begin();
  }

  /** @param {Meeting} meeting */
  changed(meeting) {
    if (meeting.phase === "waiting" && this.squares.length === 0) void this.draw(meeting);
    this.requestUpdate();
  }

  /** @param {Meeting} meeting */
  async draw({ code }) {
    this.squares = (await import("../vendor/qr.js")).squares(code);
  }

  async copy() {
    const field = this.renderRoot.querySelector("textarea");
    field?.select();
    this.copied = await navigator.clipboard.writeText(this.meeting?.code ?? "").then(() => true, () => document.execCommand("copy"));
  }

  another() {
    this.meeting = null;
  }

  /** @override */
  render() {
    return html`<div class="page">
      <div><h1>${t("pair.title")}</h1><p class="muted">${t("pair.lead")}</p></div>
      <div role="alert">${this.code && html`<p class="notice bad">${icon("help")}<span>${coded("code", this.code)}</span></p>`}</div>
      ${this.stage()}
    </div>`;
  }

  stage() {
    const { meeting } = this;
    if (meeting === null) return this.url === "" ? html`<p class="muted" role="status">${t("app.loading")}</p>` : this.form();
    if (meeting.phase === "starting") return html`<p class="muted" role="status">${t("app.loading")}</p>`;
    if (meeting.phase === "waiting") return this.waits(meeting);
    if (meeting.phase === "paired") return this.paired(meeting);
    return meeting.phase === "over" ? this.over(meeting) : this.compare(meeting);
  }

  form() {
    const kind = kindOf(this.url);
    const asks = kind === "other" && !isKnown(this.url);
    return html`<section class="card">
      <form autocomplete="off" @submit=${this.begin}>
        <label class="wide">${t("pair.label")}<input name="label" required maxlength="80" autocomplete="off" aria-describedby="called" /></label>
        <p class="muted small" id="called">${t("pair.label_hint")}</p>
        <p id="calls">${t("pair.address")} <span class="address">${this.url}</span></p>
        ${kind === "same" ? "" : html`<p class="notice">${icon("help")}<span>${t(`pair.address_${kind}`)}</span></p>`}
        ${asks ? html`<label class="choice"><input type="checkbox" name="right" required aria-describedby="calls" />${t("pair.address_right")}</label>` : ""}
        ${this.same === null ? "" : this.asksSame(this.same)}
        <div class="acts"><button class=${this.same === null ? "primary" : ""}>${icon("key")}${t("pair.make")}</button><a class="button" href="#homes">${t("visits.cancel")}</a></div>
      </form>
    </section>`;
  }

  /** @param {api.Home} home */
  asksSame(home) {
    const question = t("pair.same_home", { label: home.label, date: dayOf(home.paired) });
    return html`<div class="notice" role="group" id="same" tabindex="-1" aria-label=${question}>${icon("help")}<span>${question}</span></div>
      <div class="acts">
        <button type="button" class="primary" @click=${() => this.replace(home)}>${icon("home")}${t("pair.same_home_yes")}</button>
        <button type="button" @click=${this.rename}>${t("pair.same_home_no")}</button>
      </div>`;
  }

  /** @param {Meeting} meeting */
  waits(meeting) {
    return html`<section class="card stage">
      <h2 tabindex="-1">${t("pair.show", { label: meeting.label })}</h2>
      <p>${t("pair.show_lead")}</p>
      <div class="codes">
        ${this.squares.length === 0 ? "" : qr(this.squares, t("pair.qr"))}
        <div class="stage">
          <label class="wide">${t("pair.text")}<textarea class="text" readonly rows="6" spellcheck="false" .value=${meeting.code} @focus=${this.selectAll}></textarea></label>
          <div class="acts">
            <button @click=${this.copy}>${icon("check")}${t("pair.copy")}</button>
            <button class="quiet" @click=${() => meeting.cancel()}>${t("pair.throw")}</button>
          </div>
          <p role="status" class="muted small">${this.copied ? t("pair.copied") : ""}</p>
          ${this.life(meeting)}
          ${this.strangers(meeting)}
          <p class="muted breathe" role="status">${t("pair.waiting")}</p>
        </div>
      </div>
    </section>`;
  }

  /** @param {Event} event */
  selectAll(event) {
    /** @type {HTMLTextAreaElement} */ (event.target).select();
  }

  /** @param {Meeting} meeting */
  life(meeting) {
    return html`<div class="life">
      <span id="life" class="number">${t("pair.left", { span: span(meeting.left) })}</span>
      <progress aria-labelledby="life" max=${meeting.life} .value=${meeting.left}></progress>
    </div>`;
  }

  /** @param {Meeting} meeting */
  strangers({ strangers }) {
    return html`<div class="wide" role="alert">${strangers > 0 ? html`<p class="notice bad">${icon("help")}<span>${t("pair.stranger", { count: strangers })}</span></p>` : ""}</div>`;
  }

  /** @param {Meeting} meeting */
  compare(meeting) {
    const swedish = currentLanguage() === "sv";
    const [own, other] = swedish ? [SWEDISH, ENGLISH] : [ENGLISH, SWEDISH];
    const signing = meeting.phase === "signing";
    return html`<section class="card stage">
      <h2 tabindex="-1">${t("pair.compare")}</h2>
      <p>${t("pair.compare_lead")}</p>
      <ol class="five" aria-label=${t("pair.words")}>
        ${meeting.places.map((place) => html`<li><b>${own[place]}</b><span class="muted small" lang=${swedish ? "en" : "sv"}>${other[place]}</span></li>`)}
      </ol>
      <p class="muted small">${t("pair.signs", { label: meeting.label, municipality: this.desk.me?.municipality ?? "" })}</p>
      <div class="wide" role="alert">${meeting.why && html`<p class="notice bad">${icon("help")}<span>${coded("code", meeting.why)}</span></p>`}</div>
      <div class="acts large">
        <button class="primary" ?disabled=${signing} @click=${() => meeting.same()}>${icon("check")}${t("pair.same")}</button>
        <button ?disabled=${signing} @click=${() => meeting.differ()}>${icon("cut")}${t("pair.differ")}</button>
      </div>
      ${this.life(meeting)}
    </section>`;
  }

  /** @param {Meeting} meeting */
  paired({ label, hub }) {
    const plans = this.desk.may("planner");
    return html`<section class="card stage">
      <div class="top">${icon("check")}<h2 tabindex="-1">${t("pair.done", { label })}</h2></div>
      <ol class="steps"><li>${t("pair.next_home")}</li><li>${t("pair.next_plan")}</li><li>${t("pair.next_old")}</li></ol>
      <div class="acts">${plans ? html`<a class="button" href="#plans/${hub?.kid}">${icon("clock")}${t("plan.open")}</a>` : ""}<a class="button" href="#homes">${icon("home")}${t("pair.to_homes")}</a><button @click=${this.another}>${icon("again")}${t("pair.another")}</button></div>
    </section>`;
  }

  /** @param {Meeting} meeting */
  over({ why }) {
    const bad = why !== "";
    return html`<section class="card stage ${bad ? "bad" : ""}">
      <div class="top">${icon(bad ? "help" : "cut")}<h2 tabindex="-1">${t(why === "words_differ" ? "pair.differed" : "pair.over")}</h2></div>
      <p>${bad ? coded("code", why) : t("pair.thrown")}</p>
      <div class="acts"><button class="primary" @click=${this.another}>${icon("again")}${t("pair.again")}</button><a class="button" href="#homes">${t("pair.to_homes")}</a></div>
    </section>`;
  }
}
customElements.define("tk-pair", Pair);
