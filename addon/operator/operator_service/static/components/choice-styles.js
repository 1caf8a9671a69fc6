import { css } from "../vendor/lit.js";

/** Boxes to tick, with their words beside them. */
export const choiceStyles = css`
  label.choice {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 2.75rem;
    font-weight: 500;
    cursor: pointer;
  }
  .choice input {
    width: 1.375rem;
    height: 1.375rem;
    min-height: 0;
    margin: 0;
    flex: none;
    accent-color: var(--accent);
  }
`;
