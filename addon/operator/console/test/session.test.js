// The look's states as rules: what opens the picture, what never does.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { IDLE, LATE_OUTCOME, PATIENCE, canTurn, ended, owesOutcome, step, visible } from "../../operator_service/static/session.js";

/** @typedef {import("../../operator_service/static/session.js").State} State */
/** @typedef {import("../../operator_service/static/session.js").Event} Event */

const LOOK = "L".repeat(22);
const OTHER = "M".repeat(22);
/** @type {import("../../operator_service/static/session.js").Target} */
const target = { look: LOOK, hub: "H".repeat(43), plan: 1, occurrence: "natt/2026-11-22", rooms: ["bedroom", "kitchen", "hall"] };
const CONNECTION = { fingerprint: "AA", ufrag: "u", password: "p", candidates: [], setup: /** @type {const} */ ("actpass") };

/** @type {Record<string, Event>} */
const E = {
  begin: { type: "begin", target },
  prepared: { type: "signed", typ: "tk-prepare", hash: "prepare" },
  offer: { type: "offer", hash: "offer", statement: { look: LOOK, prepare: "prepare", challenge: "c", connection: CONNECTION, iat: 1 } },
  answered: { type: "answered", connection: CONNECTION },
  answer: { type: "signed", typ: "tk-answer", hash: "answer" },
  connected: { type: "connected" },
  click: { type: "click" },
  asked: { type: "signed", typ: "tk-look", hash: "look" },
  opened: { type: "opened", statement: { look: LOOK, request: "look", opened_ms: 1, seconds: 30 } },
  frame: { type: "first_frame" },
  turn: { type: "turn", room: "kitchen" },
  turned: { type: "signed", typ: "tk-turn", hash: "turn" },
  there: { type: "opened", statement: { look: LOOK, request: "turn", opened_ms: 9000, seconds: 22 } },
  seen: { type: "outcome", outcome: "seen" },
  left: { type: "left" },
  letGo: { type: "let_go" },
  failed: { type: "failed", code: "wrong_connection" },
  tick: { type: "tick" },
};

/** @param {Partial<{look: string, request: string, code: "paused"}>} [changes] @returns {Event} */
const refuse = (changes) => ({ type: "refuse", statement: { look: LOOK, request: "look", code: "paused", iat: 1, ...changes } });

/** @param {object} [changes] @returns {Event} */
const receipt = (changes) => ({
  type: "receipt",
  hash: "receipt",
  statement: {
    hub: target.hub, sequence: 1, previous: "A".repeat(43), look: LOOK, occurrence: target.occurrence, operator: "O".repeat(43),
    name: "Åsa", opened_ms: 1000, closed_ms: 9000, reason: "time_limit", ...changes,
  },
});

/** @param {Event[]} events @param {number} [now] */
function run(events, now = 0) {
  /** @type {import("../../operator_service/static/session.js").Effect[]} */
  const all = [];
  let state = IDLE;
  for (const event of events) {
    const next = step(state, event, now);
    state = next.state;
    all.push(...next.effects);
  }
  return { state, effects: all, kinds: all.map((effect) => effect.kind) };
}

/** @param {...string} names */
const named = (...names) => names.map((name) => E[name] ?? assert.fail(name));
const TO_PREPARED = named("begin", "prepared", "offer", "answered", "answer", "connected");
const TO_ASKING = [...TO_PREPARED, ...named("click", "asked")];
const TO_OPEN = [...TO_ASKING, ...named("opened", "frame")];
const TO_TURNING = [...TO_OPEN, ...named("turn", "turned")];
const TO_THERE = [...TO_TURNING, ...named("there", "frame")];

describe("the whole way", () => {
  test("prepare, click, picture, seen, receipt", () => {
    const { state, kinds } = run([...TO_OPEN, ...named("seen"), receipt({ reason: "seen" })]);
    assert.deepEqual(kinds, ["prepare", "connect", "answer", "look", "close", "hang_up", "acknowledge"]);
    assert.equal(state.phase, "done");
    assert.equal(state.lasted, 8000);
    assert.ok(ended(state));
  });

  test("a click before the connection stands asks as soon as it does", () => {
    const { state, kinds } = run(named("begin", "click", "prepared", "offer", "answered", "answer", "connected"));
    assert.equal(state.phase, "asking");
    assert.equal(kinds.at(-1), "look");
  });

  test("a frame that overtakes tk-opened is not shown before it", () => {
    const early = run([...TO_ASKING, ...named("frame")]);
    assert.equal(visible(early.state), false);
    assert.equal(step(early.state, /** @type {Event} */ (E["opened"]), 0).state.phase, "open");
  });
});

