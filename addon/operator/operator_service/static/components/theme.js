// What the components share: the look of buttons, chips, cards and headings. Colours come from app.css.
import { css } from "../vendor/lit.js";

export const shared = css`
  :host {
    display: block;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: clamp(1.5rem, 1.1rem + 1.6vw, 2.125rem);
    line-height: 1.15;
    letter-spacing: -0.02em;
    font-weight: 650;
    text-wrap: balance;
  }
  h2 {
    font-size: 1.125rem;
    line-height: 1.3;
    font-weight: 620;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
    border-radius: 0.5rem;
  }
  :focus:not(:focus-visible) {
    outline: none;
  }
  .muted {
    color: var(--muted);
  }
  .small {
    font-size: 0.9375rem;
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .card {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: 1.25rem;
    padding: clamp(1rem, 0.6rem + 1.6vw, 1.75rem);
  }
  button,
  .button {
    font: inherit;
    font-weight: 600;
    color: var(--text);
    background: var(--raised);
    border: 1px solid var(--line);
    border-radius: 0.875rem;
    min-height: 2.75rem;
    min-width: 2.75rem;
    padding: 0.5rem 1.125rem;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.625rem;
    text-decoration: none;
    cursor: pointer;
    transition: background-color 120ms, border-color 120ms, transform 80ms;
  }
  button:hover:not(:disabled) {
    border-color: var(--edge);
  }
  button:active:not(:disabled) {
    transform: scale(0.985);
  }
  button:disabled {
    cursor: default;
    color: var(--muted);
    background: transparent;
  }
  button.primary {
    background: var(--accent);
    color: var(--on-accent);
    border-color: transparent;
  }
  button.primary:hover:not(:disabled) {
    background: var(--accent-strong);
  }
  button.primary:disabled {
    background: var(--raised);
    color: var(--muted);
  }
  button.quiet {
    background: transparent;
    border-color: transparent;
    font-weight: 550;
  }
  button.quiet:hover:not(:disabled) {
    background: var(--raised);
  }
  kbd {
    font: 600 0.8125rem/1 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace;
    color: inherit;
    border: 1px solid currentColor;
    border-radius: 0.375rem;
    padding: 0.25rem 0.4375rem;
    min-width: 1.5rem;
    text-align: center;
  }
  @media (max-width: 40rem) {
    kbd {
      display: none;
    }
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 0.4375rem;
    font-size: 0.875rem;
    line-height: 1.2;
    font-weight: 600;
    white-space: nowrap;
    padding: 0.3125rem 0.6875rem;
    border-radius: 99px;
    background: var(--raised);
    color: var(--muted);
  }
  .chip.good {
    background: var(--accent-soft);
    color: var(--accent);
  }
  .chip.warn {
    background: var(--warn-soft);
    color: var(--warn);
  }
  .chip.bad {
    background: var(--danger-soft);
    color: var(--danger);
  }
  .chip.info {
    background: var(--info-soft);
    color: var(--info);
  }
  .notice {
    display: flex;
    gap: 0.75rem;
    align-items: flex-start;
    padding: 0.875rem 1.125rem;
    border-radius: 0.875rem;
    background: var(--warn-soft);
    color: var(--warn);
  }
  .notice.bad {
    background: var(--danger-soft);
    color: var(--danger);
  }
  .notice svg {
    flex: none;
    margin-top: 0.125rem;
  }
  svg.icon {
    width: 1.25em;
    height: 1.25em;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.9;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  label {
    display: block;
    font-weight: 600;
    font-size: 0.9375rem;
  }
  input,
  select,
  textarea {
    font: inherit;
    font-weight: 400;
    color: var(--text);
    background: var(--ground);
    border: 1px solid var(--edge);
    border-radius: 0.75rem;
    min-height: 2.75rem;
    padding: 0.5rem 0.875rem;
    width: 100%;
    margin-top: 0.375rem;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
