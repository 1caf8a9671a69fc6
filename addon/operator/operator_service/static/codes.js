// The closed lists of tillsyn/errors.py and tillsyn/model.py; tests/operator/console/test_vectors.py compares them.

/** Why the home, the bridge or the service said no. */
export const REFUSALS = /** @type {const} */ ([
  "bad_message", "bad_signature", "unknown_signer", "credential_expired", "delegation_expired",
  "browser_key_not_allowed", "revoked", "revocations_stale", "policy", "role_not_allowed", "unit_not_allowed",
  "wrong_hub", "expired", "clock_skew", "replayed", "not_prepared", "wrong_connection", "no_consent", "paused", "private",
  "no_plan", "wrong_plan", "wrong_window", "outside_window", "budget_used", "skipped", "wrong_room", "busy", "camera_not_ready", "journal_failed",
  "no_relay", "no_home_assistant", "home_offline", "timeout",
]);

/** Why a look ended. The first three are the operator's own outcome. */
export const CLOSE_REASONS = /** @type {const} */ ([
  "seen", "not_seen", "needs_help", "time_limit", "window_ended", "paused", "privacy", "consent_withdrawn", "plan_changed", "skipped",
  "revoked",
  "lease_lost", "link_lost", "operator_gone", "picture_lost", "move_failed", "camera_moved", "clock_jumped",
  "journal_failed", "stopped", "interrupted", "aiming_ended", "unexpected",
]);

export const OUTCOMES = /** @type {const} */ (["seen", "not_seen", "needs_help"]);
export const ROLES = /** @type {const} */ (["operator", "patrol", "planner", "installer", "admin", "auditor"]);
export const ROOMS = /** @type {const} */ (["bedroom", "living_room", "kitchen", "hall", "other"]);
export const FALLBACKS = /** @type {const} */ (["call_client", "call_relative", "visit"]);
