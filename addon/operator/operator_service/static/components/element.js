// The base of every view: it has the desk and draws itself again when the desk changes.
import { LitElement } from "../vendor/lit.js";

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
