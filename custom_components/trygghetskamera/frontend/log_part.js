// Who has looked, and all else that has happened: to read, search, print and take home.
import { button, field, keyed, make, section, write } from "./draw.js";
import { LINKS_FOR_MS, LONGEST_QUERY, MOST, PAGE, byDay, entriesOf, links } from "./log.js";
import { teller } from "./words.js";

const WAIT_MS = 400;

export function logPart() {
  const [part, title] = section("log");
  const [form, asksFor] = searchForm((text) => {
    query = text;
    limit = PAGE;
    load();
  });
  const [list, note] = [make("div", "days"), make("p", "note")];
  const more = button("quiet", "", () => {
    limit += PAGE * 2;
    load();
  });
  const [files, page, csv] = [make("p", "files"), make("a", "quiet"), make("a", "quiet")];
  page.target = csv.target = "_blank";
  page.rel = csv.rel = "noopener";
  csv.download = "";
  note.setAttribute("role", "status");
  files.append(page, csv);
  part.append(title, form, list, note, more, files);

  /** @type {any} */
  let now = {};
  let [query, limit] = ["", PAGE];
  let [shown, isMore, isThere, word, asked] = [[], false, true, null, 0];
  const drawDays = keyed(list, () => dayOf());

  const load = async () => {
    const { hass, home } = now;
    const mine = (asked += 1);
    try {
      const found = await entriesOf(hass, home, { query, limit });
      if (mine !== asked) return; // what was asked for later is what is wanted
      [shown, isMore] = [found.entries, found.more];
      word = shown.length ? null : query ? "log_none_found" : "log_none";
    } catch (error) {
      if (mine !== asked) return;
      isThere = error?.code !== "unknown_command"; // a home that has no log to read yet
      [shown, isMore, word] = [[], false, "log_failed"];
    }
    draw();
    sign().catch(() => {});
  };
  let [signedQuery, signedAt] = [null, 0];
  const sign = async () => {
    const { hass, home, at } = now;
    if (!home || (signedQuery === query && at - signedAt < LINKS_FOR_MS)) return;
    [signedQuery, signedAt] = [query, at];
    const { page: pageUrl, csv: csvUrl } = await links(hass, home, query);
    [page.href, csv.href] = [pageUrl, csvUrl];
    draw();
  };

  function draw() {
    const { hass, home, at } = now;
    const tell = teller(hass);
    part.hidden = !home || !isThere;
    write(title, tell("log"));
    asksFor(tell("log_search"));
    write(note, word ? tell(word) : "");
    note.hidden = !word;
    more.hidden = !isMore || limit >= MOST;
    files.hidden = word === "log_failed" || !page.href;
    for (const [element, name] of [[more, "log_more"], [page, "log_page"], [csv, "log_csv"]]) write(element, tell(name));
    drawDays(byDay(hass, shown, at));
  }
  let seen = null;
  let timer;
  return [part, (hass, home, at) => {
    now = { hass, home, at };
    const states = home ? Object.values(home.entities).map((id) => hass.states[id]) : [];
    const isNew = !seen || states.some((one, index) => one !== seen[index]);
    seen = states;
    if (home && isNew) {
      clearTimeout(timer);
      timer = setTimeout(load, word === null && !shown.length ? 0 : WAIT_MS);
    }
    draw();
    sign().catch(() => {});
  }];
}

function searchForm(search) {
  const form = make("form", "search");
  const [label, text, input] = field("input", "search");
  let timer;
  const go = () => {
    clearTimeout(timer);
    search(input.value.trim());
  };
  input.maxLength = LONGEST_QUERY;
  form.setAttribute("role", "search");
  form.append(label);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(go, WAIT_MS);
  });
  return [form, (name) => write(text, name)];
}

function dayOf() {
  const element = make("section", "day");
  const [heading, list] = [make("h3"), make("ol")];
  const draw = keyed(list, () => entryOf());
  element.append(heading, list);
  return [element, (day) => {
    write(heading, day.heading);
    draw(day.rows);
  }];
}

function entryOf() {
  const element = make("li");
  const [at, text] = [make("span", "at"), make("span", "what")];
  element.append(at, text);
  return [element, (row) => {
    write(at, row.at);
    write(text, row.text);
  }];
}
