"""One list of reasons why a look was refused or ended; every edge translates these codes, never free text."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why the home, the bridge or the service said no. The value is the code on the wire and the translation key."""

    BAD_MESSAGE = "bad_message"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_SIGNER = "unknown_signer"
    CREDENTIAL_EXPIRED = "credential_expired"
    DELEGATION_EXPIRED = "delegation_expired"
    BROWSER_KEY_NOT_ALLOWED = "browser_key_not_allowed"
    REVOKED = "revoked"
    REVOCATIONS_STALE = "revocations_stale"
    POLICY = "policy"
    ROLE_NOT_ALLOWED = "role_not_allowed"
    UNIT_NOT_ALLOWED = "unit_not_allowed"
    WRONG_HUB = "wrong_hub"
    EXPIRED = "expired"
    CLOCK_SKEW = "clock_skew"
    REPLAYED = "replayed"
    NOT_PREPARED = "not_prepared"
    WRONG_CONNECTION = "wrong_connection"
    NO_CONSENT = "no_consent"
    PAUSED = "paused"
    PRIVATE = "private"
    NO_PLAN = "no_plan"
    WRONG_PLAN = "wrong_plan"
    WRONG_WINDOW = "wrong_window"
    OUTSIDE_WINDOW = "outside_window"
    BUDGET_USED = "budget_used"
    SKIPPED = "skipped"
    WRONG_ROOM = "wrong_room"
    BUSY = "busy"
    CAMERA_NOT_READY = "camera_not_ready"
    JOURNAL_FAILED = "journal_failed"
    NO_RELAY = "no_relay"
    NO_HOME_ASSISTANT = "no_home_assistant"
    HOME_OFFLINE = "home_offline"
    TIMEOUT = "timeout"


class CloseReason(StrEnum):
    """Why a look ended; stored in the receipt. The first three are the operator's own outcome."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    NEEDS_HELP = "needs_help"
    TIME_LIMIT = "time_limit"
    WINDOW_ENDED = "window_ended"
    PAUSED = "paused"
    PRIVACY = "privacy"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PLAN_CHANGED = "plan_changed"
    SKIPPED = "skipped"
    REVOKED = "revoked"
    LEASE_LOST = "lease_lost"
    LINK_LOST = "link_lost"
    OPERATOR_GONE = "operator_gone"
    PICTURE_LOST = "picture_lost"
    MOVE_FAILED = "move_failed"
    CAMERA_MOVED = "camera_moved"
    CLOCK_JUMPED = "clock_jumped"
    JOURNAL_FAILED = "journal_failed"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    AIMING_ENDED = "aiming_ended"
    UNEXPECTED = "unexpected"


class Problem(StrEnum):
    """A lasting fault that a person must hear of."""

    CANNOT_LOOK_AWAY = "cannot_look_away"
    JOURNAL_FAILED = "journal_failed"


class Refused(Exception):
    """A message or request that is not accepted. ``detail`` is for tests and debug logs, and never carries peer
    text.
    """

    def __init__(self, code: Refusal, detail: str = "") -> None:
        """Keep the code that every edge translates."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
