import { css } from "../vendor/lit.js";

export const lookStyles = css`
  .look {
    display: grid;
    gap: 1rem;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem 1.5rem;
  }
  h1:focus {
    outline: none; /* told to screen readers when the view opens; nothing to press */
  }
  .frame {
    position: relative;
    overflow: hidden;
    border-radius: 1.25rem;
    background: #05080a;
    border: 1px solid var(--line);
    aspect-ratio: 16 / 9;
    width: min(100%, calc((100dvh - 18.5rem) * 16 / 9));
    min-width: min(100%, 30rem);
    margin-inline: auto;
  }
  .look:has(.rooms) .frame {
    width: min(100%, calc((100dvh - 22.75rem) * 16 / 9));
  }
  .frame.live {
    border-color: var(--accent);
  }
  .video,
  video {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
  }
  .curtain {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 1.125rem;
    padding: 1.5rem;
    text-align: center;
    color: #d7e1e8;
    font-size: clamp(1.0625rem, 0.9rem + 0.8vw, 1.375rem);
    background: radial-gradient(circle at 50% 40%, #14202a, #05080a 75%);
  }
  .pulse {
    width: 5rem;
    height: 5rem;
    display: grid;
    place-items: center;
    border-radius: 50%;
    background: #1a2a31;
    color: #74d6b8;
    animation: pulse 1.8s ease-in-out infinite;
  }
  .pulse svg {
    width: 2.25rem;
    height: 2.25rem;
  }
  @keyframes pulse {
    50% {
      box-shadow: 0 0 0 0.875rem #74d6b814;
    }
  }
  .controls {
    display: grid;
    grid-template-columns: auto 1fr auto;
    gap: 1rem;
    align-items: center;
  }
  .rooms {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1rem;
  }
  .rooms > div {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  .room {
    min-height: 3.25rem;
    text-align: left;
  }
  .room[aria-pressed="true"] {
    border-color: var(--accent);
    background: var(--accent-soft);
    color: var(--accent);
    cursor: default;
  }
  .room small {
    display: inline;
    margin-inline-start: 0.5rem;
  }
  .outcomes {
    display: grid;
    grid-template-columns: repeat(3, 1fr);
    gap: 0.75rem;
  }
  .outcome {
    min-height: 5rem;
    padding: 0.75rem 1.125rem;
    justify-content: start;
    text-align: left;
    font-size: 1.1875rem;
    border-radius: 1.125rem;
  }
  .outcome > span,
  .abort > span {
    flex: 1;
    display: grid;
    line-height: 1.25;
  }
  small {
    font-size: 0.875rem;
    font-weight: 450;
  }
  .outcome > svg {
    width: 1.75rem;
    height: 1.75rem;
  }
  .outcome.seen:enabled {
    background: var(--accent);
    color: var(--on-accent);
    border-color: transparent;
  }
  .outcome.not_seen:enabled {
    background: var(--warn-soft);
    color: var(--warn);
    border-color: var(--warn);
  }
  .outcome.needs_help:enabled {
    background: var(--danger-soft);
    color: var(--danger);
    border-color: var(--danger);
  }
  .abort {
    text-align: left;
    min-height: 5rem;
    max-width: 11.5rem;
  }
  .ring {
    position: relative;
    width: 6.5rem;
    height: 6.5rem;
    display: grid;
    place-content: center;
    text-align: center;
    line-height: 1.05;
    color: var(--accent);
  }
  .ring svg {
    position: absolute;
    inset: 0;
  }
  .ring circle {
    fill: none;
    stroke: var(--line);
    stroke-width: 7;
  }
  .ring .left {
    stroke: currentColor;
    stroke-linecap: round;
    transition: stroke-dashoffset 1s linear;
  }
  .ring.hurry {
    color: var(--warn);
  }
  .ring b {
    font-size: 2.125rem;
    font-weight: 650;
    color: var(--text);
  }
  .ring span {
    font-size: 0.75rem;
    width: 4.25rem;
  }
  .result {
    display: grid;
    justify-items: center;
    gap: 1.125rem;
    text-align: center;
    padding: clamp(2rem, 8vh, 5rem) 1.25rem;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: 1.25rem;
  }
  .result h2 {
    font-size: clamp(1.375rem, 1.1rem + 1.2vw, 1.875rem);
    letter-spacing: -0.015em;
  }
  .result ul {
    display: grid;
    gap: 0.375rem;
    max-width: 40rem;
    color: var(--muted);
  }
  .result li:first-child {
    color: var(--text);
  }
  .result .outcomes {
    width: min(52rem, 100%);
    margin-top: 0.5rem;
  }
  .mark {
    width: 5.5rem;
    height: 5.5rem;
    display: grid;
    place-items: center;
    border-radius: 50%;
    background: var(--accent-soft);
    color: var(--accent);
  }
  .mark svg {
    width: 2.5rem;
    height: 2.5rem;
  }
  .not_seen .mark {
    background: var(--warn-soft);
    color: var(--warn);
  }
  .needs_help .mark,
  .refused .mark {
    background: var(--danger-soft);
    color: var(--danger);
  }
  .onward {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 0.75rem;
    margin-top: 0.75rem;
  }
  .onward button {
    min-height: 3.5rem;
  }
  @media (max-width: 56rem) {
    .frame {
      width: 100%;
      min-width: 0;
    }
    .controls {
      grid-template-columns: auto 1fr;
    }
    .controls .outcomes {
      grid-column: 1 / -1;
      grid-row: 1;
    }
    .rooms {
      grid-row: 2;
    }
    .abort {
      justify-self: end;
    }
  }
  @media (max-width: 40rem) {
    .outcomes {
      grid-template-columns: 1fr;
      gap: 0.5rem;
    }
    .outcome {
      min-height: 4.25rem;
    }
    .ring {
      width: 5.5rem;
      height: 5.5rem;
    }
    .ring b {
      font-size: 1.625rem;
    }
  }
`;
