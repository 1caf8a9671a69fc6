// The dashboard for the homes that are there: a page for the client and one for relatives.
import { homesOf } from "./home.js";
import { languageOf, say } from "./words.js";

const CARD = "custom:trygghetskamera-card";

/** Three things over the whole screen; and in the morning one question. */
const CLIENT = { layout: "large", show: ["situation", "sleep", "pause", "tonight"] };
const RELATIVE = { layout: "columns", for: "relative", show: ["situation", ["problems", "tonight", "log"], ["pause", "rooms", "absences", "stop"]] };

const view = (home, path, title, icon, card) => ({ title, path, icon, type: "panel", cards: [{ type: CARD, home: home.device, ...card }] });

/** The whole dashboard. With several homes each has its own two pages, named after its device. */
export function dashboard(hass) {
  const word = (name) => say(languageOf(hass), name);
  const homes = homesOf(hass);
  const views = homes.flatMap((home, index) => {
    const device = hass.devices[home.device];
    const end = homes.length > 1 ? ` – ${device?.name_by_user ?? device?.name ?? index + 1}` : "";
    const tail = index ? `-${index + 1}` : "";
    return [
      view(home, `client${tail}`, word("client") + end, "mdi:home-heart", CLIENT),
      view(home, `relative${tail}`, word("relative") + end, "mdi:account-heart", RELATIVE),
    ];
  });
  const empty = { title: word("client"), path: "client", cards: [{ type: "markdown", content: word("empty") }] };
  return { title: "Trygghetskamera", views: views.length ? views : [empty] };
}
