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

/** Whether an issue is of this device: it carries the id of the home or of one of its cameras at the end of its own. */
const isOf = (hass, { device }, issue) => (hass.devices[device]?.identifiers ?? []).some(([, id]) => issue.issue_id.endsWith(id));

function issueRow(hass, home, issue) {
  const tell = teller(hass);
  const text = (key) => hass.localize(`component.${PLATFORM}.issues.${issue.translation_key}.${key}`, issue.translation_placeholders ?? {});
  const isAdmin = Boolean(hass.user?.is_admin);
  const title = text("title") || tell("problem"); // before the words have come, and of what a later version asks
  const camera = home.cameras.length > 1 && home.cameras.find((one) => isOf(hass, one, issue));
  const room = camera ? roomOf(hass, camera) : "";
  return {
    id: issue.issue_id,
    title: room && !title.includes(room) ? `${room}: ${title}` : title,
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

/** All of it, the gravest first, in the integration's own words. */
export function problems(hass, home, issues) {
  if (!home) return [];
  const isOurs = (issue) => homesOf(hass).length === 1 || [home, ...home.cameras].some((one) => isOf(hass, one, issue));
  const asked = issues.filter(isOurs).map((one) => issueRow(hass, home, one));
  const gone = asked.some((one) => one.isGrave) ? sensed(hass, home).filter((one) => one.id === "link") : sensed(hass, home);
  return [...asked, ...gone].toSorted((one, other) => other.isGrave - one.isGrave);
}
