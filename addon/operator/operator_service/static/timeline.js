// When each step of each look happened, for whoever measures: `window.tillsynTimeline`, newest last.
// Marks are ms since 1970 UTC on this computer's clock: prepare, offer, answer, connected, click, opened, first_frame,
// close, receipt, refused.

/** @typedef {{look: string, hub: string, occurrence: string, marks: Record<string, number>}} Line */

const KEPT = 50;
/** @type {Line[]} */
const lines = [];
if (typeof window !== "undefined") Object.assign(window, { tillsynTimeline: lines });

export const epoch = (at = performance.now()) => performance.timeOrigin + at;

/**
 * A line for a new look.
 * @param {{look: string, hub: string, occurrence: string}} target
 * @returns {(name: string, at?: number) => void} sets a mark; the first of a name stays
 */
export function timeline({ look, hub, occurrence }) {
  const line = { look, hub, occurrence, marks: /** @type {Record<string, number>} */ ({}) };
  lines.push(line);
  if (lines.length > KEPT) lines.shift();
  return (name, at) => {
    line.marks[name] ??= epoch(at);
  };
}
