// What the dashboard says, in Swedish and English. Anybody else reads English.

export const WORDS = {
  sv: {
    client: "Hemma",
    relative: "Anhörig",
    lost: "Skärmen har ingen kontakt med hemmet just nu.",
    unknown: "Det går inte att se hur det är just nu.",
    no_camera: "Ingen kamera är inkopplad. Ingen kan se dig.",
    fault: "Något är fel. Någon är på väg att få veta det.",
    unplugged: "Kameran svarar inte. Är sladden i?",
    open: "{who} tittar in nu.",
    opening: "Kameran vrider sig mot dig. {who} ska titta in.",
    closing: "Kameran vrider sig bort.",
    dark: "Kameran är utan ström. Ingen kan se dig.",
    relative_dark: "Kameran är utan ström. Ingen kan se in.",
    aiming: "Kameran ställs in just nu.",
    paused: "Paus. Ingen tittar in.",
    private: "Privat läge. Ingen tittar in.",
    closed: "Kameran tittar bort. Ingen kan se dig.",
    relative_no_camera: "Ingen kamera är inkopplad. Ingen kan se in.",
    relative_opening: "Kameran vrider sig. {who} ska titta in.",
    relative_closed: "Kameran tittar bort. Ingen kan se in.",
    somebody: "Någon",
    pause: "Paus",
    pause_start: "Tryck här om du vill vara ifred.",
    pause_on: "Paus är på",
    pause_end: "Tryck här när det får tittas in igen.",
    pause_failed: "Det gick inte att pausa. Försök igen.",
    resume_failed: "Det gick inte att avsluta pausen. Be den som sköter Home Assistant.",
    tonight: "I natt",
    between: "Mellan {start} och {until}",
    planned: "Titt-in",
    looked: "{who} tittade in i {seconds} sekunder",
    looked_one: "{who} tittade in i 1 sekund",
    saw_nothing: "{who} skulle titta in men fick ingen bild",
    none: "Ingen titt-in är planerad.",
    no_more: "Ingen mer titt-in i natt.",
    none_paused: "Ingen titt-in så länge det är paus.",
    how_it_is: "Just nu",
    who_looked: "Vem har tittat?",
    works: "Fungerar allt?",
    history: "Händelser",
    problem: "Fel på kameran",
    connectivity: "Kontakt med kameran",
    link: "Kontakt med tillsynscentralen",
    last: "Senaste titt-in",
    never: "Ingen har tittat in än.",
    privacy: "Privat läge",
    empty: "Ingen Trygghetskamera är tillagd än. Lägg till den under Inställningar, Enheter och tjänster.",
    strategy: "Trygghetskamera: en sida för den som bor hemma och en för anhöriga",
  },
  en: {
    client: "Home",
    relative: "Relative",
    lost: "This screen has lost contact with the home.",
    unknown: "It is not possible to see how things are right now.",
    no_camera: "No camera is connected. Nobody can see you.",
    fault: "Something is wrong. Somebody is about to be told.",
    unplugged: "The camera does not answer. Is it plugged in?",
    open: "{who} is looking in now.",
    opening: "The camera is turning towards you. {who} is about to look in.",
    closing: "The camera is turning away.",
    dark: "The camera has no power. Nobody can see you.",
    relative_dark: "The camera has no power. Nobody can look in.",
    aiming: "The camera is being set up right now.",
    paused: "Pause. Nobody looks in.",
    private: "Privacy. Nobody looks in.",
    closed: "The camera looks away. Nobody can see you.",
    relative_no_camera: "No camera is connected. Nobody can look in.",
    relative_opening: "The camera is turning. {who} is about to look in.",
    relative_closed: "The camera looks away. Nobody can look in.",
    somebody: "Somebody",
    pause: "Pause",
    pause_start: "Press here to be left alone.",
    pause_on: "Pause is on",
    pause_end: "Press here to allow looks again.",
    pause_failed: "It was not possible to pause. Try again.",
    resume_failed: "It was not possible to end the pause. Ask whoever looks after Home Assistant.",
    tonight: "Tonight",
    between: "Between {start} and {until}",
    planned: "Look",
    looked: "{who} looked in for {seconds} seconds",
    looked_one: "{who} looked in for 1 second",
    saw_nothing: "{who} tried to look in and saw no picture",
    none: "No look is planned.",
    no_more: "No more looks tonight.",
    none_paused: "No looks while pause is on.",
    how_it_is: "Right now",
    who_looked: "Who has looked?",
    works: "Does everything work?",
    history: "Events",
    problem: "Camera problem",
    connectivity: "Contact with the camera",
    link: "Contact with the operator service",
    last: "Last look",
    never: "Nobody has looked in yet.",
    privacy: "Privacy",
    empty: "No Trygghetskamera has been added yet. Add it under Settings, Devices & services.",
    strategy: "Trygghetskamera: a page for the client and one for relatives",
  },
};

/** The user's language, if it is one of ours: "sv" or "en". */
export function languageOf(hass) {
  const wanted = hass?.locale?.language ?? hass?.language ?? "en";
  return /^sv\b/.test(wanted) ? "sv" : "en";
}

/** A text with its {parts} filled in. */
export function say(language, word, parts = {}) {
  return WORDS[language][word].replace(/\{([a-z]+)\}/g, (_, name) => String(parts[name]));
}

/** A moment as the clock at home shows it, the way the user has chosen to read clocks; `more`: what else than the clock. */
export function clock(hass, moment, more = {}) {
  const format = hass.locale?.time_format;
  const hour12 = format === "12" ? true : format === "24" ? false : undefined;
  const language = format === "language" || !format ? (languageOf(hass) === "sv" ? "sv-SE" : hass.locale?.language ?? "en") : languageOf(hass);
  const options = { ...more, hour: "2-digit", minute: "2-digit", hour12, timeZone: hass.config?.time_zone };
  return new Intl.DateTimeFormat(language, options).format(new Date(moment));
}
