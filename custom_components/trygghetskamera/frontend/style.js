// Large and calm, in the colours of the theme. Text is always the theme's text colour; tones only tint what is behind.
const BASE = `
  :host { display: block; height: 100%; color: var(--primary-text-color); container-type: inline-size; }
  .parts { --size: 18px; display: grid; gap: 12px; font-size: var(--size); line-height: 1.35; }
  .parts, .parts * { box-sizing: border-box; }
  p, h2, h3, ul, ol { margin: 0; padding: 0; }
  ul, ol { list-style: none; }
  [hidden] { display: none !important; }
  section, .pause { border-radius: 12px; }
  .parts > section, .column > section { background: var(--card-background-color); border: 1px solid var(--divider-color); padding: 16px; }
  .parts > .pausing, .column > .pausing { background: none; border: 0; padding: 0; }
  .picture { flex: none; --mdc-icon-size: 1.25em; display: flex; }
  .title { font-size: 1.15em; font-weight: 700; line-height: 1.25; margin-bottom: .4em; }
  .words { display: flex; flex-direction: column; flex: 1; min-width: 0; overflow-wrap: anywhere; }
  .when { font-weight: 700; font-variant-numeric: tabular-nums; }
  .trouble:not(:empty), .said:not(:empty) { margin-top: 12px; padding: 12px 16px; font-weight: 500; border-inline-start: 6px solid var(--error-color, #db4437); }
  :is(.trouble, .said):empty { position: absolute; }
  .said:not(:empty) { border-color: var(--success-color, #43a047); }
`;

// Whatever is pressed is at least 48 px high, says what it does, and shows where the keyboard is.
const CONTROLS = `
  button, .small, .quiet, summary, input, select, textarea { font: inherit; color: inherit; }
  button, summary, a { cursor: pointer; }
  button:disabled { opacity: .5; cursor: default; }
  :is(button, a, summary, input, select, textarea, .buttons, .trouble):focus-visible { outline: 4px solid var(--primary-text-color); outline-offset: 3px; }
  .choice, .answer, .small, .quiet { --tone: var(--primary-color, #009ac7); min-height: 48px; padding: .35em .9em; border-radius: 14px; display: inline-flex;
    align-items: center; justify-content: center; text-align: center; text-decoration: none; font-weight: 500; border: 2px solid var(--tone);
    background: color-mix(in srgb, var(--tone) 10%, var(--card-background-color)); }
  .quiet, .small { --tone: color-mix(in srgb, var(--primary-text-color) 55%, var(--card-background-color)); background: none; }
  .yes { background: color-mix(in srgb, var(--tone) 28%, var(--card-background-color)); }
  :is(.choice, .answer, .small, .quiet):hover { background: color-mix(in srgb, var(--tone) 20%, var(--card-background-color)); }
  .small { flex: none; }
  .buttons { display: flex; flex-wrap: wrap; gap: 12px; }
  .field { display: grid; gap: .25em; }
  input, select, textarea { width: 100%; min-width: 0; min-height: 48px; padding: .4em .6em; border-radius: 10px; background: var(--card-background-color);
    border: 2px solid color-mix(in srgb, var(--primary-text-color) 55%, var(--card-background-color)); color-scheme: inherit; }
  form, .field { grid-template-columns: minmax(0, 1fr); }
  form { display: grid; gap: 12px; }
  summary { min-height: 48px; display: flex; align-items: center; gap: .4em; font-weight: 500; border-radius: 8px; }
  summary::before { content: "+"; font-size: 1.4em; line-height: 1; width: 1em; text-align: center; }
  [open] > summary::before { content: "–"; }
  details form { padding-top: 8px; }
  @media (prefers-reduced-motion: no-preference) { button, .small, .quiet { transition: background-color .15s; } }
`;

