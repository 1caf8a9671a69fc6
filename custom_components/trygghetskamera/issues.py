"""The repair issues: what a person in the home should see to, and nothing else."""

from enum import StrEnum
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN


class Issue(StrEnum):
    """Each is a translation key; the issue's id is this and the entry's."""

    CANNOT_LOOK_AWAY = "cannot_look_away"
    JOURNAL_CORRUPT = "journal_corrupt"
    JOURNAL_FAILED = "journal_failed"
    JOURNAL_RESTORED = "journal_restored"
    BRIDGE_UNREACHABLE = "bridge_unreachable"
    UPDATE_HOME = "update_home"
    UPDATE_BRIDGE = "update_bridge"
    HUB_MISMATCH = "hub_mismatch"
    PAIRING_UNCLEAR = "pairing_unclear"
    PLAN_MISMATCH = "plan_mismatch"
    PLAN_WAITING = "plan_waiting"
    PLAN_NARROWED = "plan_narrowed"
    PLAN_REVIEW = "plan_review"
    PAUSE_FORGOTTEN = "pause_forgotten"
    LIST_TOO_OLD = "list_too_old"
    CLOCK_BEHIND = "clock_behind"
    LOOK_MISSED = "look_missed"
    CONSENT_NAMES = "consent_names"
    CONSENT_REVIEW = "consent_review"
    WANTS_TO_STOP = "wants_to_stop"
    RECEIPTS_UNANSWERED = "receipts_unanswered"
    CHECKPOINTS_DIFFER = "checkpoints_differ"


_SEVERITY = {
    Issue.CANNOT_LOOK_AWAY: ir.IssueSeverity.CRITICAL,
    Issue.BRIDGE_UNREACHABLE: ir.IssueSeverity.WARNING,
    Issue.PLAN_WAITING: ir.IssueSeverity.WARNING,
    Issue.PLAN_NARROWED: ir.IssueSeverity.WARNING,
    Issue.PLAN_REVIEW: ir.IssueSeverity.WARNING,
    Issue.PAUSE_FORGOTTEN: ir.IssueSeverity.WARNING,
    Issue.CONSENT_NAMES: ir.IssueSeverity.WARNING,
    Issue.CONSENT_REVIEW: ir.IssueSeverity.WARNING,
    Issue.WANTS_TO_STOP: ir.IssueSeverity.WARNING,
    Issue.RECEIPTS_UNANSWERED: ir.IssueSeverity.WARNING,
}

FIXABLE: Final = frozenset(
    {
        Issue.PLAN_WAITING,
        Issue.PLAN_NARROWED,
        Issue.PLAN_REVIEW,
        Issue.PAUSE_FORGOTTEN,
        Issue.LOOK_MISSED,
        Issue.CONSENT_REVIEW,
        Issue.WANTS_TO_STOP,
        Issue.CHECKPOINTS_DIFFER,
    }
)
"""Those with an answer to give; ``repairs.REPAIRS`` has the flow of each. The others go away when they are over."""

_KEPT: Final = frozenset({Issue.CHECKPOINTS_DIFFER, Issue.LOOK_MISSED})
"""Those that are still to be seen to after a restart; the others are raised again where they still hold."""


def _id(issue: Issue, entry_id: str, camera: str = "") -> str:
    return f"{issue}_{camera or entry_id}"


def raise_issue(hass: HomeAssistant, entry_id: str, issue: Issue, *, camera: str = "", **placeholders: str) -> None:
    """Show it, for the home or for one camera."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _id(issue, entry_id, camera),
        data={"entry_id": entry_id, "issue": issue},
        is_fixable=issue in FIXABLE,
        is_persistent=issue in _KEPT,
        severity=_SEVERITY.get(issue, ir.IssueSeverity.ERROR),
        translation_key=issue,
        translation_placeholders=placeholders or None,
    )


def raise_camera_issue(
    hass: HomeAssistant, entry_id: str, camera_id: str, key: str, *, is_grave: bool = False, **placeholders: str
) -> None:
    """Show that something about a camera should be seen to; ``camera_id`` is its subentry."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{key}_{camera_id}",
        data={"entry_id": entry_id},
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR if is_grave else ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def clear_camera_issue(hass: HomeAssistant, camera: str, key: str) -> None:
    """It has been seen to."""
    ir.async_delete_issue(hass, DOMAIN, f"{key}_{camera}")


def clear_issue(hass: HomeAssistant, entry_id: str, *issues: Issue, camera: str = "") -> None:
    """It is over."""
    for issue in issues:
        ir.async_delete_issue(hass, DOMAIN, _id(issue, entry_id, camera))
