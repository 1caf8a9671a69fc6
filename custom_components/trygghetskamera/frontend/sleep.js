// The question in the morning: how the client has slept. Nothing here draws.
import { read } from "./home.js";
import { hourOf } from "./words.js";

export const RATINGS = ["1", "2", "3", "4", "5"];
const [FROM, TO] = [6, 12];

/** What has been answered for the night that was; null where nothing has. */
export function ratingOf(hass, home) {
  const state = read(hass, home, "select.sleep_rating")?.state;
  return RATINGS.includes(state) ? state : null;
}

/** Whether it is the time of day to ask, in a home where it can be answered. */
export function isMorning(hass, home, now) {
  const hour = hourOf(hass, now);
  return Boolean(read(hass, home, "select.sleep_rating")) && hour >= FROM && hour < TO;
}
