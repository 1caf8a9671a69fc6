// One look as the operator's browser sees it: `step(state, event, now) -> {state, effects}`. Pure; what is not listed
// changes nothing. Messages come here only after their signature has been checked (look.js); here it is checked that
// they answer what was asked. The picture may show in phase "opening" and "open" only, and only when `secure`.
//
//   idle -> preparing -> prepared -> asking -> opening -> open -> closing -> done      (or -> refused, or back to idle)
// To another room within the look:     open -> turning -> opening -> open             (or back to open where it was)

/** @typedef {"idle" | "preparing" | "prepared" | "asking" | "opening" | "open" | "turning" | "closing" | "done" | "refused"} Phase */
/** @typedef {import("./statements.js").Connection} Connection */
/** @typedef {(typeof import("./codes.js").OUTCOMES)[number]} Outcome */
/** @typedef {(typeof import("./codes.js").CLOSE_REASONS)[number]} CloseReason */
/** @typedef {(typeof import("./codes.js").ROOMS)[number]} Room */

/**
 * What is asked for: one window occurrence of one home. `rooms`: those of the plan; a look begins in the first.
 * @typedef {{look: string, hub: string, plan: number, occurrence: string, rooms: Room[]}} Target
 */

/**
 * @typedef {object} State
 * @property {Phase} phase
 * @property {Target | null} target
 * @property {string} prepare hash of our tk-prepare, '' before
 * @property {string} offer hash of the tk-offer, '' before
 * @property {string} challenge
 * @property {string} answer hash of our tk-answer
 * @property {string} request hash of our tk-look
 * @property {boolean} wanted the operator has clicked; ask as soon as the connection stands
 * @property {boolean} secure the remote certificate is the signed one
 * @property {boolean} framed a frame has come; it may overtake the home's tk-opened, which goes another way
 * @property {number} seconds allowed by the home, 0 before
 * @property {number} ends when the home will close at the latest (ms, same clock as `now`), 0 before
 * @property {number} turns how many times another room has been asked for
 * @property {Room | ""} room whose camera it is, '' before the beginning
 * @property {Room | ""} turning the room that was asked for and has not come
 * @property {string} turn hash of our last tk-turn, '' before
 * @property {string} unturned why another room was refused
 * @property {Outcome | ""} outcome the operator's own word
 * @property {CloseReason | ""} reason from the receipt
 * @property {number} lasted ms that the picture could flow, from the receipt
 * @property {string} code why it was refused
 * @property {number} due when waiting in this phase has been too long (ms), 0 for never
 */

/**
 * @typedef {{type: "begin", target: Target}
 *   | {type: "signed", typ: string, hash: string}
 *   | {type: "offer", hash: string, statement: import("./statements.js").Statement<"tk-offer">}
 *   | {type: "answered", connection: Connection}
 *   | {type: "connected"}
 *   | {type: "click"}
 *   | {type: "opened", statement: import("./statements.js").Statement<"tk-opened">}
 *   | {type: "first_frame"}
 *   | {type: "turn", room: Room}
 *   | {type: "left"}
 *   | {type: "outcome", outcome: Outcome}
 *   | {type: "receipt", hash: string, statement: import("./statements.js").Statement<"tk-receipt">}
 *   | {type: "refuse", statement: import("./statements.js").Statement<"tk-refuse">}
 *   | {type: "service_refused", request: string, code: string}
 *   | {type: "failed", code: string}
 *   | {type: "let_go"}
 *   | {type: "tick"}} Event
 */

/**
 * What the shell does: sign and send a statement, answer an offer with a connection, or hang up (pictures off first).
 * @typedef {{kind: "prepare" | "look"}
 *   | {kind: "connect", connection: Connection}
 *   | {kind: "answer", connection: Connection}
 *   | {kind: "turn", room: Room, number: number}
 *   | {kind: "close", outcome: Outcome}
 *   | {kind: "acknowledge", receipt: string}
 *   | {kind: "hang_up"}} Effect
 */