describe("the picture is shown only while open and only on the signed connection", () => {
  for (const [name, events] of Object.entries({ prepared: TO_PREPARED, asking: TO_ASKING, turning: TO_TURNING })) {
    test(`not while ${name}`, () => assert.equal(visible(run(events).state), false));
  }
  test("open", () => assert.equal(visible(run(TO_OPEN).state), true));
  test("gone at the operator's word, before any answer", () => assert.equal(visible(run([...TO_OPEN, ...named("seen")]).state), false));
  test("gone with the connection", () => assert.equal(visible(run([...TO_OPEN, ...named("failed")]).state), false));
  test("gone with the receipt", () => assert.equal(visible(run([...TO_OPEN, receipt()]).state), false));
  test("gone when the page is left", () => assert.equal(visible(run([...TO_OPEN, ...named("left")]).state), false));

  test("tk-opened without a checked connection opens nothing", () => {
    const { state } = run([...named("begin", "prepared", "offer", "click", "opened", "frame")]);
    assert.equal(state.phase, "preparing");
    assert.equal(visible(state), false);
  });

  test("a swapped fingerprint ends in a refusal", () => {
    const { state, kinds } = run([...named("begin", "prepared", "offer", "answered", "answer", "click", "failed")]);
    assert.equal(state.phase, "refused");
    assert.equal(state.code, "wrong_connection");
    assert.equal(kinds.at(-1), "hang_up");
    assert.ok(!kinds.includes("look"));
  });
});

describe("another room within the look", () => {
  test("asked for, hidden, read back, and shown from its first frame", () => {
    const asked = run([...TO_OPEN, ...named("turn")]);
    assert.deepEqual(asked.effects.at(-1), { kind: "turn", room: "kitchen", number: 1 });
    assert.deepEqual([asked.state.phase, visible(asked.state), asked.state.room], ["turning", false, "bedroom"]);
    const back = run([...TO_TURNING, ...named("there")]);
    assert.deepEqual([back.state.phase, back.state.room, back.state.turning], ["opening", "kitchen", ""]);
    assert.equal(run(TO_THERE).state.phase, "open");
  });

  test("a frame that was on its way does not show before the new camera has been read back", () => {
    const { state } = run([...TO_TURNING, ...named("frame", "frame")]);
    assert.deepEqual([state.phase, visible(state)], ["turning", false]);
    assert.equal(step(state, /** @type {Event} */ (E["there"]), 0).state.phase, "opening");
  });

  test("the time limit stays, and only the home's own clock shortens it", () => {
    const there = (/** @type {number} */ seconds) => ({ ...E["there"], statement: { .../** @type {any} */ (E["there"]).statement, seconds } });
    const { state } = run(TO_TURNING);
    assert.equal(step(state, /** @type {Event} */ (there(60)), 20_000).state.ends, 30_000);
    assert.equal(step(state, /** @type {Event} */ (there(5)), 20_000).state.ends, 25_000);
  });

  for (const [name, no] of /** @type {[string, Event][]} */ ([
    ["the home", refuse({ request: "turn" })],
    ["the service", { type: "service_refused", request: "turn", code: "paused" }],
    ["the network", { type: "service_refused", request: "", code: "paused" }],
  ])) {
    test(`refused by ${name}, the look goes on where it is`, () => {
      const { state } = run([...TO_TURNING, no]);
      assert.deepEqual([state.phase, state.room, state.unturned, visible(state)], ["open", "bedroom", "paused", true]);
      assert.ok(canTurn(state, "hall"));
    });
  }

  test("a second turn has a larger number, and an answer to the first is not one to it", () => {
    const again = run([...TO_THERE, { type: "turn", room: "hall" }]);
    assert.deepEqual(again.effects.at(-1), { kind: "turn", room: "hall", number: 2 });
    const named2 = step(again.state, { type: "signed", typ: "tk-turn", hash: "turn2" }, 0).state;
    assert.deepEqual(step(named2, /** @type {Event} */ (E["there"]), 0), { state: named2, effects: [] });
    assert.deepEqual(step(named2, refuse({ request: "turn" }), 0), { state: named2, effects: [] });
  });

  test("no room beside the plan's, nor the one that is shown, nor while one turns, nor for ever", () => {
    const { state } = run(TO_OPEN);
    assert.deepEqual([canTurn(state, "living_room"), canTurn(state, "bedroom"), canTurn(state, "kitchen")], [false, false, true]);
    assert.equal(canTurn(run(TO_TURNING).state, "hall"), false);
    assert.equal(canTurn({ ...state, turns: 32 }, "kitchen"), false);
    assert.deepEqual(step(state, { type: "turn", room: "living_room" }, 0), { state, effects: [] });
  });

  test("what was seen in the first room can be said while another turns", () => {
    const { state, effects } = run([...TO_TURNING, ...named("seen")]);
    assert.deepEqual([state.phase, effects.at(-1)], ["closing", { kind: "close", outcome: "seen" }]);
  });

  test("the home ends the look while it turns: the operator is asked what was seen", () => {
    assert.ok(owesOutcome(run([...TO_TURNING, receipt({ reason: "move_failed" })]).state));
  });

  test("a connection that breaks while it turns shows nothing more", () => {
    const { state } = run([...TO_TURNING, ...named("failed", "there", "frame")]);
    assert.equal(visible(state), false);
    assert.equal(canTurn({ ...state, phase: "open" }, "hall"), false);
  });
});

