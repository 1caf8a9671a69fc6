// What is shown of a plan: all that it says, what it changes, and how far it has come.
import { html, nothing } from "../vendor/lit.js";
import { compare, needsAnswer } from "../comparing.js";
import { moment, t } from "../i18n.js";
import { changeLines, effect, listText, reviewDay, windowText } from "../plan-words.js";
import { icon } from "./icons.js";

/** @typedef {import("../comparing.js").Plan} Plan */
/** @typedef {import("../i18n.js").Word} Word */

const CHIPS = new Map([["accepted", "good"], ["sent", "info"], ["waiting", "warn"], ["declined", "bad"], ["replaced", ""], ["lost", "bad"]]);
const REACHES = new Map([["wider", "warn"], ["narrower", "good"], ["agreed", "warn"], ["told", ""]]);
/** @type {Map<string, Word>} */
const REFUSED = new Map([
  ["expired", "plan.refused_expired"], ["revoked", "plan.refused_revoked"], ["revocations_stale", "plan.refused_stale"],
  ["policy", "plan.refused_policy"],
]);

/** Whether it has never been shown at home, and would not be. @param {{state: string, fault: string}} stand */
export const isRefused = ({ state, fault }) => fault !== "" && state === "waiting";

/** Why the home would not take it if it came now. @param {string} fault */
export const refusal = (fault) => t(REFUSED.get(fault) ?? "plan.refused_other");

/** @param {{state: string, fault: string}} stand */
export const stateChip = (stand) =>
  isRefused(stand)
    ? html`<span class="chip bad">${t("plan.state_refused")}</span>`
    : html`<span class="chip ${CHIPS.get(stand.state)}">${t(/** @type {Word} */ (`plan.state_${stand.state}`))}</span>`;

/** All that it says. @param {Omit<Plan, "hub" | "number" | "iat">} plan */
export function whole(plan) {
  /** @type {[Word, string][]} */
  const rows = [
    ["plan.windows", plan.windows.map(windowText).join("; ")],
    ["plan.look_seconds", String(plan.look_seconds)],
    ["plan.grace_seconds", String(plan.grace_seconds)],
    ["plan.max_retries", String(plan.max_retries)],
    ["plan.retry_within_minutes", String(plan.retry_within_minutes)],
    ["plan.rooms", listText("rooms", plan.rooms)],
    ["plan.roles", listText("roles", plan.roles)],
    ["plan.fallback", listText("fallback", plan.fallback)],
    ["plan.contact", plan.contact || t("plan.nobody")],
    ["plan.review", reviewDay(plan.review)],
    ["plan.move_minutes", String(plan.move_minutes)],
    ["plan.keep_days", String(plan.keep_days)],
    ["plan.unit", plan.unit],
  ];
  return html`<dl>${rows.map(([word, text]) => html`<dt>${t(word)}</dt><dd>${text}</dd>`)}</dl>`;
}

/**
 * What it changes in the one before, in plain words, and what follows.
 * @param {Plan | null} before
 * @param {Plan} after
 * @param {boolean} [follows] whether anything will come of it
 * @param {boolean} [lost] whether the home had a plan, and has it no longer
 */
export function differences(before, after, follows = true, lost = false) {
  if (before === null) {
    return html`<p>${t(lost ? "plan.effect_lost" : "plan.effect_first")}</p>${follows ? html`<p class="notice">${icon("home")}<span>${t("plan.asks_first")}</span></p>` : nothing}`;
  }
  const changes = compare(before, after);
  const lines = changeLines(before, after, changes);
  return html`${lines.length === 0
      ? html`<p>${t("plan.nothing")}</p>`
      : html`<ul class="changes">
          ${lines.map(({ text, reach }) => html`<li><span>${text}</span><span class="chip ${REACHES.get(reach)}">${t(`plan.reach_${reach}`)}</span></li>`)}
        </ul>
        <p><strong>${t(effect(changes))}</strong></p>`}
    ${follows ? consequence(needsAnswer(changes)) : nothing}`;
}

/** @param {boolean} asks */
const consequence = (asks) => html`<p class=${asks ? "notice" : "notice good"}>
  ${icon(asks ? "home" : "check")}<span>${t(asks ? "plan.asks" : "plan.at_once")}</span>
</p>`;

/** How far a plan has come, and when. @param {import("../api.js").PlanRow} row @param {import("../api.js").HomePlan} home @param {string} by */
export function steps(row, home, by) {
  const { state, fault, proposed, sent, decided } = row;
  const step = (/** @type {string} */ kind, /** @type {Parameters<typeof icon>[0]} */ picture, /** @type {string} */ text, at = 0) =>
    html`<li class=${kind}>${icon(picture)}<span>${text}${at ? html` <span class="muted number">${moment(at)}</span>` : nothing}</span></li>`;
  const signed = step("", "check", by, proposed);
  const waits = home.seen === null ? t("plan.step_waits_never") : t("plan.step_waits_link", { when: moment(home.seen) });
  const out = sent === 0 ? nothing : step("", "check", t("plan.step_sent"), sent);
  const why = refusal(fault);
  if (isRefused(row)) return html`<ol class="steps" data-state="refused">${signed}${step("wrong", "help", `${t("plan.step_refused")}. ${why}`)}</ol>`;
  const now = {
    waiting: () => step("later", "clock", waits),
    sent: () => step("later", "clock", !home.online ? waits : t(home.ready ? "plan.step_answer" : "plan.step_waits_ready")),
    accepted: () => step("", "home", t("plan.step_accepted"), decided),
    declined: () => step("wrong", "help", t("plan.step_declined"), decided),
  }[state];
  return html`<ol class="steps" data-state=${state}>${signed}${out}${now?.() ?? nothing}
    ${fault === "" ? nothing : step("wrong", "help", `${t("plan.step_no_more")} ${why}`)}</ol>`;
}