/** @typedef {{state: State, effects: Effect[]}} Next */

/** How long each wait may last, in ms. The home lets a prepared connection go after 120 s; we do so before. */
export const PATIENCE = { preparing: 15_000, prepared: 105_000, asking: 45_000, opening: 10_000, turning: 25_000, closing: 20_000 };
/** The largest number that a tk-turn may have. */
const MOST_TURNS = 32;
/** So much longer than allowed we wait for the receipt of a look that the home ends. */
const OVERTIME = 10_000;
/** An outcome counts for so long after a receipt that came without one (the service takes it for 120 s). */
export const LATE_OUTCOME = 110_000;

/** @type {State} */
export const IDLE = Object.freeze({
  phase: "idle",
  target: null,
  prepare: "",
  offer: "",
  challenge: "",
  answer: "",
  request: "",
  wanted: false,
  secure: false,
  framed: false,
  seconds: 0,
  ends: 0,
  turns: 0,
  room: "",
  turning: "",
  turn: "",
  unturned: "",
  outcome: "",
  reason: "",
  lasted: 0,
  code: "",
  due: 0,
});

/** Whether the picture may be on the screen. @param {State} state */
export const visible = (state) => state.secure && (state.phase === "opening" || state.phase === "open");

/** Whether the operator has yet to say what they saw. @param {State} state */
export const owesOutcome = (state) => state.phase === "done" && state.outcome === "" && state.request !== "" && state.due !== 0;

/** Whether this look is over and needs nothing more. @param {State} state */
export const ended = (state) => ["idle", "refused", "done"].includes(state.phase) && !owesOutcome(state);

/** Whether the look can go on in this room. @param {State} state @param {Room} room */
export const canTurn = (state, room) =>
  state.phase === "open" && state.secure && room !== state.room && state.turns < MOST_TURNS && (state.target?.rooms.includes(room) ?? false);

/**
 * @param {State} state
 * @param {Partial<State>} change
 * @param {...Effect} effects
 * @returns {Next}
 */
const to = (state, change, ...effects) => ({ state: { ...state, ...change }, effects });

/** @param {State} state @param {string} code */
const refuse = (state, code) => to(state, { phase: "refused", code, secure: false, due: 0, wanted: false }, { kind: "hang_up" });

/** The camera may be on its way: the home must hear that nobody is looking. @param {State} state @param {string} code */
function giveUp(state, code) {
  const given = refuse(state, code);
  return { state: given.state, effects: [/** @type {Effect} */ ({ kind: "close", outcome: "not_seen" }), ...given.effects] };
}

/** @param {State} state @param {number} now */
const ask = (state, now) => to(state, { phase: "asking", wanted: true, due: now + PATIENCE.asking }, { kind: "look" });

/**
 * @typedef {{[K in Event["type"]]?: (state: State, event: Extract<Event, {type: K}>, now: number) => Next | null}} Row
 */

/** Before the picture: a refusal of what we asked, wherever it comes from, ends it. @type {Required<Pick<Row, "refuse" | "service_refused" | "failed">>} */
const REFUSABLE = {
  refuse: (state, { statement }) =>
    statement.request !== "" && [state.prepare, state.answer, state.request].includes(statement.request) ? refuse(state, statement.code) : null,
  service_refused: (state, { request, code }) =>
    request === "" || [state.prepare, state.answer, state.request].includes(request) ? refuse(state, code) : null,
  failed: (state, { code }) => refuse(state, code),
};

/**
 * The home's own word on how it ended; bound to our occurrence. Who never got a picture is not asked what they saw.
 * @type {Required<Row>["receipt"]}
 */
const receipt = (state, { statement, hash }, now) => {
  const { target } = state;
  if (target === null || statement.hub !== target.hub || statement.occurrence !== target.occurrence) return null;
  const lasted = Math.max(0, statement.closed_ms - statement.opened_ms);
  const late = state.outcome === "" && state.framed && lasted > 0 ? now + LATE_OUTCOME : 0;
  return to(
    state,
    { phase: "done", reason: statement.reason, lasted, secure: false, due: late },
    { kind: "hang_up" },
    { kind: "acknowledge", receipt: hash },
  );
};

