// A day and night from noon to noon, with the times when somebody may look in: people compare plans by it.
import { html, svg } from "../vendor/lit.js";
import { clockOf } from "../planning.js";
import { eveningOf, lengthOf } from "../comparing.js";
import { t } from "../i18n.js";
import { windowText } from "../plan-words.js";

/** @typedef {{start: string, end: string, days: readonly number[]}} Window */
/** `quiet`: what is to be compared with. @typedef {{name: string, windows: readonly Window[], quiet?: boolean}} Row */

const WIDTH = 720;
const [LEFT, TOP, HEIGHT, GAP] = [54, 34, 30, 10];
const HOURS = [12, 15, 18, 21, 0, 3, 6, 9, 12];
const DAY = 1440;

/** @param {number} minutes from noon */
const at = (minutes) => LEFT + (minutes / DAY) * (WIDTH - LEFT);

/**
 * Those windows that can be read, in a picture.
 * @param {Row[]} rows
 */
export function nightBars(rows) {
  const known = rows.map((row) => ({ ...row, windows: row.windows.filter(({ start, end }) => clockOf(start) !== "" && clockOf(end) !== "") }));
  const height = TOP + known.length * (HEIGHT + GAP);
  const told = known.map(({ name, windows }) => t("plan.night_of", { name, windows: windows.map(windowText).join("; ") || "–" }));
  const some = known.some(({ windows }) => windows.some(({ days }) => days.length < 7));
  return html`<figure class="night">
    <svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label=${[t("plan.night"), ...told].join(". ")}>
      ${HOURS.map((hour, place) => tick(hour, place, height))}
      ${known.map((row, place) => bar(row, TOP + place * (HEIGHT + GAP)))}
    </svg>
    ${some ? html`<figcaption class="muted small">${t("plan.some_days")}</figcaption>` : ""}
  </figure>`;
}

/** @param {number} hour @param {number} place @param {number} height */
function tick(hour, place, height) {
  const x = at(place * 180);
  const anchor = place === 0 ? "start" : place === HOURS.length - 1 ? "end" : "middle";
  return svg`<line class="tick" x1=${x} x2=${x} y1=${TOP - 4} y2=${height - GAP} />
    <text class="hour" x=${x} y=${TOP - 11} text-anchor=${anchor}>${String(hour).padStart(2, "0")}</text>`;
}

/** @param {Row} row @param {number} y */
function bar({ name, windows, quiet }, y) {
  return svg`<text class="name" x="0" y=${y + HEIGHT - 9}>${name}</text>
    <rect class="ground" x=${LEFT} y=${y} width=${WIDTH - LEFT} height=${HEIGHT} rx="6" />
    ${windows.flatMap((window) => parts(window).map(([from, to]) => svg`<rect
      class=${`look ${quiet ? "quiet" : ""} ${window.days.length < 7 ? "some" : ""}`}
      x=${at(from)} y=${y + 2} width=${Math.max(at(to) - at(from), 4)} height=${HEIGHT - 4} rx="4" />`))}`;
}

/** From and to in minutes from noon; two parts where it reaches past noon. @param {Window} window @returns {[number, number][]} */
function parts(window) {
  const read = { ...window, id: "", start: clockOf(window.start), end: clockOf(window.end), days: [...window.days] };
  const from = eveningOf(read.start);
  const to = from + lengthOf(read);
  return to <= DAY ? [[from, to]] : [[from, DAY], [0, to - DAY]];
}