describe("what answers something else changes nothing", () => {
  /** @type {[string, Event[], Event][]} */
  const rows = [
    ["offer to another prepare", named("begin", "prepared"), { ...E["offer"], statement: { .../** @type {any} */ (E["offer"]).statement, prepare: "x" } }],
    ["offer for another look", named("begin", "prepared"), { ...E["offer"], statement: { .../** @type {any} */ (E["offer"]).statement, look: OTHER } }],
    ["a second offer", named("begin", "prepared", "offer"), { .../** @type {any} */ (E["offer"]), hash: "again" }],
    ["opened for another request", TO_ASKING, { type: "opened", statement: { look: LOOK, request: "x", opened_ms: 1, seconds: 30 } }],
    ["opened before the click", TO_PREPARED, /** @type {Event} */ (E["opened"])],
    ["refusal of another request", TO_ASKING, refuse({ request: "x" })],
    ["refusal of another look", TO_ASKING, refuse({ look: OTHER })],
    ["refusal of nothing before anything was asked", named("begin"), refuse({ request: "" })],
    ["receipt of another home", TO_OPEN, receipt({ hub: "X".repeat(43) })],
    ["receipt of another window", TO_OPEN, receipt({ occurrence: "natt/2026-11-21" })],
    ["receipt of another look", TO_OPEN, receipt({ look: OTHER })],
    ["seen without a picture", TO_PREPARED, /** @type {Event} */ (E["seen"])],
    ["connected without our answer", named("begin", "prepared", "offer"), /** @type {Event} */ (E["connected"])],
    ["a click while open", TO_OPEN, /** @type {Event} */ (E["click"])],
    ["a second beginning", TO_OPEN, /** @type {Event} */ (E["begin"])],
    ["another room before the picture", TO_ASKING, /** @type {Event} */ (E["turn"])],
    ["opened for the look again while turning", TO_TURNING, /** @type {Event} */ (E["opened"])],
    ["opened for a turn that was not asked for", TO_OPEN, /** @type {Event} */ (E["there"])],
    ["opened for a turn before it is known what was asked", [...TO_OPEN, ...named("turn")], /** @type {Event} */ (E["there"])],
    ["refusal of the look while turning", TO_TURNING, refuse()],
    ["refusal of nothing while turning", [...TO_OPEN, ...named("turn")], refuse({ request: "" })],
  ];
  for (const [name, events, event] of rows) {
    test(name, () => {
      const { state } = run(events);
      assert.deepEqual(step(state, event, 0), { state, effects: [] });
    });
  }
});

describe("refusals", () => {
  for (const request of ["prepare", "answer", "look"]) {
    test(`by the home of our tk-${request}`, () => {
      const { state, kinds } = run([...TO_ASKING, refuse({ request })]);
      assert.deepEqual([state.phase, state.code, kinds.at(-1)], ["refused", "paused", "hang_up"]);
    });
  }
  test("by the service", () => {
    const { state } = run([...named("begin", "prepared"), { type: "service_refused", request: "prepare", code: "home_offline" }]);
    assert.deepEqual([state.phase, state.code], ["refused", "home_offline"]);
  });
});

