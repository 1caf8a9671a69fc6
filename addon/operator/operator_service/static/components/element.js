// The base of every view: it has the desk and draws itself again when the desk changes.
import { LitElement } from "../vendor/lit.js";
import { codeOf } from "../desk.js";

export class DeskElement extends LitElement {
  static properties = { desk: { attribute: false } };

  constructor() {
    super();
    /** Given by the page before this is shown. */
    this.desk = /** @type {import("../desk.js").Desk} */ (/** @type {unknown} */ (undefined));
    this.again = () => this.requestUpdate();
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.desk.addEventListener("change", this.again);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.desk.removeEventListener("change", this.again);
  }
}

/** A page on which things are done, one at a time: it says what was done or why not, and is read anew (`load`). */
export class ActingElement extends DeskElement {
  static properties = {
    ...DeskElement.properties, sure: { state: true }, code: { state: true }, said: { state: true }, busy: { state: true },
  };

  constructor() {
    super();
    /** What is asked about once more before it is done. */
    this.sure = "";
    this.code = "";
    this.said = "";
    this.busy = false;
  }

  async load() {}

  /** @param {() => Promise<unknown>} act @param {string} said */
  async act(act, said) {
    this.busy = true;
    this.code = this.said = "";
    try {
      await act();
      this.said = said;
    } catch (error) {
      this.code = codeOf(error);
    }
    this.sure = "";
    await this.load();
    this.busy = false;
  }
}
