// Signatures as an attacker would make them (tests/vectors/ed25519.json), and another library (jose) as the judge.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CompactSign, calculateJwkThumbprint, compactVerify, importJWK } from "jose";
import { PublicKey, b64uDecode, parse } from "../../operator_service/static/jws.js";

/** @param {string} name */
const read = (name) => JSON.parse(readFileSync(new URL(`../../../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
/** @type {{why: string, key: string, message: string, signature: string, holds: boolean}[]} */
const cases = read("ed25519");
/** @type {{name: string, typ: import("../../operator_service/static/statements.js").Typ, token: string, key: string, payload: string}[]} */
const good = read("statements").good;

for (const one of cases) {
  test(`${one.holds ? "holds" : "does not hold"}: ${one.why}`, async () => {
    const holds = await PublicKey.from(one.key)
      .then((key) => crypto.subtle.verify({ name: "Ed25519" }, key.key, b64uDecode(one.signature), b64uDecode(one.message)))
      .catch(() => false);
    assert.equal(holds, one.holds);
  });
}

for (const one of good.filter((vector) => vector.token.split(".").length === 3)) {
  test(`what we accept another library accepts: ${one.name}`, async () => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: one.key };
    const found = await compactVerify(one.token, await importJWK(jwk, "Ed25519"), { algorithms: ["Ed25519"] });
    assert.equal(new TextDecoder().decode(found.payload), one.payload);
    assert.equal(await calculateJwkThumbprint(jwk), (await PublicKey.from(one.key)).kid);
  });
}

test("what another library signs is accepted", async () => {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]));
  const key = await PublicKey.from(Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey)).toString("base64url"));
  const said = { look: "A".repeat(22), outcome: "seen", iat: 1_795_000_000 };
  const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(said)))
    .setProtectedHeader({ alg: "Ed25519", kid: key.kid, typ: "tk-close" })
    .sign(pair.privateKey);
  assert.deepEqual(await (await parse("tk-close", token)).verified(key), said);
});
