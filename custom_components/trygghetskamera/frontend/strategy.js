// The dashboard for the homes that are there: a page for the client and one for relatives, from Home Assistant's cards.
import { homesOf } from "./home.js";
import { languageOf, say } from "./words.js";

const CARD = "custom:trygghetskamera-card";
const WIDE = { columns: "full" };

const heading = (text, icon) => ({ type: "heading", heading: text, icon });
const tile = (entity, name, more = {}) => (entity ? [{ type: "tile", entity, name, grid_options: WIDE, ...more }] : []);
const card = (home, ...show) => ({ type: CARD, home: home.device, show, grid_options: WIDE });
const toggle = { features: [{ type: "toggle" }] };

/** Three things and nothing else, over the whole screen. */
function clientView(home, path, title) {
  return { title, path, icon: "mdi:home-heart", type: "panel", cards: [{ ...card(home, "situation", "pause", "tonight"), large: true }] };
}

function relativeView(home, path, title, word) {
  const { entities, cameras } = home;
  const looks = [entities["event.look"], ...cameras.map((one) => one["sensor.gate"])].filter(Boolean);
  const now = [
    heading(word("how_it_is"), "mdi:shield-moon"),
    { ...card(home, "situation"), for: "relative" },
    ...tile(entities["switch.pause"], word("pause"), toggle),
    ...cameras.flatMap((one) => tile(one["switch.privacy"], word("privacy"), toggle)),
  ];
  const looked = [
    heading(word("who_looked"), "mdi:eye-check-outline"),
    card(home, "tonight", "last"),
    heading(word("history"), "mdi:history"),
    { type: "logbook", target: { entity_id: looks }, hours_to_show: 24, grid_options: WIDE },
  ];
  const works = [
    heading(word("works"), "mdi:check-network-outline"),
    ...cameras.flatMap((one) => [
      ...tile(one["binary_sensor.problem"], word("problem"), { color: "red" }),
      ...tile(one["binary_sensor.connectivity"], word("connectivity"), { color: "green" }),
    ]),
    ...tile(entities["binary_sensor.link"], word("link"), { color: "green" }),
  ];
  const sections = [[...now, ...works], looked].map((cards) => ({ type: "grid", cards }));
  return { title, path, icon: "mdi:account-heart", type: "sections", max_columns: 2, sections };
}

/** The whole dashboard. With several homes each has its own two pages, named after its device. */
export function dashboard(hass) {
  const word = (name) => say(languageOf(hass), name);
  const homes = homesOf(hass);
  const views = homes.flatMap((home, index) => {
    const device = hass.devices[home.device];
    const end = homes.length > 1 ? ` – ${device?.name_by_user ?? device?.name ?? index + 1}` : "";
    const tail = index ? `-${index + 1}` : "";
    return [
      clientView(home, `client${tail}`, word("client") + end),
      relativeView(home, `relative${tail}`, word("relative") + end, word),
    ];
  });
  const empty = { title: word("client"), path: "client", cards: [{ type: "markdown", content: word("empty") }] };
  return { title: "Trygghetskamera", views: views.length ? views : [empty] };
}
