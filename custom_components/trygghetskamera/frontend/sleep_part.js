// In the morning: how the client has slept.
import { tellHome } from "./ask.js";
import { button, field, make, section, troubleLine, write } from "./draw.js";
import { can, read } from "./home.js";
import { RATINGS, isMorning, ratingOf } from "./sleep.js";
import { teller } from "./words.js";

const LONGEST = 300;

/**
 * Asks while nothing has been answered; thanks whoever answers on this screen, lets them tell more or answer again, and
 * is then gone. Steps: ask, thank, tell, done.
 */
export function sleepPart() {
  const [part, title] = section("sleep");
  const [said, trouble] = [make("p", "said"), troubleLine()];
  said.setAttribute("role", "status");
  /** @type {any} */
  let now = {};
  let [step, rating] = ["ask", null];

  const go = (next) => {
    step = next;
    write(trouble, "");
    draw();
  };
  const rate = async (chosen) => {
    write(trouble, "");
    const failed = await tellHome(now.hass, now.home, "rate_sleep", { rating: Number(chosen) }, "slept_failed");
    if (failed) return write(trouble, failed);
    rating = chosen;
    go("thank");
    thanks.focus();
  };
  const tellMore = async (comment) => {
    const failed = comment ? await tellHome(now.hass, now.home, "rate_sleep", { rating: Number(rating), comment }, "slept_failed") : "";
    if (failed) return write(trouble, failed);
    go(comment ? "told" : "done");
  };

  const [answers, drawAnswers] = answersOf(rate);
  const thanks = make("div", "buttons");
  const [more, again, done] = ["tell", "ask", "done"].map((next) => button("choice", "", () => go(next)));
  thanks.tabIndex = -1;
  thanks.append(more, again, done);
  const [comment, drawComment] = commentForm(tellMore, () => go("thank"));
  part.append(title, said, answers, thanks, comment, trouble);

  function draw() {
    const { hass, home, at } = now;
    const tell = teller(hass);
    if (!isMorning(hass, home, at)) [step, rating] = ["ask", null]; // tomorrow it is asked anew
    const isAsked = step !== "ask" || rating !== null || ratingOf(hass, home) === null;
    part.hidden = step === "done" || !isMorning(hass, home, at) || !isAsked;
    write(title, tell("slept"));
    write(said, { thank: () => tell("slept_thanks", { answer: tell(`slept_${rating}`) }), told: () => tell("slept_told") }[step]?.() ?? "");
    answers.hidden = step !== "ask";
    thanks.hidden = step !== "thank" && step !== "told";
    more.hidden = step === "told" || !can(hass, "rate_sleep");
    again.hidden = step === "told";
    for (const [element, word] of [[more, "slept_more"], [again, "slept_again"], [done, "done"]]) write(element, tell(word));
    drawAnswers(tell);
    drawComment(tell, step === "tell", read(hass, home, "switch.share_sleep")?.state === "on");
  }
  return [part, (hass, home, at) => {
    now = { hass, home, at };
    draw();
  }];
}

/** Five buttons with words, best first. */
function answersOf(rate) {
  const part = make("div", "answers");
  const buttons = RATINGS.toReversed().map((one) => [one, button("answer", "", () => rate(one))]);
  part.append(...buttons.map(([, element]) => element));
  return [part, (tell) => buttons.forEach(([one, element]) => write(element, tell(`slept_${one}`)))];
}

function commentForm(send, cancel) {
  const form = make("form", "comment");
  const [label, text, input] = field("textarea");
  const where = make("p", "note");
  const [submit, back, buttons] = [make("button", "choice yes"), button("choice", "", cancel), make("div", "buttons")];
  input.rows = 3;
  input.maxLength = LONGEST;
  buttons.append(submit, back);
  form.append(label, where, buttons);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(input.value.trim());
  });
  return [form, (tell, isShown, isShared) => {
    const begins = form.hidden && isShown;
    form.hidden = !isShown;
    for (const [element, word] of [[text, "slept_comment"], [where, isShared ? "slept_shared" : "slept_kept"], [submit, "send"], [back, "cancel"]]) write(element, tell(word));
    if (begins) input.focus();
  }];
}
