// What this person has chosen on this computer: colours and whether single keys do things (WCAG 2.2, 2.1.4).

const THEME = "tillsyn-theme";
const SHORTCUTS = "tillsyn-shortcuts";

/** @typedef {"dark" | "light"} Theme */

/** Dark unless chosen otherwise here, or the system asks for more contrast on a light ground. @returns {Theme} */
export function theme() {
  const kept = localStorage.getItem(THEME);
  if (kept === "light" || kept === "dark") return kept;
  const bright = matchMedia("(prefers-color-scheme: light) and (prefers-contrast: more)").matches;
  return bright ? "light" : "dark";
}

/** @param {Theme} [chosen] */
export function useTheme(chosen) {
  if (chosen !== undefined) localStorage.setItem(THEME, chosen);
  document.documentElement.dataset["theme"] = theme();
}

export const shortcuts = () => localStorage.getItem(SHORTCUTS) !== "off";

/** @param {boolean} on */
export const useShortcuts = (on) => localStorage.setItem(SHORTCUTS, on ? "on" : "off");
