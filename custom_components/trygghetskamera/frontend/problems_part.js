// What a person should see to, in plain words.
import { icon, keyed, make, section, write } from "./draw.js";
import { issuesOf, problems } from "./problems.js";
import { teller } from "./words.js";

const CHANGED = "repairs_issue_registry_updated";

export function problemsPart() {
  const [part, title] = section("problems");
  const [list, well] = [make("ul", "lines"), make("p", "note well")];
  const [tick, words] = [icon("mdi:check-circle-outline"), make("span")];
  let [now, issues, language] = [null, null, null];
  const drawRows = keyed(list, () => problemRow());
  well.append(tick, words);
  part.append(title, list, well);

  const draw = () => {
    const { hass, home } = now;
    const tell = teller(hass);
    const rows = problems(hass, home, issues ?? []);
    write(title, tell("problems"));
    write(words, tell("all_well"));
    list.hidden = !rows.length;
    well.hidden = rows.length > 0 || issues === null;
    drawRows(rows, tell);
  };
  const load = async () => {
    issues = await issuesOf(now.hass);
    draw();
  };
  const update = (hass, home) => {
    now = { hass, home };
    // What is loaded comes with the next `hass`, and the card is then drawn again.
    if (language !== hass.language) hass.loadBackendTranslation("issues", "trygghetskamera").catch(() => {});
    language = hass.language;
    draw();
  };
  return [part, update, () => {
    const stop = now.hass.connection.subscribeEvents(() => load().catch(() => {}), CHANGED);
    load().catch(() => {});
    return () => stop.then((end) => end()).catch(() => {});
  }];
}

function problemRow() {
  const element = make("li");
  const [words, title, text, link] = [make("span", "words"), make("span", "when"), make("span", "what"), make("a", "small")];
  const picture = icon("mdi:alert-circle-outline");
  words.append(title, text);
  element.append(picture, words, link);
  return [element, (row, tell) => {
    element.dataset.grave = row.isGrave;
    write(title, row.title);
    write(text, row.text);
    text.hidden = !row.text;
    link.hidden = !row.link;
    if (!row.link) return;
    link.href = row.link;
    write(link, tell("answer_it"));
    link.setAttribute("aria-label", `${tell("answer_it")}: ${row.title}`);
  }];
}
