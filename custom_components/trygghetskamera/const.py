"""Names shared by the parts of the integration."""

from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "trygghetskamera"
PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.CAMERA,
    Platform.DATETIME,
    Platform.EVENT,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
)

SUBENTRY_CAMERA: Final = "camera"

# Entry data.
CONF_ACCESS_KEY: Final = "access_key"
CONF_ROOT: Final = "root"
CONF_HUB: Final = "hub"
CONF_CERTIFICATE: Final = "certificate"
CONF_CHAIN: Final = "chain"
"""Who vouches for the installer that signed the certificate; missing where the root did."""
CONF_MOVED_FROM: Final = "moved_from"
"""The pairing before the present one, of another municipality where there has been one; missing where none has."""
CONF_SET_UP: Final = "set_up"
"""What was said at set-up, as entries of the journal, until the journal has them."""
CONF_CONSENT_GIVEN_BY: Final = "consent_given_by"
"""Who had consented, as version 1 asked for it, until somebody has been named or has withdrawn."""

# Options.
CONF_MAY_END_PRIVACY: Final = "may_end_privacy"
CONF_AUTOMATIONS_MAY_END_PRIVACY: Final = "automations_may_end_privacy"

# Flow fields.
CONF_PAIRING_CODE: Final = "pairing_code"
CONF_POSITION: Final = "position"
CONF_POWER_SWITCH: Final = "power_switch"
CONF_PRIVACY_ENTITY: Final = "privacy_entity"
CONF_ROOM: Final = "room"
