// What a person in the home should see to: Home Assistant's own repairs of the integration, and what the sensors say.
import { homesOf, read, roomOf } from "./home.js";
import { teller } from "./words.js";

const PLATFORM = "trygghetskamera";
const REPAIRS = "/config/repairs";

/** The integration's open issues. */
export async function issuesOf(hass) {
  const { issues } = await hass.callWS({ type: "repairs/list_issues" });
  return issues.filter((one) => one.domain === PLATFORM && !one.ignored);
}

/** Issues carry the id of the home or of one of its cameras at the end of their own. */
function isOf(hass, home, issue) {
  const devices = [home, ...home.cameras].map((one) => hass.devices[one.device]);
  const ids = devices.flatMap((one) => (one?.identifiers ?? []).map(([, id]) => id));
  return homesOf(hass).length === 1 || ids.some((id) => issue.issue_id.endsWith(id));
}

function issueRow(hass, issue, localize) {
  const tell = teller(hass);
  const text = (key) => localize(`component.${PLATFORM}.issues.${issue.translation_key}.${key}`, issue.translation_placeholders ?? {});
  const isAdmin = Boolean(hass.user?.is_admin);
  return {
    id: issue.issue_id,
    title: text("title"),
    text: text("description") || (issue.is_fixable && !isAdmin ? tell("admin_answers") : ""),
    link: isAdmin && issue.is_fixable ? REPAIRS : null,
    isGrave: issue.severity !== "warning",
  };
}

/** What the sensors say that no issue has been raised for. */
function sensed(hass, home) {
  const tell = teller(hass);
  const cameras = home.cameras.flatMap((camera) => {
    const room = roomOf(hass, camera);
    if (read(hass, camera, "binary_sensor.connectivity")?.state === "off") return [{ id: `gone ${camera.device}`, title: tell("camera_gone", { room }) }];
    if (read(hass, camera, "binary_sensor.problem")?.state === "on") return [{ id: `problem ${camera.device}`, title: tell("camera_problem", { room }) }];
    return [];
  });
  const link = read(hass, home, "binary_sensor.link")?.state === "off" ? [{ id: "link", title: tell("link_gone") }] : [];
  return [...cameras, ...link].map((one) => ({ text: "", link: null, isGrave: true, ...one }));
}

/** All of it, the gravest first; `localize` reads the integration's translations. */
export function problems(hass, home, issues, localize) {
  if (!home) return [];
  const asked = issues.filter((one) => isOf(hass, home, one)).map((one) => issueRow(hass, one, localize));
  const gone = asked.some((one) => one.isGrave) ? sensed(hass, home).filter((one) => one.id === "link") : sensed(hass, home);
  return [...asked, ...gone].toSorted((one, other) => other.isGrave - one.isGrave);
}
