// What a new plan changes in the one before, as tillsyn/comparison.py, which decides at home: one that only narrows what may
// be seen applies at once, any other waits there for an answer. The same vectors bind both (tests/vectors).

/** @typedef {import("./statements.js").Statement<"tk-plan">} Plan */
/** @typedef {Plan["windows"][number]} Window */
/**
 * wider and narrower: what may be seen. agreed: neither, but not without the home's leave. told: it is enough to be told.
 * @typedef {"wider" | "narrower" | "agreed" | "told"} Reach
 */
/**
 * `topic`: window_added (`after`), window_removed (`before`), window_changed (both), or a field of the plan.
 * @typedef {{topic: string, before: any, after: any, reach: Reach}} Change
 */
/** @typedef {(old: Window, fresh: Window) => number | null} Rule */

const DAY_MINUTES = 1440;
const NEAR_MINUTES = 180;
const MINUTE = 60_000;
/** An ordinary day, and those where a window within another by the clock may reach beyond it. */
const NIGHTS = ["2027-01-15", "2026-10-24", "2026-10-25", "2027-03-27", "2027-03-28"];

/** @param {string} clock */
export const minuteOf = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** How long a window is, in minutes. @param {Window} window */
export const lengthOf = ({ start, end }) => (minuteOf(end) - minuteOf(start) + DAY_MINUTES) % DAY_MINUTES;

/** Minutes from noon: the order in which a night's looks come. @param {string} clock */
export const eveningOf = (clock) => (minuteOf(clock) + DAY_MINUTES / 2) % DAY_MINUTES;

/** @param {Window} window */
const daysOf = ({ days }) => [...days].sort().join();
/** @param {Window} window */
const hoursOf = (window) => `${window.start} ${window.end} ${daysOf(window)}`;

/**
 * All that differs, windows first, in the order of the clock.
 * @param {Plan} before
 * @param {Plan} after
 * @returns {Change[]}
 */
export function compare(before, after) {
  return [...windows(before.windows, after.windows), ...others(before, after)];
}

/** Whether the home must be asked; also where nothing differs. @param {Change[]} changes */
export const needsAnswer = (changes) => changes.length === 0 || changes.some(({ reach }) => reach === "wider" || reach === "agreed");

/** Whether people notice it: that a window has another name alone, they do not. @param {Change} change */
export const isNoticed = ({ topic, before, after }) => topic !== "window_changed" || hoursOf(before) !== hoursOf(after);

/** Whether a changed window is as long as before, on the same days. @param {Change} change */
export const isMoved = ({ before, after }) => lengthOf(before) === lengthOf(after) && daysOf(before) === daysOf(after);

// ---- windows --------------------------------------------------------------------------------------------------------

/**
 * @param {Window[]} before
 * @param {Window[]} after
 * @returns {Change[]}
 */
function windows(before, after) {
  const found = pairs(before, after);
  const [gone, fresh] = [before.filter((one) => !found.some(([old]) => old === one)), after.filter((one) => !found.some(([, it]) => it === one))];
  /** @type {[Window, Change][]} */
  const changes = [
    ...gone.map((one) => /** @type {[Window, Change]} */ ([one, { topic: "window_removed", before: one, after: null, reach: "narrower" }])),
    ...fresh.map((one) => /** @type {[Window, Change]} */ ([one, { topic: "window_added", before: null, after: one, reach: "wider" }])),
  ];
  for (const [old, it] of found) {
    if (old.id === it.id && hoursOf(old) === hoursOf(it)) continue;
    changes.push([old, { topic: "window_changed", before: old, after: it, reach: isWithin(it, old) ? "narrower" : "wider" }]);
  }
  changes.sort(([one], [two]) => eveningOf(one.start) - eveningOf(two.start) || inOrder(one.id, two.id));
  return changes.map(([, change]) => change);
}

/** Which windows are the same look: by name, else by hours, else the nearest on the same days. @param {Window[]} before @param {Window[]} after */
function pairs(before, after) {
  const [left, right] = [new Set(before), new Set(after)];
  /** @type {[Window, Window][]} */
  const found = [];
  /** @type {Rule[]} */
  const rules = [(old, it) => (old.id === it.id ? 0 : null), (old, it) => (hoursOf(old) === hoursOf(it) ? 0 : null), nearness];
  for (const rule of rules) {
    const near = [...left].flatMap((old) => [...right].map((it) => ({ apart: rule(old, it), old, it }))).filter(({ apart }) => apart !== null);
    near.sort((one, two) => Number(one.apart) - Number(two.apart) || inOrder(one.old.id, two.old.id) || inOrder(one.it.id, two.it.id));
    for (const { old, it } of near) {
      if (!left.has(old) || !right.has(it)) continue;
      left.delete(old);
      right.delete(it);
      found.push([old, it]);
    }
  }
  return found;
}

