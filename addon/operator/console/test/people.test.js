// What an administrator's console makes before it signs: the credential and the next list of revoked keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { credentialFor } from "../../operator_service/static/certifying.js";
import { read, write } from "../../operator_service/static/statements.js";
import { Refused } from "../../operator_service/static/strict.js";

// The modules know where the service is from the page's address.
Reflect.set(globalThis, "location", new URL("http://localhost/"));
const { listAge } = await import("../../operator_service/static/person.js");
const { keepFresh, makesLists, nextList } = await import("../../operator_service/static/revoking.js");

const NOW = 1_800_000_000;
const [A, B] = ["A".repeat(43), "B".repeat(43)];
const choice = { name: "Eva", roles: ["operator"], units: ["nord"], days: 30 };
const passkey = { id: "C".repeat(43), x: A, y: B, rp: "tillsyn.example", origin: "https://tillsyn.example" };

test("a credential for a passkey names it and no key", () => {
  const said = credentialFor({ key: "", passkey }, choice, NOW);
  const payload = write("tk-credential", said);
  assert.equal(JSON.parse(new TextDecoder().decode(payload)).key, undefined);
  assert.deepEqual(read("tk-credential", payload).passkey, passkey);
  assert.equal(said.exp - said.iat, 30 * 86400);
});

test("a credential for a browser names its key and no passkey", () => {
  const said = credentialFor({ key: A, passkey: null }, choice, NOW);
  assert.equal(read("tk-credential", write("tk-credential", said)).passkey, undefined);
});

test("what the service adds to a passkey is not signed", () => {
  const more = /** @type {any} */ ({ ...passkey, evil: 1 });
  assert.equal("evil" in /** @type {any} */ (credentialFor({ key: "", passkey: more }, choice, NOW).passkey), false);
});

test("nobody is certified for longer than 90 days", () => {
  const said = credentialFor({ key: A, passkey: null }, { ...choice, days: 400 }, NOW);
  assert.equal(said.exp - said.iat, 90 * 86400);
});

test("the first list is number 1, the next has the number after and all keys of the one before", () => {
  const first = nextList(null, [A], NOW);
  assert.deepEqual(first, { number: 1, revoked: [A], iat: NOW });
  assert.deepEqual(nextList(first, [B, A], NOW + 1), { number: 2, revoked: [A, B], iat: NOW + 1 });
  assert.deepEqual(nextList(first, [], NOW + 1).revoked, [A]);
});

test("a list that would be too long for homes is not made", () => {
  const full = Array.from({ length: 350 }, (_none, at) => String(at).padStart(43, "D"));
  assert.equal(nextList(null, full, NOW).revoked.length, 350);
  assert.throws(() => nextList({ number: 1, revoked: full, iat: NOW }, [A], NOW), (error) => error instanceof Refused && error.code === "list_full");
});

test("only an administrator in their shift makes lists", async () => {
  const person = (/** @type {string[]} */ roles, standing = "ready") => /** @type {any} */ ({ standing, signer: { credential: { roles } }, hasPolicy: true, trust: { revocations: null } });
  assert.equal(makesLists(person(["admin"])), true);
  assert.equal(makesLists(person(["operator"])), false);
  assert.equal(makesLists(person(["admin"], "shift")), false);
  assert.equal(makesLists(null), false);
  await keepFresh(person(["operator"])); // asks nobody
  await keepFresh({ ...person(["admin"]), trust: { revocations: { number: 1, revoked: [], iat: Math.floor(Date.now() / 1000) } } });
});

test("the age of a list", () => {
  const trust = /** @type {any} */ ({ policy: {}, revocations: { number: 1, revoked: [], iat: NOW } });
  assert.equal(listAge(trust, NOW + 60), 60);
  assert.equal(listAge({ ...trust, revocations: null }, NOW), null);
});