/**
 * The picture goes at once; the connection stays until the receipt, or the home would take its end for a lost operator.
 * Nobody has seen the client who has seen no picture.
 * @type {Required<Row>["outcome"]}
 */
const outcome = (state, event, now) =>
  event.outcome === "seen" && !state.framed
    ? null
    : to(
        state,
        { phase: "closing", outcome: event.outcome, due: now + PATIENCE.closing },
        { kind: "close", outcome: event.outcome },
      );

/** The page went away and has sent what it had signed for this: nothing more to say. @type {Required<Row>["left"]} */
const left = (state, _event, now) => to(state, { phase: "closing", outcome: "not_seen", due: now + PATIENCE.closing });

/** @type {Required<Row>["first_frame"]} */
const framed = (state) => (state.framed ? null : to(state, { framed: true }));

/** The connection broke: take the picture away and wait for what the home says. @type {Required<Row>["failed"]} */
const broken = (state, _event, now) => to(state, { secure: false, due: Math.min(state.due, now + PATIENCE.closing) });

/**
 * A connection that is no longer wanted; on an unopened look tk-close only lets go, whatever outcome it names.
 * @type {Required<Row>["let_go"]}
 */
function letGo(state) {
  /** @type {Effect[]} */
  const close = state.prepare === "" ? [] : [{ kind: "close", outcome: "not_seen" }];
  return to(IDLE, {}, ...close, { kind: "hang_up" });
}

/** @type {Required<Row>["signed"]} */
const signed = (state, { typ, hash }) => {
  if (typ === "tk-prepare" && state.prepare === "") return to(state, { prepare: hash });
  if (typ === "tk-answer" && state.answer === "") return to(state, { answer: hash });
  if (typ === "tk-look" && state.request === "") return to(state, { request: hash });
  if (typ === "tk-turn" && state.turn === "") return to(state, { turn: hash });
  return null;
};

/** Nobody looks while the cameras turn: the picture goes before the home hears of it. @type {Required<Row>["turn"]} */
const turn = (state, { room }, now) =>
  canTurn(state, room)
    ? to(
        state,
        { phase: "turning", turning: room, turn: "", unturned: "", turns: state.turns + 1, due: now + PATIENCE.turning },
        { kind: "turn", room, number: state.turns + 1 },
      )
    : null;

/** The home said no, or never heard: the look goes on where it is. @param {State} state @param {string} code */
const unturned = (state, code) =>
  to(state, { phase: "open", turning: "", unturned: code, due: state.secure ? state.ends + OVERTIME : state.due });

/** The other camera has been read back at its view; what is shown is a frame that comes from now on. @type {Required<Row>["opened"]} */
const turned = (state, { statement }, now) =>
  state.turn === "" || statement.request !== state.turn
    ? null
    : to(state, {
        phase: "opening",
        room: state.turning,
        turning: "",
        ends: Math.min(state.ends, now + statement.seconds * 1000),
        due: now + PATIENCE.opening,
      });

/** @param {State} state */
const show = (state) => to(state, { phase: "open", framed: true, due: state.ends + OVERTIME });

