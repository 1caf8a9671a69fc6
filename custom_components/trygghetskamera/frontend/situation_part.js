// How it is, in one sentence.
import { TONE_ICONS, icon, make } from "./draw.js";
import { situation } from "./home.js";

export function situationPart(config) {
  const part = make("section", "situation");
  const sentence = make("p", "sentence");
  sentence.setAttribute("role", "status");
  const picture = icon(TONE_ICONS.wrong);
  part.append(picture, sentence);
  return [part, (hass, home) => {
    const { tone, text } = situation(hass, home, config.for);
    part.dataset.tone = tone;
    picture.setAttribute("icon", TONE_ICONS[tone]);
    if (sentence.textContent === text) return;
    // Each sentence stays on a line of its own where there is room.
    const sentences = text.split(/(?<=[.?]) /).map((one) => make("span", "", one));
    sentence.replaceChildren(...sentences.flatMap((one, index) => (index ? [" ", one] : [one])));
  }];
}
