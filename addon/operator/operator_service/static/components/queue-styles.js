import { css } from "../vendor/lit.js";

export const queueStyles = css`
  .page {
    display: grid;
    gap: 1.25rem;
  }
  .next {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 1.5rem;
    align-items: center;
    background: linear-gradient(120deg, var(--accent-soft), var(--surface) 65%);
  }
  .over {
    color: var(--accent);
    font-weight: 650;
    font-size: 0.9375rem;
    letter-spacing: 0.02em;
  }
  .who {
    font-size: clamp(1.625rem, 1rem + 3vw, 2.75rem);
    line-height: 1.12;
    letter-spacing: -0.025em;
    font-weight: 660;
    overflow-wrap: anywhere;
  }
  .facts,
  .chips,
  .acts {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
  }
  .facts {
    margin: 0.75rem 0 0.5rem;
  }
  .small {
    min-height: 1.5em;
  }
  .go {
    min-height: 4.5rem;
    padding: 0.75rem 1.75rem;
    font-size: 1.3125rem;
    border-radius: 1.25rem;
  }
  section > h2 {
    margin: 0.5rem 0 0.75rem;
  }
  .rows {
    display: grid;
    grid-template-columns: minmax(10rem, 1.2fr) minmax(12rem, 1.4fr) minmax(7rem, auto) auto;
    gap: 0.5rem 1rem;
  }
  .row {
    display: grid;
    grid-column: 1 / -1;
    grid-template-columns: subgrid;
    row-gap: 0.5rem;
    align-items: center;
    min-height: 4rem;
    padding: 0.5rem 0.75rem 0.5rem 1.25rem;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: 1rem;
  }
  .row.red {
    border-color: var(--danger);
  }
  .name {
    display: grid;
  }
  .name b {
    font-weight: 620;
    overflow-wrap: anywhere;
  }
  .acts {
    justify-content: end;
  }
  @media (max-width: 56rem) {
    .rows {
      grid-template-columns: 1fr auto;
    }
    .row {
      padding: 0.875rem 1rem;
    }
    .chips,
    .acts {
      grid-column: 1 / -1;
      justify-content: start;
    }
    .chips {
      order: 3;
    }
    .acts {
      order: 4;
    }
    .acts:empty,
    .acts:not(:has(button)) {
      display: none;
    }
    .time {
      text-align: right;
    }
  }
  @media (max-width: 40rem) {
    .next {
      grid-template-columns: 1fr;
    }
    .go {
      width: 100%;
    }
    .acts button {
      flex: 1;
    }
  }
`;
