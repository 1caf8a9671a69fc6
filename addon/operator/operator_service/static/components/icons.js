// Small pictures drawn with lines; always beside a text, so hidden from screen readers.
import { html, svg } from "../vendor/lit.js";

const PATHS = {
  check: svg`<path d="m4.5 12.5 5 5 10-11" />`,
  eye: svg`<path d="M2.5 12C5 7.5 8.2 5.5 12 5.500s7 2 9.5 6.500c-2.5 4.5-5.7 6.5-9.5 6.500S5 16.5 2.5 12Z" /><circle cx="12" cy="12" r="2.8" />`,
  away: svg`<path d="M4 4l16 16M9.5 5.900c.8-.3 1.6-.4 2.5-.4 3.8 0 7 2 9.5 6.500a17 17 0 0 1-2.9 3.700M6.2 7.600A15 15 0 0 0 2.5 12c2.5 4.5 5.7 6.5 9.5 6.5 1.5 0 2.9-.3 4.2-1" />`,
  help: svg`<path d="M12 3.5 2.8 19.500h18.400L12 3.500ZM12 10v4.200M12 17v.1" />`,
  lock: svg`<rect x="5" y="10.5" width="14" height="9.5" rx="2.5" /><path d="M8 10.500V8a4 4 0 0 1 8 0v2.5" />`,
  clock: svg`<circle cx="12" cy="12" r="8.5" /><path d="M12 7.500V12l3 2" />`,
  home: svg`<path d="m3.5 11 8.5-7 8.5 7M6 9.500V20h12V9.5" />`,
  cut: svg`<path d="M4 4l16 16M6 9.500V20h12v-2M9 6.500l3-2.5 8.5 7" />`,
  car: svg`<path d="M4 16v-3.500l2-5.500h12l2 5.500V16M4 16h16M4 16v2.500M20 16v2.500M4.5 12.500h15" /><circle cx="7.5" cy="16" r="1.2" /><circle cx="16.5" cy="16" r="1.2" />`,
  key: svg`<circle cx="8" cy="15" r="4" /><path d="m11 12 8.5-8.500M16 7l3 3" />`,
  again: svg`<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.400M19.5 3.500v4h-4" />`,
  pause: svg`<path d="M9 5.500v13M15 5.500v13" />`,
  moon: svg`<path d="M20 14.500A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.500Z" />`,
  sun: svg`<circle cx="12" cy="12" r="4" /><path d="M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M5.3 18.700l1.4-1.400M17.3 6.700l1.4-1.4" />`,
  out: svg`<path d="M14 4.500H6v15h8M10.5 12H21M17.5 8.5 21 12l-3.5 3.5" />`,
  keyboard: svg`<rect x="2.5" y="6" width="19" height="12" rx="2.5" /><path d="M6.5 10h.1M10.2 10h.1M13.9 10h.1M17.5 10h.1M8 14h8" />`,
};

/** @param {keyof typeof PATHS} name */
export const icon = (name) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${PATHS[name]}</svg>`;
