import { css } from "../vendor/lit.js";

export const planStyles = css`
  .page,
  .stack,
  section,
  form,
  fieldset.part {
    display: grid;
    gap: 1rem;
    min-width: 0;
  }
  .page {
    max-width: 60rem;
  }
  .homes {
    display: grid;
    gap: 0.5rem;
  }
  .homes a {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.375rem 1rem;
    min-height: 3.5rem;
    padding: 0.75rem 1.25rem;
    color: inherit;
    text-decoration: none;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: 1rem;
  }
  .homes a:hover {
    border-color: var(--edge);
  }
  .homes strong {
    overflow-wrap: anywhere;
  }
  .top,
  .acts,
  .choices {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.875rem;
  }
  .top {
    justify-content: space-between;
  }
  .notice.good {
    background: var(--accent-soft);
    color: var(--accent);
  }
  .steps {
    display: grid;
    gap: 0.625rem;
  }
  .steps li {
    display: flex;
    gap: 0.75rem;
    align-items: flex-start;
  }
  .steps svg {
    margin-top: 0.125rem;
    color: var(--accent);
  }
  .steps .later svg {
    color: var(--muted);
  }
  .steps .wrong svg {
    color: var(--danger);
  }
  .changes {
    display: grid;
    gap: 0.5rem;
  }
  .changes li {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0.375rem 1rem;
    padding-bottom: 0.5rem;
    border-bottom: 1px solid var(--line);
  }
  dl {
    display: grid;
    grid-template-columns: minmax(9rem, auto) 1fr;
    gap: 0.375rem 1.25rem;
  }
  dt {
    color: var(--muted);
  }
  dd {
    overflow-wrap: anywhere;
  }
  figure.night {
    margin: 0;
    display: grid;
    gap: 0.25rem;
  }
  figure.night svg {
    width: 100%;
    height: auto;
    min-width: 0;
  }
  figure.night text {
    fill: var(--muted);
    font-size: 14px;
  }
  figure.night text.name {
    fill: var(--text);
    font-weight: 600;
  }
  figure.night .tick {
    stroke: var(--line);
  }
  figure.night .ground {
    fill: var(--raised);
  }
  figure.night .look {
    fill: var(--accent);
    stroke: var(--accent);
    stroke-width: 2;
  }
  figure.night .look.quiet {
    fill: var(--edge);
    stroke: var(--edge);
  }
  figure.night .look.some {
    fill-opacity: 0.45;
    stroke-dasharray: 6 4;
  }
  @media (max-width: 40rem) {
    figure.night text {
      font-size: 25px;
    }
    dl {
      grid-template-columns: 1fr;
      gap: 0;
    }
    dd {
      margin-bottom: 0.5rem;
    }
  }
  fieldset {
    border: 0;
    margin: 0;
    padding: 0;
    min-width: 0;
  }
  legend {
    padding: 0;
    font-weight: 600;
    font-size: 0.9375rem;
    margin-bottom: 0.375rem;
  }
  fieldset.part > legend {
    font-size: 1.125rem;
    font-weight: 620;
  }
  .row {
    display: grid;
    gap: 0.75rem;
    padding: 1rem;
    border: 1px solid var(--line);
    border-radius: 1rem;
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr));
    gap: 1rem;
    align-items: start;
  }
  .times {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem 1rem;
    align-items: start;
  }
  .times .field {
    max-width: 12rem;
  }
  .times input {
    width: 8rem;
    display: block;
  }
  .times > .chip,
  .times > button {
    margin-top: 1.9rem;
  }
  .field > span {
    display: block;
    margin-top: 0.25rem;
  }
  .hint {
    font-weight: 400;
    color: var(--muted);
    font-size: 0.875rem;
  }
  .fault {
    color: var(--danger);
    font-weight: 600;
    font-size: 0.9375rem;
  }
  input[aria-invalid="true"],
  select[aria-invalid="true"] {
    border-color: var(--danger);
    border-width: 2px;
  }
  .ordered {
    display: grid;
    gap: 0.375rem;
  }
  .ordered li {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem;
    min-height: 2.75rem;
  }
  .ordered button {
    padding: 0.25rem 0.625rem;
  }
  .place {
    min-width: 1.25rem;
    font-variant-numeric: tabular-nums;
    color: var(--muted);
  }
  h1[tabindex]:focus {
    outline: none;
  }
`;
