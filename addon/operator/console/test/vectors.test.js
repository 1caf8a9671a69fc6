// The same vectors as the Python core reads: tests/vectors/statements.json.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  STRICTEST, checkPlan, checkPolicy, checkRevocations, hubCertificate, parseDelegation, signer,
} from "../../operator_service/static/chain.js";
import { compare, isMoved, isNoticed, needsAnswer } from "../../operator_service/static/comparing.js";
import { PublicKey, parse, sign, typeOf } from "../../operator_service/static/jws.js";
import { canBeCalled, encode, newSecret, places, proves, rendezvous } from "../../operator_service/static/pairing.js";
import { ENGLISH, SWEDISH } from "../../operator_service/static/pairing-words.js";
import { passkeyThumbprint } from "../../operator_service/static/passkey.js";
import { TYPES, write } from "../../operator_service/static/statements.js";
import { Refused } from "../../operator_service/static/strict.js";

/** @typedef {import("../../operator_service/static/statements.js").Typ} Typ */
/** @type {{now: number, root: string} & Record<string, any[]>} */
const file = JSON.parse(readFileSync(new URL("../../../../tests/vectors/statements.json", import.meta.url), "utf8"));
const vectors = (/** @type {string} */ kind) => file[kind] ?? assert.fail(kind);

/** @param {string} code */
const refused = (code) => (/** @type {unknown} */ error) => error instanceof Refused && error.code === code;

/** @param {Promise<unknown>} made */
const codeOf = (made) => made.then(() => "", (error) => (error instanceof Refused ? error.code : Promise.reject(error)));

/** @param {{policy: object | null, revocations: object | null}} one */
const trusted = (one) => /** @type {import("../../operator_service/static/chain.js").Trust} */ (
  { policy: one.policy ?? STRICTEST.policy, revocations: one.revocations });

test("every statement has a vector", () => {
  assert.deepEqual(new Set(vectors("good").map((one) => one.typ)), new Set(TYPES));
});

for (const one of vectors("good")) {
  test(`accepted: ${one.name}`, async () => {
    const parsed = await parse(/** @type {Typ} */ (one.typ), one.token);
    const statement = await parsed.verified(await PublicKey.from(one.key));
    assert.equal(new TextDecoder().decode(write(one.typ, /** @type {any} */ (ordered(statement, one.payload)))), one.payload);
    assert.equal(typeOf(one.token), one.typ);
  });
}

/** Fields in the order of the payload, which is the order in wire.py. @param {object} statement @param {string} payload */
function ordered(statement, payload) {
  return Object.fromEntries(Object.keys(JSON.parse(payload)).map((name) => [name, Reflect.get(statement, name)]));
}

for (const one of vectors("malformed")) {
  test(`refused as malformed: ${one.name}`, () => assert.rejects(parse(one.typ, one.token), refused("bad_message")));
}

for (const one of vectors("forged")) {
  test(`refused as forged: ${one.name}`, async () => {
    const parsed = await parse(/** @type {Typ} */ (one.typ), one.token);
    await assert.rejects(parsed.verified(await PublicKey.from(one.key)), refused(one.code));
  });
}

for (const one of vectors("chains")) {
  test(`chain: ${one.name}`, async () => {
    const made = signer(await PublicKey.from(file.root), trusted(one), one.chain, one.now);
    assert.equal(await codeOf(made), one.code);
    if (one.code !== "") return;
    const { kid, key, kids } = await made;
    assert.deepEqual([kid, key.kid, kids.toSorted()], [one.person, one.session, one.kids]);
  });
}

for (const one of vectors("delegations")) {
  test(`delegation: ${one.name}`, () => {
    if (one.code === "") parseDelegation(one.token);
    else assert.throws(() => parseDelegation(one.token), refused(one.code));
  });
}

for (const one of vectors("passkeys")) {
  test(`passkey ${one.kid}`, async () => assert.equal(await passkeyThumbprint(one.passkey), one.kid));
}

for (const one of vectors("policies")) {
  test(`policy: ${one.name}`, async () => {
    assert.equal(await codeOf(checkPolicy(await PublicKey.from(file.root), trusted(one), one.token, one.now)), one.code);
  });
}

