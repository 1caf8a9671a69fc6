// The types of the bundled vendor-qr.js; set-up copies this file beside it.
export function squares(text: string): boolean[][];
