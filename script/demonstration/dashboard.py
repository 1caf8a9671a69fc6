"""The dashboard for the client's home in the demo: the integration's own strategy, as anybody would choose it."""

from .home_assistant import HomeAssistant

_URL_PATH = "tillsyn-hemma"
CLIENT = f"/{_URL_PATH}/client"
RELATIVE = f"/{_URL_PATH}/relative"


async def save_dashboard(home: HomeAssistant) -> None:
    """Make the dashboard."""
    await home.command(
        "lovelace/dashboards/create",
        url_path=_URL_PATH,
        title="Tillsyn",
        icon="mdi:shield-moon",
        show_in_sidebar=True,
        require_admin=False,
        mode="storage",
    )
    config = {"strategy": {"type": "custom:trygghetskamera"}}
    await home.command("lovelace/config/save", url_path=_URL_PATH, config=config)
