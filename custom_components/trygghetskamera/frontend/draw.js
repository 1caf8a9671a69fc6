// Elements. Every text is set as text; nothing becomes markup.

/** A picture for how it is, by its tone. */
export const TONE_ICONS = { calm: "mdi:eye-off-outline", seen: "mdi:eye-outline", paused: "mdi:pause", wrong: "mdi:alert-outline" };

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function icon(name, className = "picture") {
  const element = make("ha-icon", className);
  element.setAttribute("icon", name);
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** Changes a text only where it differs: what is read aloud is read once. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function button(className, text, press) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}

/** Where it is said that something went wrong; read aloud at once. */
export function troubleLine() {
  const element = make("p", "trouble");
  element.setAttribute("role", "alert");
  return element;
}

/**
 * Does something that gives "" or why it was not done, and says that in the line for trouble. What was begun before and
 * ends later takes nothing of it away.
 */
export async function attempt(trouble, doing) {
  write(trouble, "");
  const failed = await doing();
  if (failed) write(trouble, failed);
  return failed;
}

/** A part of the card with a heading. */
export function section(className) {
  const part = make("section", className);
  const title = make("h2", "title");
  part.append(title);
  return [part, title];
}

let questions = 0;

/**
 * A button that asks whether it was meant before `press` is called. `draw(ask, question, yes, no)` writes the texts.
 */
export function sureButton(press) {
  const part = make("div", "asks");
  const [sure, question, buttons] = [make("div", "sure"), make("p", "question"), make("div", "buttons")];
  const show = (asks) => {
    sure.hidden = !asks;
    ask.hidden = asks;
    (asks ? no : ask).focus();
  };
  const ask = button("quiet", "", () => show(true));
  const yes = button("choice yes", "", () => {
    show(false);
    press();
  });
  const no = button("choice", "", () => show(false));
  question.id = `sure-${(questions += 1)}`;
  sure.hidden = true;
  sure.setAttribute("role", "group");
  sure.setAttribute("aria-labelledby", question.id);
  buttons.append(yes, no);
  sure.append(question, buttons);
  part.append(ask, sure);
  return [part, (...texts) => [ask, question, yes, no].forEach((element, index) => write(element, texts[index]))];
}

/** A field with its label. Gives both and the label's text, to be written in the reader's language. */
export function field(tag, type) {
  const [label, text, input] = [make("label", "field"), make("span"), make(tag)];
  if (type) input.type = type;
  label.append(text, input);
  return [label, text, input];
}

/**
 * Keeps a list's children in step with rows that have an `id`. `build(row)` gives an element and what draws a row in
 * it; elements are kept, so that what has the focus keeps it.
 */
export function keyed(list, build) {
  let kept = new Map();
  // Without bullets some screen readers no longer take it for a list.
  if (["UL", "OL"].includes(list.tagName)) list.setAttribute("role", "list");
  return (rows, ...more) => {
    const next = new Map(rows.map((row) => [row.id, kept.get(row.id) ?? build(row)]));
    for (const [id, [element]] of kept) if (!next.has(id)) element.remove();
    rows.forEach((row, index) => {
      const [element, draw] = next.get(row.id);
      if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
      draw(row, ...more);
    });
    kept = next;
  };
}