/** @param {string} one @param {string} two */
const inOrder = (one, two) => (one < two ? -1 : Number(one > two));

/** @type {Rule} */
function nearness(old, it) {
  const apart = (minuteOf(it.start) - minuteOf(old.start) + DAY_MINUTES) % DAY_MINUTES;
  const least = Math.min(apart, DAY_MINUTES - apart);
  return daysOf(old) === daysOf(it) && least <= NEAR_MINUTES ? least : null;
}

/** Whether a look in `it` would have been one in `old`, on every night; another name is another look. @param {Window} it @param {Window} old */
function isWithin(it, old) {
  if (it.id !== old.id || !it.days.every((day) => old.days.includes(day))) return false;
  return NIGHTS.every((night) => {
    const [inner, outer] = [occurrence(it, night), occurrence(old, night)];
    return outer.start <= inner.start && inner.end <= outer.end;
  });
}

// ---- local time, as schedule.py ---------------------------------------------------------------------------------------

/** @param {Window} window @param {string} night the date of its start */
function occurrence(window, night) {
  const start = localMoment(night, window.start, 0);
  const end = localMoment(night, window.end, minuteOf(window.end) > minuteOf(window.start) ? 0 : 1);
  // One that the clock's jump swallows whole keeps its length.
  return { start, end: end <= start ? start + lengthOf(window) * MINUTE : end };
}

/** The first moment (ms) when clocks in Sweden show this time, or the jump that skips it. @param {string} date @param {string} clock @param {number} more days */
function localMoment(date, clock, more) {
  const shown = Date.parse(`${date}T${clock}:00Z`) + more * DAY_MINUTES * MINUTE;
  for (const hours of [2, 1]) {
    const moment = shown - hours * 60 * MINUTE;
    if (hoursAhead(moment) === hours) return moment;
  }
  return Math.floor(shown / (60 * MINUTE)) * 60 * MINUTE - 60 * MINUTE;
}

/** How far clocks in Sweden are ahead of UTC: 2000/84/EC. @param {number} moment */
function hoursAhead(moment) {
  const year = new Date(moment).getUTCFullYear();
  const jump = (/** @type {number} */ month) => {
    const last = new Date(Date.UTC(year, month + 1, 0, 1));
    return last.getTime() - last.getUTCDay() * DAY_MINUTES * MINUTE;
  };
  return jump(2) <= moment && moment < jump(9) ? 2 : 1;
}

// ---- the rest -------------------------------------------------------------------------------------------------------

/** @type {(keyof Plan)[]} */
const SIZES = ["look_seconds", "grace_seconds", "max_retries", "retry_within_minutes", "keep_days"];

/**
 * @param {Plan} before
 * @param {Plan} after
 * @returns {Change[]}
 */
function others(before, after) {
  /** @type {Change[]} */
  const found = [];
  const differs = (/** @type {keyof Plan} */ topic, /** @type {Reach} */ reach) => found.push({ topic, before: before[topic], after: after[topic], reach });
  for (const topic of SIZES) if (before[topic] !== after[topic]) differs(topic, after[topic] > before[topic] ? "wider" : "narrower");
  const same = (/** @type {string[]} */ one, /** @type {string[]} */ two) => one.join() === two.join();
  if (!same([...before.roles].sort(), [...after.roles].sort())) {
    differs("roles", after.roles.every((role) => before.roles.includes(role)) ? "narrower" : "wider");
  }
  if (before.unit !== after.unit) differs("unit", "wider");
  if (!same(before.rooms, after.rooms)) {
    differs("rooms", same(before.rooms.filter((room) => after.rooms.includes(room)), after.rooms) ? "narrower" : "wider");
  }
  if (!same(before.fallback, after.fallback)) differs("fallback", "agreed");
  // That the client may move less is taken from the client.
  if (before.move_minutes !== after.move_minutes) differs("move_minutes", after.move_minutes > before.move_minutes ? "told" : "agreed");
  if (before.review !== after.review) differs("review", after.review < before.review ? "told" : "agreed");
  if (before.contact !== after.contact) differs("contact", "told");
  return found;
}
