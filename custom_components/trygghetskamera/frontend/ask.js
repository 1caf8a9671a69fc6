// Asks Home Assistant to do something, and says why where it was not done.
import { languageOf, say } from "./words.js";

const PLATFORM = "trygghetskamera";

/** Refusals that have plainer words here than Home Assistant's own. */
const OWN = { user_not_allowed: "not_allowed" };

/** Home Assistant's own text for a refusal, in the reader's language; otherwise our word for what was not done. */
async function why(hass, error, word) {
  const { translation_domain: domain, translation_key: key, translation_placeholders: parts } = error ?? {};
  if (key in OWN) return say(languageOf(hass), OWN[key]);
  if (domain !== PLATFORM || !key) return say(languageOf(hass), word);
  const localize = await hass.loadBackendTranslation("exceptions", PLATFORM);
  return localize(`component.${PLATFORM}.exceptions.${key}.message`, parts ?? {}) || say(languageOf(hass), word);
}

/** "" once it is done, or why it was not; `word`: what to say where Home Assistant does not tell. */
async function asked(hass, word, call) {
  try {
    await call();
    return "";
  } catch (error) {
    return await why(hass, error, word).catch(() => say(languageOf(hass), word));
  }
}

/** Call an action of the integration on a home. */
export function act(hass, home, action, data, word) {
  return asked(hass, word, () => hass.callService(PLATFORM, action, { config_entry_id: home.entry, ...data }, undefined, false));
}

/** Tell a home what the recorder, which keeps what actions are told, has no business with. */
export function tellHome(hass, home, command, data, word) {
  return asked(hass, word, () => hass.callWS({ type: `${PLATFORM}/${command}`, config_entry_id: home.entry, ...data }));
}

/** Call an action on one entity. Home Assistant says nothing when it drops one on an entity that is not there. */
export async function actOn(hass, entity, action, data, word) {
  const isThere = hass.states[entity] && hass.states[entity].state !== "unavailable";
  const [domain] = entity.split(".");
  const trouble = await asked(hass, word, () => hass.callService(domain, action, { entity_id: entity, ...data }, undefined, false));
  return trouble || (isThere ? "" : say(languageOf(hass), word));
}

/** A path that the browser may fetch for a while without the user's token. */
export async function signed(hass, path, seconds) {
  const { path: found } = await hass.callWS({ type: "auth/sign_path", path, expires: seconds });
  return hass.hassUrl ? hass.hassUrl(found) : found;
}
