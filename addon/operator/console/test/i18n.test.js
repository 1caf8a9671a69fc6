// Both languages say everything, and every code has words.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { CLOSE_REASONS, FALLBACKS, OUTCOMES, REFUSALS, ROOMS } from "../../operator_service/static/codes.js";
import { WORDS, coded, span, t } from "../../operator_service/static/i18n.js";

const STATIC = new URL("../../operator_service/static/", import.meta.url);
const SERVICE = [
  "bad_request", "login_required", "wrong_login", "wrong_code", "bad_origin", "forbidden", "not_found", "taken", "not_claimed", "wrong_state",
  "too_many_claims", "already_set", "label_in_use", "no_root", "too_large", "too_many_attempts", "internal_error", "store_failed",
];
const OWN = ["home_not_trusted", "not_connected", "connection_lost", "unreachable", "root_changed",
  "passkey_cancelled", "passkey_unsupported", "passkey_wrong_site", "passkey_known", "list_full", "words_count", "words_unknown", "words_checksum",
  "words_wrong", "words_other", "choose_role", "home_not_certified", "pairing_expired", "pairing_taken", "pairing_left", "label_wrong", "words_differ",
  "plan_taken"];
const STATES = ["planned", "claimed", "looking", "retry_at", "visit", "visited", "seen", "paused", "declined", "missed", "open", "acknowledged", "arrived", "finished"];

test("Swedish and English have the same words", () => {
  assert.deepEqual(Object.keys(WORDS.sv), Object.keys(WORDS.en));
});

test("no word is empty or the same in both languages by mistake", () => {
  const same = Object.keys(WORDS.sv).filter((word) => Reflect.get(WORDS.sv, word) === Reflect.get(WORDS.en, word));
  assert.deepEqual(same.filter((word) => /\p{L}{9}/u.test(Reflect.get(WORDS.sv, word))), []);
  for (const words of Object.values(WORDS)) for (const [word, text] of Object.entries(words)) assert.ok(text.trim() === text && text !== "", word);
});

test("both languages name the same parts", () => {
  const parts = (/** @type {string} */ text) => [...text.matchAll(/\{([a-z]+)\}/g)].map((found) => found[1]).sort();
  for (const [word, text] of Object.entries(WORDS.sv)) assert.deepEqual(parts(text), parts(Reflect.get(WORDS.en, word)), word);
});

for (const language of /** @type {const} */ (["sv", "en"])) {
  test(`every code has words (${language})`, () => {
    const wanted = [
      ...[...REFUSALS, ...SERVICE, ...OWN].map((one) => `code.${one}`),
      ...CLOSE_REASONS.map((one) => `reason.${one}`),
      ...FALLBACKS.map((one) => `fallback.${one}`),
      ...OUTCOMES.flatMap((one) => [`look.${one}`, `look.${one}_hint`]),
      ...STATES.map((one) => `state.${one}`),
      ...ROOMS.flatMap((one) => [`room.${one}`, `in_room.${one}`]),
    ];
    assert.deepEqual(wanted.filter((word) => !(word in WORDS[language])), []);
  });

  test(`a refusal says what to do: at least two sentences or a clear step (${language})`, () => {
    for (const code of REFUSALS) assert.ok(Reflect.get(WORDS[language], `code.${code}`).split(" ").length >= 4, code);
  });
}

test("every word is used", () => {
  const folders = [STATIC, new URL("components/", STATIC)];
  const files = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith(".js") && !name.startsWith("words-")).map((name) => new URL(name, folder)));
  const source = files.map((file) => readFileSync(file, "utf8")).join("\n");
  const made = ["code.", "reason.", "state.", "fallback.", "event.", "cause.", "nav.", "night.", "look.", "people.", "role.", "room.", "in_room.", "pair.address_", "plan.change_", "plan.count_", "plan.day_", "plan.state_", "plan.effect_", "plan.reach_"];
  const unused = Object.keys(WORDS.sv).filter((word) => !source.includes(`"${word}"`) && !made.some((kind) => word.startsWith(kind)));
  assert.deepEqual(unused, []);
});

test("parts are filled in", () => assert.equal(t("queue.who", { label: "Elsa" }), "hos Elsa"));
test("an unknown code gets general words", () => assert.equal(coded("code", "quite_new"), WORDS.sv["code.internal_error"]));

for (const [seconds, text] of /** @type {[number, string][]} */ ([[-3, "0:00"], [65, "1:05"], [900, "15 min"], [4200, "1 h 10 min"]])) {
  test(`${seconds} s reads ${text}`, () => assert.equal(span(seconds), text));
}
