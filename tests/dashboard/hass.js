// What Home Assistant's pages have of a home, for the tests.
export const HOME = { "switch.pause": "off", "sensor.next_look": "2026-11-23T00:30:00+00:00", "sensor.last_look": "unknown", "binary_sensor.link": "on", "event.look": "unknown" };
export const CAMERA = { "sensor.gate": "closed", "switch.privacy": "off", "binary_sensor.looking": "off", "binary_sensor.problem": "off", "binary_sensor.connectivity": "on" };

/** For the given devices: { id: { via, states, attributes } }. Entities are by "<domain>.<key>". */
export function hassOf(devices, more = {}) {
  const hass = { connected: true, language: "sv", config: { time_zone: "Europe/Stockholm" }, entities: {}, devices: {}, states: {}, services: {}, ...more };
  for (const [id, { via = null, states, attributes = {}, area = null }] of Object.entries(devices)) {
    hass.devices[id] = { id, via_device_id: via, area_id: area, name: `Device ${id}`, config_entries: [`entry-${id}`], identifiers: [["trygghetskamera", `id-${id}`]] };
    for (const [key, state] of Object.entries(states)) {
      const [domain, name] = key.split(".");
      const entity_id = `${domain}.${id}_${name}`;
      const bare = name === "problem" || name === "connectivity";
      hass.entities[entity_id] = { entity_id, device_id: id, platform: "trygghetskamera", ...(bare ? {} : { translation_key: name }) };
      hass.states[entity_id] = { state, attributes: { ...(bare ? { device_class: name } : {}), ...attributes[key] } };
    }
  }
  return hass;
}

/** A home with one camera. */
export const one = (home = {}, camera = {}, attributes = {}, more = {}) =>
  hassOf({ h: { states: { ...HOME, ...home }, attributes }, c: { via: "h", states: { ...CAMERA, ...camera }, attributes } }, more);

/** The actions that the integration has. */
export const actions = (...names) => ({ services: { trygghetskamera: Object.fromEntries(names.map((name) => [name, {}])) } });

/** Half past two in the night at home. */
export const NIGHT = Date.parse("2026-11-23T02:30:00+01:00");
