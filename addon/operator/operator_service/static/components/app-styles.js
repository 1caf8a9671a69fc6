import { css } from "../vendor/lit.js";

export const appStyles = css`
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1.5rem;
    padding: 0.625rem clamp(1rem, 2.5vw, 2rem);
    border-bottom: 1px solid var(--line);
    background: var(--surface);
  }
  .brand {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    font-weight: 650;
    letter-spacing: -0.01em;
    white-space: nowrap;
  }
  .brand img {
    width: 2rem;
    height: 2rem;
  }
  .gap {
    flex: 1;
  }
  nav {
    flex: 1;
    display: flex;
    gap: 0.25rem;
  }
  nav a {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 2.75rem;
    padding: 0 1rem;
    border-radius: 0.875rem;
    color: var(--muted);
    text-decoration: none;
    font-weight: 600;
  }
  nav a:hover {
    color: var(--text);
  }
  nav a[aria-current="page"] {
    background: var(--raised);
    color: var(--text);
  }
  .count {
    min-width: 1.5rem;
    padding: 0.125rem 0.375rem;
    border-radius: 99px;
    background: var(--warn);
    color: var(--on-warn);
    font-size: 0.8125rem;
    text-align: center;
  }
  .tools {
    display: flex;
    align-items: center;
    gap: 0.25rem;
    margin-left: auto;
  }
  .tools button {
    padding: 0.5rem 0.75rem;
    white-space: nowrap;
  }
  .tools button[aria-pressed="false"] {
    opacity: 0.55;
  }
  .me {
    margin-right: 0.5rem;
    white-space: nowrap;
  }
  main {
    max-width: 76rem;
    margin: 0 auto;
    padding: 1.25rem clamp(1rem, 2.5vw, 2rem) 2rem;
    outline: none;
  }
  .page {
    display: grid;
    gap: 1.25rem;
  }
  .warnings {
    display: grid;
    gap: 0.75rem;
  }
  .warnings .notice {
    margin-bottom: 1rem;
  }
  .foot p {
    margin: 0 0 0.5rem;
  }
  .foot {
    max-width: 76rem;
    margin: 0 auto;
    padding: 0 clamp(1rem, 2.5vw, 2rem) 2rem;
  }
  .loading {
    padding: 4rem;
    text-align: center;
  }
  .skip {
    position: absolute;
    left: 1rem;
    top: -4rem;
    padding: 0.75rem 1.25rem;
    border-radius: 0.75rem;
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
    z-index: 2;
  }
  .skip:focus {
    top: 0.5rem;
  }
  @media (max-width: 84rem) {
    .bar {
      column-gap: 0.75rem;
    }
    nav a {
      padding: 0 0.75rem;
    }
  }
  @media (max-width: 56rem) {
    .me {
      display: none;
    }
  }
  @media (max-width: 40rem) {
    .brand {
      flex: 1;
      min-width: 0;
      gap: 0.5rem;
    }
    .brand span {
      overflow: hidden;
      text-overflow: ellipsis;
    }
    nav {
      order: 3;
      flex-basis: 100%;
      flex-wrap: wrap;
    }
    nav a {
      flex: auto;
      justify-content: center;
      gap: 0.25rem;
      padding: 0 0.375rem;
    }
    .gap {
      display: none;
    }
    .tools {
      gap: 0;
    }
    .wide {
      display: none;
    }
    .tools button {
      padding: 0.5rem;
      font-size: 0.9375rem;
    }
  }
  @media (max-width: 28rem) {
    .brand > span {
      display: none;
    }
  }
`;