/** @type {{[P in Phase]: Row}} */
const TABLE = {
  idle: {
    begin: (_state, { target }, now) =>
      to(IDLE, { phase: "preparing", target, room: target.rooms[0] ?? "", due: now + PATIENCE.preparing }, { kind: "prepare" }),
  },
  preparing: {
    ...REFUSABLE,
    signed,
    let_go: letGo,
    click: (state) => to(state, { wanted: true }),
    offer: (state, { statement, hash }) => {
      if (state.offer !== "" || state.prepare === "" || statement.prepare !== state.prepare) return null;
      return to(state, { offer: hash, challenge: statement.challenge }, { kind: "connect", connection: statement.connection });
    },
    answered: (state, { connection }) => (state.offer === "" ? null : to(state, {}, { kind: "answer", connection })),
    connected: (state, _event, now) => {
      if (state.answer === "") return null;
      const ready = { ...state, phase: /** @type {const} */ ("prepared"), secure: true, due: now + PATIENCE.prepared };
      return state.wanted ? ask(ready, now) : to(ready, {});
    },
    tick: (state, _event, now) => (now < state.due ? null : refuse(state, "timeout")),
  },
  prepared: {
    ...REFUSABLE,
    first_frame: framed,
    let_go: letGo,
    click: (state, _event, now) => ask(state, now),
    tick: (state, _event, now) => (now < state.due ? null : letGo(state, { type: "let_go" }, now)),
  },
  asking: {
    ...REFUSABLE,
    signed,
    receipt,
    outcome,
    opened: (state, { statement }, now) => {
      if (state.request === "" || statement.request !== state.request) return null;
      const ends = now + statement.seconds * 1000;
      const opened = { ...state, phase: /** @type {const} */ ("opening"), seconds: statement.seconds, ends };
      return state.framed ? show(opened) : to(opened, { due: now + PATIENCE.opening });
    },
    first_frame: framed,
    left,
    failed: (state, { code }) => giveUp(state, code),
    tick: (state, _event, now) => (now < state.due ? null : giveUp(state, "timeout")),
  },
  opening: {
    receipt,
    outcome,
    left,
    first_frame: show,
    // The home says open but nothing is seen: not the client's fault, so it comes back as a retry.
    tick: (state, _event, now) => (now < state.due ? null : outcome(state, { type: "outcome", outcome: "not_seen" }, now)),
    failed: broken,
  },
  open: {
    receipt,
    outcome,
    left,
    turn,
    failed: broken,
    tick: (state, _event, now) => (now < state.due ? null : outcome(state, { type: "outcome", outcome: "not_seen" }, now)),
  },
  turning: {
    receipt,
    outcome,
    left,
    signed,
    opened: turned,
    refuse: (state, { statement }) => (state.turn !== "" && statement.request === state.turn ? unturned(state, statement.code) : null),
    service_refused: (state, { request, code }) => (request === "" || request === state.turn ? unturned(state, code) : null),
    failed: broken,
    tick: (state, _event, now) => (now < state.due ? null : outcome(state, { type: "outcome", outcome: "not_seen" }, now)),
  },
  closing: {
    receipt,
    refuse: REFUSABLE.refuse,
    tick: (state, _event, now) => (now < state.due ? null : to(state, { phase: "done", reason: "", secure: false, due: 0 }, { kind: "hang_up" })),
  },
  done: {
    outcome: (state, event) =>
      owesOutcome(state) ? to(state, { outcome: event.outcome, due: 0 }, { kind: "close", outcome: event.outcome }) : null,
    // The home's word may come late, after the wait was given up.
    receipt: (state, event, now) => (state.reason === "" ? receipt(state, event, now) : null),
    tick: (state, _event, now) => (state.due === 0 || now < state.due ? null : to(state, { due: 0 })),
    let_go: () => to(IDLE, {}),
  },
  refused: { let_go: () => to(IDLE, {}) },
};

/** Messages that name a look must name this one. @param {State} state @param {Event} event */
function foreign(state, event) {
  return "statement" in event && event.statement.look !== state.target?.look;
}

/**
 * @param {State} state
 * @param {Event} event
 * @param {number} now ms on a clock that only runs forward
 * @returns {Next}
 */
export function step(state, event, now) {
  const rule = /** @type {((state: State, event: Event, now: number) => Next | null) | undefined} */ (
    TABLE[state.phase][event.type]
  );
  const next = rule === undefined || foreign(state, event) ? null : rule(state, event, now);
  return next ?? { state, effects: [] };
}