for (const one of vectors("revocations")) {
  test(`revocations: ${one.name}`, async () => {
    const made = checkRevocations(await PublicKey.from(file.root), trusted(one), one.token, one.chain, one.now);
    assert.equal(await codeOf(made), one.code);
  });
}

for (const one of vectors("certificates")) {
  test(`hub certificate: ${one.name}`, async () => {
    const [root, hub] = await Promise.all([PublicKey.from(file.root), PublicKey.from(one.hub)]);
    assert.equal(await codeOf(hubCertificate(root, STRICTEST, one.token, one.chain, hub, one.now)), one.code);
    assert.equal(await codeOf(hubCertificate(root, null, one.token, one.chain, hub, one.now)), one.at_home);
  });
}

for (const one of vectors("plans")) {
  test(`plan: ${one.name}`, async () => {
    const [root, hub] = await Promise.all([PublicKey.from(file.root), PublicKey.from(one.hub)]);
    assert.equal(await codeOf(checkPlan(root, trusted(one), hub.kid, one.token, one.chain, one.now)), one.code);
  });
}

for (const one of vectors("comparisons")) {
  test(`comparison: ${one.name}`, () => {
    const changes = compare(one.before, one.after);
    const told = changes.map((change) => {
      const { topic, before, after, reach } = change;
      if (!topic.startsWith("window")) return [topic, reach];
      const row = [topic, before?.id ?? null, after?.id ?? null, reach];
      return topic === "window_changed" ? [...row, !isNoticed(change) ? "renamed" : isMoved(change) ? "moved" : "changed"] : row;
    });
    assert.deepEqual(told, one.changes);
    assert.equal(needsAnswer(changes), one.asks);
  });
}

for (const one of vectors("pairings")) {
  test(`pairing code: ${one.url}`, async () => {
    const hub = await PublicKey.from(one.hub);
    assert.equal(encode(one), one.code);
    assert.equal(await rendezvous(one.secret), one.rendezvous);
    assert.deepEqual((await places(one, hub)).map((place) => ENGLISH[place]), one.words);
    assert.ok(await proves(one, hub, one.mac));
    for (const wrong of [{ ...one, root: one.hub }, { ...one, secret: newSecret() }]) assert.ok(!(await proves(wrong, hub, one.mac)));
    assert.ok(!(await proves(one, await PublicKey.from(file.root), one.mac)));
  });
}

test("no code that a home would not read", () => {
  const [one] = vectors("pairings");
  for (const wrong of [{ url: "https://x/hub" }, { label: "" }, { label: "a\u202eb" }, { policy: -1 }, { secret: "short" }]) {
    assert.throws(() => encode({ ...one, ...wrong }), refused("bad_message"));
  }
  assert.deepEqual(["Elsa", " ", "", "a\u202eb", "x".repeat(81)].map(canBeCalled), [true, false, false, false, false]);
  assert.deepEqual([SWEDISH.length, ENGLISH.length], [256, 256]);
});

for (const one of vectors("keys")) {
  test(`key ${one.x}`, async () => {
    if (one.kid === "") await assert.rejects(PublicKey.from(one.x), refused("bad_message"));
    else assert.equal((await PublicKey.from(one.x)).kid, one.kid);
  });
}

test("what is signed here is accepted here", async () => {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]));
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  const key = await PublicKey.from(Buffer.from(raw).toString("base64url"));
  const statement = { look: "A".repeat(22), outcome: /** @type {const} */ ("seen"), iat: file.now };
  const token = await sign({ privateKey: pair.privateKey, kid: key.kid }, "tk-close", statement);
  assert.deepEqual(await (await parse("tk-close", token)).verified(key), statement);
});

test("what no home would accept is not signed", async () => {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]));
  const statement = { look: "short", outcome: /** @type {const} */ ("seen"), iat: file.now };
  await assert.rejects(sign({ privateKey: pair.privateKey, kid: "A".repeat(43) }, "tk-close", statement), refused("bad_message"));
});
