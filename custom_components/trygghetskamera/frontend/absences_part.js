// Absences: a list, and a form to add one.
import { KINDS, absencesOf, canAdd, canRemove, fault, span } from "./absences.js";
import { act } from "./ask.js";
import { attempt, button, field, icon, keyed, make, section, troubleLine, write } from "./draw.js";
import { read } from "./home.js";
import { teller } from "./words.js";

export function absencesPart() {
  const [part, title] = section("absences");
  const [help, list, trouble] = [make("p", "note"), make("ul", "lines"), troubleLine()];
  let now = {};
  let rows = [];
  const load = async () => {
    rows = await absencesOf(now.hass, now.home, now.at);
    draw();
  };
  const changed = async (action, data, word) => {
    const failed = await attempt(trouble, () => act(now.hass, now.home, action, data, word));
    if (!failed) await load().catch(() => {});
    return !failed;
  };
  const drawRows = keyed(list, ({ id }) => absenceRow(() => changed("remove_absence", { absence: id }, "absence_kept")));
  const [form, drawForm] = absenceForm((data) => changed("add_absence", data, "absence_failed"));
  part.append(title, help, list, form, trouble);

  function draw() {
    const { hass, home, at } = now;
    const tell = teller(hass);
    part.hidden = !read(hass, home, "calendar.absences");
    write(title, tell("absences"));
    write(help, tell(rows.length ? "absences_help" : "absences_none"));
    list.hidden = !rows.length;
    drawRows(rows, (row) => span(hass, row, at), tell, canRemove(hass));
    drawForm(hass, tell);
  }
  let seen;
  return [part, (hass, home, at) => {
    now = { hass, home, at };
    // The calendar shows only the next absence, so it is read again with everything else that is heard of the home.
    const states = [read(hass, home, "calendar.absences"), read(hass, home, "switch.pause"), read(hass, home, "event.look")];
    if (!seen || states.some((one, index) => one !== seen[index])) load().catch(() => {});
    seen = states;
    draw();
  }];
}

function absenceRow(press) {
  const element = make("li");
  const [words, what, times] = [make("span", "words"), make("span", "when"), make("span", "what")];
  const remove = button("small", "", press);
  words.append(what, times);
  element.append(icon("mdi:calendar-remove-outline"), words, remove);
  return [element, (row, spanOf, tell, isPossible) => {
    write(what, row.summary);
    write(times, spanOf(row));
    remove.hidden = !isPossible;
    write(remove, tell("absence_remove"));
    remove.setAttribute("aria-label", tell("absence_remove_this", { what: `${row.summary}, ${spanOf(row)}` }));
  }];
}

function absenceForm(add) {
  const part = make("details", "other");
  const [summary, form, trouble] = [make("summary"), make("form"), troubleLine()];
  const fields = [field("select"), field("input", "datetime-local"), field("input", "datetime-local")];
  const [[, , kind], [, , start], [, , end]] = fields;
  const submit = make("button", "choice yes");
  /** @type {any} */
  let told;
  for (const input of [kind, start, end]) input.required = true;
  const options = KINDS.map((one) => {
    const option = make("option");
    option.value = one;
    return option;
  });
  kind.append(...options);
  form.append(...fields.map(([label]) => label), trouble, submit);
  part.append(summary, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = { kind: kind.value, start: start.value, end: end.value };
    const wrong = fault(data);
    write(trouble, wrong && told(wrong));
    if (wrong) return end.focus();
    if (!(await add(data))) return;
    form.reset();
    part.open = false;
    summary.focus();
  });
  return [part, (hass, tell) => {
    told = tell;
    part.hidden = !canAdd(hass);
    write(summary, tell("absence_add"));
    ["absence_kind", "absence_start", "absence_end"].forEach((word, index) => write(fields[index][1], tell(word)));
    options.forEach((option) => write(option, tell(`absence_${option.value}`)));
    write(submit, tell("absence_save"));
  }];
}
