// Large and calm, in the colours of the theme. Text is always the theme's text colour; tones only tint what is behind.
export const STYLE = `
  :host { display: block; height: 100%; color: var(--primary-text-color); }
  .parts { display: grid; gap: 12px; container-type: inline-size; }
  section, .pause { border-radius: var(--ha-card-border-radius, 12px); }
  .large :is(section, .pause) { border-radius: 28px; }
  section.situation, section.tonight { background: var(--card-background-color); border: 1px solid var(--divider-color); }
  p, h2, ul { margin: 0; padding: 0; }
  [hidden] { display: none !important; }
  .picture { flex: none; --mdc-icon-size: 1.25em; display: flex; }

  .situation { --tone: var(--success-color, #43a047); display: flex; align-items: center; gap: 16px; padding: 16px; }
  .situation[data-tone="seen"] { --tone: var(--info-color, #039be5); }
  .situation[data-tone="paused"] { --tone: var(--warning-color, #ffa600); }
  .situation[data-tone="wrong"] { --tone: var(--error-color, #db4437); }
  section.situation { background: color-mix(in srgb, var(--tone) 14%, var(--card-background-color)); border-color: color-mix(in srgb, var(--tone) 40%, transparent); }
  .situation .picture { border-radius: 50%; padding: .35em; background: color-mix(in srgb, var(--tone) 28%, var(--card-background-color)); font-size: 24px; }
  .sentence { font-size: 22px; font-weight: 500; line-height: 1.25; text-wrap: balance; }

  .sentence span { display: inline-block; }

  .pausing { container-type: inline-size; display: flex; flex-direction: column; }
  .pause { --tone: var(--primary-color, #009ac7); flex: 1; min-height: 96px; width: 100%; display: flex; align-items: center; justify-content: center;
    gap: .5em; padding: 20px; text-align: start; cursor: pointer; font: inherit; font-size: 24px; color: var(--primary-text-color);
    background: color-mix(in srgb, var(--tone) 14%, var(--card-background-color)); border: 3px solid var(--tone); }
  .pause.on { --tone: var(--warning-color, #ffa600); }
  .pause:hover { background: color-mix(in srgb, var(--tone) 20%, var(--card-background-color)); }
  .pause:active { background: color-mix(in srgb, var(--tone) 30%, var(--card-background-color)); }
  .pause:focus-visible { outline: 4px solid var(--primary-text-color); outline-offset: 4px; }
  .pause:disabled { opacity: .5; cursor: default; }
  .pause .picture { --mdc-icon-size: 1em; border-radius: 50%; padding: .3em; background: color-mix(in srgb, var(--tone) 28%, var(--card-background-color)); }
  .pause .words { display: flex; flex-direction: column; gap: .15em; }
  .pause .name { font-weight: 700; line-height: 1.1; }
  .pause .hint { font-size: 18px; line-height: 1.3; }
  .trouble:not(:empty) { margin-top: 12px; padding: 12px 16px; font-size: 22px; font-weight: 500; border-left: 6px solid var(--error-color, #db4437); }

  .tonight { padding: 16px; }
  .title { font-size: 20px; font-weight: 700; margin-bottom: 8px; }
  .looks { list-style: none; display: grid; gap: 12px; }
  .looks li { display: flex; gap: .6em; align-items: flex-start; font-size: 18px; line-height: 1.3; }
  .looks .words { display: flex; flex-direction: column; min-width: 0; overflow-wrap: anywhere; }
  .when { font-weight: 700; font-variant-numeric: tabular-nums; }
  .note { font-size: 18px; line-height: 1.35; }
  .looks:not([hidden]) + .note { margin-top: 12px; }

  .large { box-sizing: border-box; min-height: calc(100vh - var(--header-height, 56px)); min-height: calc(100dvh - var(--header-height, 56px)); padding: clamp(12px, 2vw, 24px);
    gap: clamp(12px, 2vw, 24px); grid-template-rows: auto minmax(160px, 1fr) auto; container-type: normal; }
  .large .situation { padding: clamp(18px, 3vw, 40px); gap: clamp(16px, 3vw, 36px); }
  .large .situation .picture { font-size: clamp(36px, 5vw, 64px); }
  .large .sentence { font-size: clamp(32px, 5vw, 60px); line-height: 1.15; }
  .large .pause { padding: clamp(18px, 3vw, 40px); font-size: clamp(36px, 11cqi, 84px); border-width: 4px; }
  .large .pause .hint { font-size: clamp(22px, 2.6vw, 32px); }
  .large .tonight { padding: clamp(18px, 3vw, 32px); }
  .large .title { font-size: clamp(28px, 3vw, 38px); margin-bottom: .5em; }
  .large .looks { gap: 1.1em; font-size: clamp(24px, 2.4vw, 30px); }
  .large .looks li { font-size: inherit; }
  .large .note { font-size: clamp(24px, 2.4vw, 30px); }
  @media (min-width: 900px) {
    .large { grid-template: auto 1fr / minmax(0, 1fr) minmax(300px, 32%); }
    .large .situation { grid-column: 1 / -1; }
  }
`;
