import { css } from "../vendor/lit.js";

export const peopleStyles = css`
  .page,
  ul.list,
  section {
    display: grid;
    gap: 1rem;
  }
  .person,
  form {
    display: grid;
    gap: 0.875rem;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: space-between;
    gap: 0.25rem 1rem;
  }
  .keys {
    display: grid;
    gap: 0.75rem;
  }
  .key {
    display: grid;
    gap: 0.75rem;
    padding-top: 0.75rem;
    border-top: 1px solid var(--line);
  }
  .facts,
  .acts,
  .choices {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.875rem;
  }
  .code {
    font: 600 1.0625rem/1.4 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace;
    overflow-wrap: anywhere;
  }
  .waits .code {
    font-size: clamp(1.125rem, 0.8rem + 1.2vw, 1.5rem);
    background: var(--ground);
    border: 1px solid var(--line);
    border-radius: 0.75rem;
    padding: 0.625rem 1rem;
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
  .short {
    display: block;
    max-width: 9rem;
  }
  ol.words {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr));
    gap: 0.5rem;
  }
  ol.words li {
    display: flex;
    gap: 0.625rem;
    padding: 0.5rem 0.875rem;
    background: var(--ground);
    border: 1px solid var(--line);
    border-radius: 0.75rem;
    font: 600 1.0625rem/1.4 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace;
  }
  ol.words span {
    color: var(--muted);
    min-width: 1.5rem;
    text-align: right;
  }
  h1[tabindex]:focus {
    outline: none;
  }
  .narrow {
    width: min(44rem, 100%);
    margin: clamp(0rem, 4vh, 3rem) auto 0;
  }
  textarea {
    min-height: 8rem;
    resize: vertical;
  }
`;
