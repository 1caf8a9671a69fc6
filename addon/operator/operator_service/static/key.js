// What this browser keeps (IndexedDB): its signing key or the key of the shift, whose secret halves never leave the
// browser's own keeping, and the municipality's root key, pinned at the first login and compared ever after.

import { PublicKey, b64uEncode, thumbprint } from "./jws.js";
import { Refused } from "./strict.js";

/** @typedef {{privateKey: CryptoKey, x: string, kid: string}} SessionKey */

const STORE = "kept";

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("trygghetskamera", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} act
 * @returns {Promise<unknown>}
 */
async function within(mode, act) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/**
 * This browser's key for one login name, made at the first login. Shared night computers keep one for each person.
 * @param {string} login
 * @returns {Promise<SessionKey>}
 */
export async function sessionKey(login) {
  const name = `key:${login}`;
  const kept = await within("readonly", (store) => store.get(name));
  const pair = /** @type {CryptoKeyPair} */ (
    kept ?? (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]))
  );
  if (kept === undefined) await within("readwrite", (store) => store.put(pair, name));
  const x = b64uEncode(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  return { privateKey: pair.privateKey, x, kid: await thumbprint(x) };
}

/**
 * The shift that is under way here, for a page that is loaded again: one at a time, of one person.
 * @typedef {{login: string, key: SessionKey, chain: string[]}} KeptShift
 */

/** @param {KeptShift} shift */
export const keepShift = (shift) => within("readwrite", (store) => store.put(shift, "shift"));

/** @returns {Promise<KeptShift | undefined>} */
export const keptShift = async () => /** @type {KeptShift | undefined} */ (await within("readonly", (store) => store.get("shift")));

/** Whether this browser has a key for a login already. @param {string} login */
export const hasKey = async (login) => (await within("readonly", (store) => store.getKey(`key:${login}`))) !== undefined;

/** This browser's key for a login is of no more use: the next one is new. @param {string} login */
export const forgetKey = (login) => within("readwrite", (store) => store.delete(`key:${login}`));

/**
 * The newest list of revoked keys that was seen here, and all keys that were in one since the root last said.
 * @typedef {{token: string, chain: string[], revoked: string[]}} KeptList
 */

/** @param {KeptList} list */
export const keepList = (list) => within("readwrite", (store) => store.put(list, "list"));

/** @returns {Promise<KeptList | undefined>} */
export const keptList = async () => /** @type {KeptList | undefined} */ (await within("readonly", (store) => store.get("list")));

/** Nothing of the shift remains in this browser. */
export const wipeShift = () => within("readwrite", (store) => store.delete("shift"));

/**
 * The pinned root. The first one that the service shows is kept; another one later throws Refused("root_changed").
 * @param {string} shown
 * @returns {Promise<PublicKey>}
 */
export async function pinnedRoot(shown) {
  const root = await PublicKey.from(shown);
  const kept = await within("readonly", (store) => store.get("root"));
  if (kept === undefined) await within("readwrite", (store) => store.add(shown, "root"));
  else if (kept !== shown) throw new Refused("root_changed");
  return root;
}
