"""A dashboard for the client's home in the demo: one big pause switch, what the camera does, who looked."""

from .home_assistant import HomeAssistant

PATH = "/tillsyn-hemma/hem"


async def save_dashboard(home: HomeAssistant) -> None:
    """Make the dashboard from the integration's own entities."""
    names = {
        key: await home.entity(key, domain)
        for key, domain in (
            ("pause", "switch"),
            ("privacy", "switch"),
            ("gate", "sensor"),
            ("next_look", "sensor"),
            ("last_look", "sensor"),
            ("looking", "binary_sensor"),
            ("look", "event"),
        )
    }
    wide = {"columns": "full"}
    view = {
        "title": "Hem",
        "path": "hem",
        "type": "sections",
        "max_columns": 2,
        "sections": [
            {
                "type": "grid",
                "cards": [
                    {"type": "heading", "heading": "Kameran", "icon": "mdi:shield-moon"},
                    {"type": "tile", "entity": names["gate"], "grid_options": wide},
                    {
                        "type": "tile",
                        "entity": names["pause"],
                        "features": [{"type": "toggle"}],
                        "grid_options": {"columns": "full", "rows": 2},
                    },
                    {
                        "type": "tile",
                        "entity": names["privacy"],
                        "features": [{"type": "toggle"}],
                        "grid_options": wide,
                    },
                ],
            },
            {
                "type": "grid",
                "cards": [
                    {"type": "heading", "heading": "Titt-in", "icon": "mdi:bed"},
                    {
                        "type": "tile",
                        "entity": names["last_look"],
                        "state_content": ["state", "who", "seconds"],
                        "grid_options": wide,
                    },
                    {"type": "tile", "entity": names["next_look"], "grid_options": wide},
                    {"type": "tile", "entity": names["looking"], "grid_options": wide},
                    {
                        "type": "logbook",
                        "target": {"entity_id": [names["look"], names["gate"]]},
                        "hours_to_show": 1,
                        "grid_options": wide,
                    },
                ],
            },
        ],
    }
    await home.command(
        "lovelace/dashboards/create",
        url_path="tillsyn-hemma",
        title="Tillsyn",
        icon="mdi:shield-moon",
        show_in_sidebar=True,
        require_admin=False,
        mode="storage",
    )
    await home.command("lovelace/config/save", url_path="tillsyn-hemma", config={"title": "Tillsyn", "views": [view]})
