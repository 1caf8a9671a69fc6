import { css } from "../vendor/lit.js";

export const pairStyles = css`
  .stage {
    display: grid;
    gap: 1.125rem;
    justify-items: start;
  }
  h2[tabindex]:focus {
    outline: none;
  }
  .top {
    display: flex;
    align-items: center;
    gap: 0.875rem;
  }
  .top h2 {
    font-size: clamp(1.25rem, 1rem + 1vw, 1.625rem);
  }
  .top svg.icon {
    width: 2.25rem;
    height: 2.25rem;
    color: var(--accent);
  }
  .bad .top svg.icon {
    color: var(--danger);
  }
  form,
  label.wide,
  .wide {
    width: 100%;
  }
  .address {
    font: 600 1rem/1.4 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace;
    overflow-wrap: anywhere;
  }
  .codes {
    display: grid;
    gap: 1.25rem;
    width: 100%;
  }
  @media (min-width: 56rem) {
    .codes {
      grid-template-columns: minmax(20rem, 27rem) 1fr;
      align-items: start;
    }
  }
  /* White around and between the squares in every theme, or no camera reads it (ISO/IEC 18004: four squares of quiet). */
  .qr {
    display: block;
    width: min(27rem, 100%);
    background: #fff;
    border-radius: 0.5rem;
    forced-color-adjust: none;
  }
  .text {
    min-height: 9rem;
    font: 500 0.9375rem/1.5 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace;
    overflow-wrap: anywhere;
    resize: vertical;
  }
  .life {
    display: grid;
    gap: 0.375rem;
    width: 100%;
  }
  progress {
    appearance: none;
    width: 100%;
    height: 0.75rem;
    border: 1px solid var(--edge);
    border-radius: 99px;
    background: var(--ground);
    overflow: hidden;
  }
  progress::-webkit-progress-bar {
    background: var(--ground);
  }
  progress::-webkit-progress-value {
    background: var(--accent);
  }
  progress::-moz-progress-bar {
    background: var(--accent);
  }
  ol.five {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr));
    gap: 0.75rem;
    width: 100%;
  }
  ol.five li {
    display: grid;
    gap: 0.125rem;
    padding: 0.875rem 1.125rem;
    background: var(--ground);
    border: 1px solid var(--line);
    border-radius: 0.875rem;
  }
  ol.five b {
    font-size: clamp(1.5rem, 1.1rem + 1.6vw, 2.125rem);
    line-height: 1.2;
    overflow-wrap: anywhere;
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    gap: 0.875rem;
  }
  .acts.large button {
    min-height: 3.5rem;
    font-size: 1.125rem;
    padding: 0.625rem 1.5rem;
  }
  ol.steps {
    display: grid;
    gap: 0.5rem;
    list-style: decimal;
    padding-left: 1.5rem;
  }
  .breathe {
    animation: breathe 2.4s ease-in-out infinite;
  }
  @keyframes breathe {
    50% {
      opacity: 0.45;
    }
  }
`;