const PARTS = `
  .parts > .situation { --tone: var(--success-color, #43a047); display: flex; align-items: center; gap: 16px;
    background: color-mix(in srgb, var(--tone) 14%, var(--card-background-color)); border-color: color-mix(in srgb, var(--tone) 40%, transparent); }
  .parts > .situation[data-tone="seen"] { --tone: var(--info-color, #039be5); }
  .parts > .situation[data-tone="paused"] { --tone: var(--warning-color, #ffa600); }
  .parts > .situation[data-tone="wrong"] { --tone: var(--error-color, #db4437); }
  .situation .picture { border-radius: 50%; padding: .35em; background: color-mix(in srgb, var(--tone) 28%, var(--card-background-color)); font-size: 24px; }
  .sentence { font-size: 22px; font-weight: 500; line-height: 1.25; text-wrap: balance; }
  .sentence span { display: inline-block; }

  .pausing { display: flex; flex-direction: column; container-type: inline-size; }
  .pause { --tone: var(--primary-color, #009ac7); flex: 1; min-height: 96px; width: 100%; display: flex; align-items: center; justify-content: center;
    gap: .5em; padding: 16px; text-align: start; font-size: 28px; border: 3px solid var(--tone); background: color-mix(in srgb, var(--tone) 14%, var(--card-background-color)); }
  .pause.on { --tone: var(--warning-color, #ffa600); }
  .pause:hover { background: color-mix(in srgb, var(--tone) 20%, var(--card-background-color)); }
  .pause:active { background: color-mix(in srgb, var(--tone) 30%, var(--card-background-color)); }
  .pause .picture { --mdc-icon-size: 1em; border-radius: 50%; padding: .3em; background: color-mix(in srgb, var(--tone) 28%, var(--card-background-color)); }
  .pause .words { flex: 0 1 auto; gap: .15em; }
  .pause .name { font-weight: 700; line-height: 1.1; text-wrap: balance; }
  .pause .hint { font-size: var(--size); line-height: 1.3; }
  .choices { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin-top: 12px; }
  .choices .buttons { flex: 1 1 auto; }
  .choices .choice { flex: 1 1 auto; }

  .tonight, .problems, .rooms, .absences { container-type: inline-size; }
  .looks, .lines { display: grid; gap: .8em; }
  .looks li, .lines li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .4em .6em; align-items: start; }
  :is(.looks, .lines) .words { grid-column: 2; }
  :is(.looks, .lines) .small { grid-column: 2; justify-self: start; }
  @container (min-width: 26em) {
    .looks li, .lines li { grid-template-columns: auto minmax(0, 1fr) auto; align-items: center; }
    :is(.looks, .lines) .small { grid-column: 3; }
  }
  .looks li[data-mark="skipped"] .when, .looks li[data-mark="paused"] .when { font-weight: 400; text-decoration: line-through; }
  .looks:not([hidden]) + .note { margin-top: 12px; }
  .visit { margin-top: 1em; }
  .stop .asks { margin-top: 12px; }
  .sure { display: grid; gap: 12px; }
  .question { font-weight: 700; }
  .answers { display: grid; gap: 10px; }
  .answer { padding-inline: .4em; }
  .sleep .said:not(:empty) { margin: 0 0 12px; }

  .well { display: flex; gap: .5em; align-items: center; }
  .well .picture { color: var(--success-color, #43a047); }
  .problems li { padding-inline-start: 10px; border-inline-start: 6px solid var(--warning-color, #ffa600); }
  .problems li[data-grave="true"] { border-color: var(--error-color, #db4437); }
  .what { white-space: pre-line; }
  .days { display: grid; gap: 1em; margin-top: 12px; }
  .day h3 { font-size: 1em; font-weight: 700; margin-bottom: .3em; }
  .day ol { display: grid; gap: .5em; }
  .day li { display: flex; gap: .8em; border-top: 1px solid var(--divider-color); padding-top: .5em; }
  .day .at { flex: none; min-width: 3.2em; font-weight: 700; font-variant-numeric: tabular-nums; }
  .log .note, .absences .lines, .absences .other { margin-top: 8px; }
  .log > .quiet { margin-top: 12px; width: 100%; }
  .files { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 12px; }
  .column { display: grid; gap: 12px; align-content: start; min-width: 0; }
`;

const LAYOUTS = `
  .large, .columns { --header: var(--header-height, 56px); padding: clamp(12px, 2cqi, 24px); gap: clamp(12px, 2cqi, 24px); }
  .large { --size: clamp(22px, 2.7cqi, 30px); min-height: calc(100vh - var(--header)); min-height: calc(100dvh - var(--header)); grid-template-rows: auto 1fr auto; }
  .large > section, .large .pause { border-radius: 28px; }
  .large > section { padding: clamp(18px, 3cqi, 32px); }
  .large .situation { gap: clamp(16px, 3cqi, 36px); }
  .large .situation .picture { font-size: clamp(32px, 5cqi, 64px); }
  .large .sentence { font-size: clamp(31px, 5.4cqi, 60px); line-height: 1.15; }
  .large .pause { min-height: 150px; max-height: 520px; padding: 18px; font-size: clamp(36px, 10cqi, 76px); border-width: 4px; }
  .large .choice, .large .quiet, .large .answer { min-height: 64px; }
  .large .title { font-size: 1.25em; }
  .large:has(> .sleep:not([hidden])) { grid-template-rows: auto auto 1fr auto; }
  @container (min-width: 700px) {
    .answers { grid-template-columns: repeat(5, 1fr); }
    .large { grid-template: auto 1fr / minmax(0, 1fr) minmax(270px, 38%); }
    .large:has(> .sleep:not([hidden])) { grid-template-rows: auto auto 1fr; }
    .large > .situation, .large > .sleep { grid-column: 1 / -1; }
    .columns { grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); align-items: start; }
    .columns > section { grid-column: 1 / -1; }
  }
`;

export const STYLE = BASE + CONTROLS + PARTS + LAYOUTS;