describe("waiting ends", () => {
  /** @type {[string, Event[], number, string, string[]][]} */
  const rows = [
    ["no offer", named("begin", "prepared"), PATIENCE.preparing, "refused", ["hang_up"]],
    ["prepared and not used: let go", TO_PREPARED, PATIENCE.prepared, "idle", ["close", "hang_up"]],
    ["asked and not opened: the home hears that nobody looks", TO_ASKING, PATIENCE.asking, "refused", ["close", "hang_up"]],
    ["opened and no frame: not seen", [...TO_ASKING, ...named("opened")], PATIENCE.opening, "closing", ["close"]],
    ["over time and no receipt: not seen", TO_OPEN, 30_000 + 10_000, "closing", ["close"]],
    ["turned and neither yes nor no", TO_TURNING, PATIENCE.turning, "closing", ["close"]],
    ["read back and no frame", [...TO_TURNING, ...named("there")], PATIENCE.opening, "closing", ["close"]],
    ["no receipt after closing", [...TO_OPEN, ...named("seen")], PATIENCE.closing, "done", ["hang_up"]],
  ];
  for (const [name, events, wait, phase, effects] of rows) {
    test(name, () => {
      const { state } = run(events);
      assert.deepEqual(step(state, { type: "tick" }, wait - 1), { state, effects: [] });
      const next = step(state, { type: "tick" }, wait);
      assert.equal(next.state.phase, phase);
      assert.deepEqual(next.effects.map((effect) => effect.kind), effects);
    });
  }
});

describe("the home ends the look first", () => {
  test("the operator is asked, and the answer is sent", () => {
    const { state } = run([...TO_OPEN, receipt()]);
    assert.ok(owesOutcome(state));
    assert.equal(ended(state), false);
    const { state: after, effects } = step(state, /** @type {Event} */ (E["seen"]), 0);
    assert.deepEqual(effects, [{ kind: "close", outcome: "seen" }]);
    assert.ok(ended(after));
  });
  test("without an answer the service decides", () => {
    const { state } = run([...TO_OPEN, receipt()]);
    assert.ok(ended(step(state, { type: "tick" }, LATE_OUTCOME).state));
  });
  test("no question where the camera never reached its place", () => {
    assert.ok(ended(run([...TO_ASKING, receipt({ closed_ms: 1000, reason: "move_failed" })]).state));
  });
  test("no question where the camera was open but no picture came: nobody was seen", () => {
    const { state, kinds } = run([...TO_ASKING, ...named("opened"), receipt({ reason: "picture_lost" })]);
    assert.ok(ended(state));
    assert.ok(kinds.includes("acknowledge"));
  });
  test("seen needs a picture; not seen and needs help do not", () => {
    for (const before of [TO_ASKING, [...TO_ASKING, ...named("opened")]]) {
      const { state } = run(before);
      assert.deepEqual(step(state, /** @type {Event} */ (E["seen"]), 0), { state, effects: [] });
      assert.equal(step(state, { type: "outcome", outcome: "not_seen" }, 0).state.phase, "closing");
      assert.equal(step(state, { type: "outcome", outcome: "needs_help" }, 0).state.phase, "closing");
    }
  });
  test("a receipt that comes late is still acknowledged", () => {
    const { state } = run([...TO_OPEN, ...named("seen")]);
    const done = step(state, { type: "tick" }, PATIENCE.closing).state;
    const next = step(done, receipt({ reason: "seen" }), PATIENCE.closing);
    assert.deepEqual(next.effects.map((effect) => effect.kind), ["hang_up", "acknowledge"]);
    assert.equal(next.state.outcome, "seen");
  });
});

test("letting go of what was prepared closes it without an outcome of its own", () => {
  const { state, kinds } = run([...TO_PREPARED, ...named("letGo")]);
  assert.equal(state.phase, "idle");
  assert.deepEqual(kinds.slice(-2), ["close", "hang_up"]);
});

test("no sequence of events shows a picture unless tk-opened answered our tk-look on a checked connection, or while rooms change", () => {
  // A small pseudo-random walk (LCG, fixed seed): every event in every order it happens to come.
  const events = [...Object.values(E), refuse(), refuse({ request: "turn" }), receipt(), receipt({ look: OTHER })];
  let seed = 7;
  const draw = () => (seed = (seed * 1103515245 + 12345) % 2147483648);
  for (let walk = 0; walk < 400; walk += 1) {
    let state = IDLE;
    let connected = false;
    let opened = false;
    let away = false;
    for (let at = 0; at < 60; at += 1) {
      const event = /** @type {Event} */ (events[draw() % events.length]);
      const before = state;
      ({ state } = step(state, event, at * 2000));
      if (before.phase === "idle") connected = opened = away = false;
      if (state.phase === "turning") away = true;
      else if (["opened", "refuse", "service_refused"].includes(event.type)) away = false;
      connected ||= event.type === "connected" && before.answer !== "";
      opened ||= event.type === "opened" && before.request !== "";
      if (visible(state)) assert.ok(connected && opened && !away, `${walk}/${at} ${event.type}`);
    }
  }
});
