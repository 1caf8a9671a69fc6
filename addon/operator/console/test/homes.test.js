// How the console judges a home's certificate, whom it certifies again, and which address a home is given.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { STRICTEST } from "../../operator_service/static/chain.js";
import { PublicKey, parse } from "../../operator_service/static/jws.js";
import { Refused } from "../../operator_service/static/strict.js";

// The modules know where the service is from the page's address.
Reflect.set(globalThis, "location", new URL("https://tillsyn.example/"));
const kept = new Map();
Reflect.set(globalThis, "localStorage", { getItem: (/** @type {string} */ name) => kept.get(name) ?? null, setItem: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value) });
const { certificate, certifiesHomes, judge, renew, replacement } = await import("../../operator_service/static/homes.js");
const { isKnown, kindOf, remember } = await import("../../operator_service/static/address.js");

/** @type {{now: number, root: string, certificates: any[]}} */
const file = JSON.parse(readFileSync(new URL("../../../../tests/vectors/statements.json", import.meta.url), "utf8"));
const named = (/** @type {string} */ name) => file.certificates.find((one) => one.name === name) ?? assert.fail(name);
const root = await PublicKey.from(file.root);
const hubKey = await PublicKey.from(named("holds").hub);

/** @param {any} one @returns {any} */
const home = (one) => ({ hub: hubKey.kid, key: one.hub, label: "Elsa", certificate: one.token, chain: one.chain, paired: 1 });

/** @param {string[]} revoked @returns {any} */
const person = (...revoked) => {
  const trust = { policy: { ...STRICTEST.policy, number: 3 }, revocations: { number: 1, revoked, iat: file.now } };
  return { root, trust, lenient: () => trust, key: null, chain: [] };
};

// What is said of a home is by this computer's clock: the one of the vectors.
const clock = Date.now;
test.beforeEach(() => (Date.now = () => file.now * 1000));
test.afterEach(() => (Date.now = clock));

test("a certificate by an installer holds, and names them", async () => {
  const found = await judge(person(), home(named("by an installer")));
  assert.deepEqual([found.code, found.made?.key, found.signer !== ""], ["", hubKey.x, true]);
  assert.equal((await judge(person(), home(named("holds")))).signer, "");
});

test("where its installer is revoked it is due to be made anew", async () => {
  const one = named("by an installer");
  const { iat } = (await parse("tk-hubcert", one.token)).unchecked;
  const { kid } = await parse("tk-hubcert", one.token);
  const found = await judge(person(kid), home(one));
  assert.deepEqual([found.code, found.due, found.made?.iat], ["revoked", true, iat]);
});

test("a hub that is revoked itself is not certified again", async () => {
  const found = await judge(person(hubKey.kid), home(named("holds")));
  assert.deepEqual([found.code, found.due], ["revoked", false]);
});

test("one that has run out is", async () => {
  const found = await judge(person(), home(named("ended")));
  assert.deepEqual([found.code, found.due], ["credential_expired", true]);
});

for (const name of ["another root", "another hub", "by an operator"]) {
  test(`what nobody might have signed is never signed here: ${name}`, async () => {
    const found = await judge(person(), home(named(name)));
    assert.deepEqual([found.made, found.due, found.code === ""], [null, false, false]);
    await assert.rejects(renew(person(), found), (error) => error instanceof Refused && error.code === "home_not_trusted");
  });
}

test("a key that is not the home's is refused", async () => {
  const found = await judge(person(), { ...home(named("holds")), hub: "A".repeat(43) });
  assert.deepEqual([found.code, found.made], ["wrong_hub", null]);
});

test("nobody without a shift signs for a hub", async () => {
  const told = { key: hubKey.x, label: "Elsa", municipality: "Exempelkommun" };
  await assert.rejects(certificate(person(), told, 0), (error) => error instanceof Refused && error.code === "delegation_expired");
  const who = (/** @type {string[]} */ roles, standing = "ready") => /** @type {any} */ ({ standing, signer: { credential: { roles } } });
  assert.deepEqual(
    [who(["installer"]), who(["planner"]), who(["operator", "admin"]), who(["installer"], "shift"), null].map(certifiesHomes),
    [true, true, false, false, false],
  );
});

test("a hub takes the place of the one that whoever paired it named, where it holds", async () => {
  const old = await judge(person(), home(named("holds")));
  const fresh = { ...old, home: { ...old.home, hub: "new", replaces: old.home.hub } };
  assert.equal(replacement(old, [old, { ...fresh, home: { ...fresh.home, replaces: "" } }]), undefined);
  assert.equal(replacement(old, [old, fresh]), fresh);
  assert.equal(replacement(fresh, [old, fresh]), undefined);
  assert.equal(replacement(old, [old, { ...fresh, code: "revoked" }]), undefined);
});

test("the service's own address is given, another one only once a person has said that it is right", () => {
  assert.equal(kindOf("wss://tillsyn.example/hub"), "same");
  for (const url of ["ws://tillsyn.example/hub", "wss://tillsyn.example/other", "wss://evil.example/hub", "wss://tillsyn.example:444/hub"]) {
    assert.equal(kindOf(url), "other");
    assert.equal(isKnown(url), false);
  }
  remember("wss://hem.example/hub");
  assert.deepEqual([isKnown("wss://hem.example/hub"), isKnown("wss://evil.example/hub")], [true, false]);
});
