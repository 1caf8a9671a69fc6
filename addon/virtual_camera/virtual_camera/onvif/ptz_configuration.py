"""The one PTZ node and its configuration, in ONVIF's generic spaces."""

_SPACES = "http://www.onvif.org/ver10/tptz"
POSITION = f"{_SPACES}/PanTiltSpaces/PositionGenericSpace"
TRANSLATION = f"{_SPACES}/PanTiltSpaces/TranslationGenericSpace"
VELOCITY = f"{_SPACES}/PanTiltSpaces/VelocityGenericSpace"
SPEED = f"{_SPACES}/PanTiltSpaces/GenericSpeedSpace"
ZOOM_POSITION = f"{_SPACES}/ZoomSpaces/PositionGenericSpace"
ZOOM_TRANSLATION = f"{_SPACES}/ZoomSpaces/TranslationGenericSpace"
ZOOM_VELOCITY = f"{_SPACES}/ZoomSpaces/VelocityGenericSpace"
ZOOM_SPEED = f"{_SPACES}/ZoomSpaces/ZoomGenericSpeedSpace"

NODE = "ptz_node_1"
CONFIGURATION = "ptz_configuration_1"
MAX_PRESETS = 64
MAX_TIMEOUT = 60.0
"""Seconds that a continuous move may be asked to last."""


def _range(axis: str, low: float, high: float) -> str:
    return f"<tt:{axis}Range><tt:Min>{low:g}</tt:Min><tt:Max>{high:g}</tt:Max></tt:{axis}Range>"


def _space(tag: str, uri: str, low: float, *, has_y: bool) -> str:
    y = _range("Y", low, 1) if has_y else ""
    return f"<tt:{tag}><tt:URI>{uri}</tt:URI>{_range('X', low, 1)}{y}</tt:{tag}>"


_ABSOLUTE_SPACES = _space("AbsolutePanTiltPositionSpace", POSITION, -1, has_y=True) + _space(
    "AbsoluteZoomPositionSpace", ZOOM_POSITION, 0, has_y=False
)
_OTHER_SPACES = "".join(
    (
        _space("RelativePanTiltTranslationSpace", TRANSLATION, -1, has_y=True),
        _space("RelativeZoomTranslationSpace", ZOOM_TRANSLATION, -1, has_y=False),
        _space("ContinuousPanTiltVelocitySpace", VELOCITY, -1, has_y=True),
        _space("ContinuousZoomVelocitySpace", ZOOM_VELOCITY, -1, has_y=False),
        _space("PanTiltSpeedSpace", SPEED, 0, has_y=False),
        _space("ZoomSpeedSpace", ZOOM_SPEED, 0, has_y=False),
    )
)


def spaces(*, has_absolute: bool) -> str:
    """Give the content of SupportedPTZSpaces and of a configuration's Spaces."""
    return (_ABSOLUTE_SPACES if has_absolute else "") + _OTHER_SPACES


def ptz_configuration(tag: str, *, has_absolute: bool) -> str:
    """Give the PTZConfiguration as an element of this name, which differs with where it is."""
    absolute = (
        f"<tt:DefaultAbsolutePantTiltPositionSpace>{POSITION}</tt:DefaultAbsolutePantTiltPositionSpace>"
        f"<tt:DefaultAbsoluteZoomPositionSpace>{ZOOM_POSITION}</tt:DefaultAbsoluteZoomPositionSpace>"
    )
    return (
        f'<{tag} token="{CONFIGURATION}"><tt:Name>PTZ</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:NodeToken>{NODE}</tt:NodeToken>{absolute if has_absolute else ''}{_DEFAULTS}</{tag}>"
    )


_DEFAULTS = (
    f"<tt:DefaultRelativePanTiltTranslationSpace>{TRANSLATION}</tt:DefaultRelativePanTiltTranslationSpace>"
    f"<tt:DefaultRelativeZoomTranslationSpace>{ZOOM_TRANSLATION}</tt:DefaultRelativeZoomTranslationSpace>"
    f"<tt:DefaultContinuousPanTiltVelocitySpace>{VELOCITY}</tt:DefaultContinuousPanTiltVelocitySpace>"
    f"<tt:DefaultContinuousZoomVelocitySpace>{ZOOM_VELOCITY}</tt:DefaultContinuousZoomVelocitySpace>"
    f'<tt:DefaultPTZSpeed><tt:PanTilt x="1" y="1" space="{SPEED}"/>'
    f'<tt:Zoom x="1" space="{ZOOM_SPEED}"/></tt:DefaultPTZSpeed>'
    "<tt:DefaultPTZTimeout>PT5S</tt:DefaultPTZTimeout>"
    f"<tt:PanTiltLimits><tt:Range><tt:URI>{POSITION}</tt:URI>{_range('X', -1, 1)}{_range('Y', -1, 1)}</tt:Range>"
    "</tt:PanTiltLimits>"
    f"<tt:ZoomLimits><tt:Range><tt:URI>{ZOOM_POSITION}</tt:URI>{_range('X', 0, 1)}</tt:Range></tt:ZoomLimits>"
)
