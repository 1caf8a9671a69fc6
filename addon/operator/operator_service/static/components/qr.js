// A QR code drawn as one picture of squares: black on white in every theme, with its quiet zone.
import { html } from "../vendor/lit.js";

/** Squares of white around it (ISO/IEC 18004). */
const QUIET = 4;

/** @param {boolean[][]} squares @param {string} name what it is, for whoever does not see it */
export function qr(squares, name) {
  const size = squares.length + 2 * QUIET;
  const path = squares
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")))
    .join("");
  return html`<svg class="qr" role="img" aria-label=${name} viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><rect width=${size} height=${size} fill="#fff" /><path fill="#000" d=${path} /></svg>`;
}
