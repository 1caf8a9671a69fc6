// Where the operator service is: this page's own origin, or the one that a separately hosted console was set up for.

const named = globalThis.document?.querySelector('meta[name="tillsyn-service"]')?.getAttribute("content");
const origin = named ?? globalThis.location?.origin;

/** The service's address of this path. @param {string} path */
export const address = (path) => new URL(path, origin);

/** @param {string} path */
export const socketAddress = (path) => new URL(path, origin.replace(/^http/, "ws"));

/** Cookies go to the service alone, wherever the page came from. @type {RequestCredentials} */
export const credentials = named ? "include" : "same-origin";
