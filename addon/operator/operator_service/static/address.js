// Where homes find the service, as the service says: shown, and where it is another than the one this page speaks to, used
// only once a person has said that it is right. A home that calls somewhere else is never found.

import { socketAddress } from "./service.js";

const KEPT = "tillsyn-hub-url";
const LOCAL = ["localhost", "127.0.0.1", "[::1]"];

/**
 * What is to be said of it. same; local: only homes on this computer reach it; plain: not by TLS; other: not the service
 * that this page speaks to.
 * @param {string} url
 * @returns {"same" | "local" | "plain" | "other"}
 */
export function kindOf(url) {
  const found = new URL(url);
  if (found.href !== socketAddress("/hub").href) return "other";
  if (LOCAL.includes(found.hostname)) return "local";
  return found.protocol === "wss:" ? "same" : "plain";
}

/** Whether a person has said here that this address is right. @param {string} url */
export const isKnown = (url) => localStorage.getItem(KEPT) === url;

/** @param {string} url */
export const remember = (url) => localStorage.setItem(KEPT, url);
