// The root key on paper: the same words as `tillsyn-root words` (tests/operator/test_words.py reads the same file).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { seedOf, wordsOf } from "../../operator_service/static/bip39.js";
import { PublicKey, parse, sign } from "../../operator_service/static/jws.js";
import { newSeed, rootFrom } from "../../operator_service/static/root-key.js";
import { Refused } from "../../operator_service/static/strict.js";

/** @type {{good: {seed: string, words: string, root: string}[], typed: {typed: string, words: string}[], bad: {name: string, words: string, code: string}[]}} */
const file = JSON.parse(readFileSync(new URL("../../../../tests/vectors/words.json", import.meta.url), "utf8"));

for (const one of file.good) {
  test(`a key and its words: ${one.seed.slice(0, 8)}`, async () => {
    const seed = Uint8Array.from(Buffer.from(one.seed, "hex"));
    assert.equal((await wordsOf(seed)).join(" "), one.words);
    assert.deepEqual(await seedOf(one.words), seed);
    assert.equal((await rootFrom(seed)).x, one.root);
  });
}

for (const one of file.typed) {
  test("words as people type them", async () => assert.deepEqual(await seedOf(one.typed), await seedOf(one.words)));
}

for (const one of file.bad) {
  test(`no key: ${one.name}`, () => assert.rejects(seedOf(one.words), (error) => error instanceof Refused && error.code === one.code));
}

test("a new key signs, and cannot be taken out of the browser", async () => {
  const root = await rootFrom(newSeed());
  const token = await sign(root, "tk-close", { look: "A".repeat(22), outcome: "seen", iat: 1_800_000_000 });
  assert.equal((await (await parse("tk-close", token)).verified(await PublicKey.from(root.x))).outcome, "seen");
  assert.equal(root.privateKey.extractable, false);
});
