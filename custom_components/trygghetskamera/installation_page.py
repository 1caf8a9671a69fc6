"""The installation record as a page to print: first the sign for the home, then the record. Swedish or English."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .camera_words import Words
from .consent_words import said_words

STYLE: Final = """
body { font: 11pt/1.45 "Noto Sans", Arial, sans-serif; color: #111; background: #fff; max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 30pt; line-height: 1.15; margin: 0 0 1rem }
h2 { font-size: 16pt; margin: 1.6rem 0 .4rem }
h3 { font-size: 12pt; margin: 1.2rem 0 .3rem }
.sign { border: 4px solid #111; border-radius: 12px; padding: 2rem 2.2rem }
.sign p, .sign li { font-size: 15pt }
.sign ul { padding-left: 1.4rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #ccc }
th { width: 38%; font-weight: 600 }
.links { margin: 0 0 1.5rem }
.links a { margin-right: 1.2rem; color: #0b4fa0 }
@media print {
  .links { display: none }
  body { margin: 0; max-width: none }
  .sign { break-after: page; min-height: 85vh }
}
"""


def page(record: dict[str, Any], words: Words, language: str, links: dict[str, str]) -> str:
    """The whole page. ``links``: name of the link's word to its address."""
    body = _links(links, words) + _sign(record, words) + _record(record, words)
    title = escape(words.word("record", "title"))
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )


def _links(links: dict[str, str], words: Words) -> str:
    parts = (f'<a href="{escape(path)}">{escape(words.word("record", name))}</a>' for name, path in links.items())
    return f'<p class="links">{"".join(parts)}</p>'


def _sign(record: dict[str, Any], words: Words) -> str:
    """The notice: who is responsible, what for, what is not done, whom to ask."""
    municipality = record["pairing"]["municipality"] or "–"
    contact = (record["plan"] or {}).get("contact") or municipality
    lines = "".join(
        f"<li>{escape(words.word('sign', key))}</li>" for key in ("purpose", "agreed", "no_sound", "nothing_recorded")
    )
    rooms = ", ".join(words.word("room", one["room"]) for one in record["cameras"]) or "–"
    return (
        f'<section class="sign"><h1>{escape(words.word("sign", "title"))}</h1><ul>{lines}</ul>'
        f"<p><strong>{escape(words.word('sign', 'where'))}</strong> {escape(rooms)}</p>"
        f"<p><strong>{escape(words.word('sign', 'responsible'))}</strong> {escape(municipality)}</p>"
        f"<p><strong>{escape(words.word('sign', 'contact'))}</strong> {escape(contact)}</p></section>"
    )


def _record(record: dict[str, Any], words: Words) -> str:
    pairing, plan, consent = record["pairing"], record["plan"], record["consent"]
    rows = [
        ("home", record["home"]),
        ("made", _when(record["made"])),
        ("municipality", pairing["municipality"] or "–"),
        ("label", pairing["label"] or "–"),
        ("paired", f"{pairing['since']} – {pairing['until']}" if pairing["since"] else "–"),
        ("bridge", pairing["bridge"]),
        ("plan", f"{plan['number']}: {', '.join(plan['windows'])}" if plan else "–"),
        ("consent", words.word("record", "yes" if consent["given"] else "no")),
    ]
    rows += [(one["relation"], said_words(words, one)) for one in consent["people"]]
    left = "".join(f"<li>{escape(words.word('left', one))}</li>" for one in record["left"])
    done = f"<ul>{left}</ul>" if left else f"<p>{escape(words.word('record', 'nothing_left'))}</p>"
    return (
        f"<h2>{escape(words.word('record', 'title'))}</h2>{_table(rows, words)}"
        f"<h3>{escape(words.word('record', 'left'))}</h3>{done}"
        + "".join(_camera(one, words) for one in record["cameras"])
    )


def _camera(camera: dict[str, Any], words: Words) -> str:
    test, kept = camera["test"], camera["positions"]
    rows = [
        ("room", words.word("room", camera["room"])),
        ("model", camera["model"] or "–"),
        ("serial", camera["serial"] or "–"),
        ("firmware", camera["firmware"] or "–"),
        ("view", words.word("kept", kept["view"]) if kept else "–"),
        ("privacy", words.word("kept", kept["privacy"]) if kept else "–"),
        ("layers", ", ".join(words.word("layer", one) for one in camera["layers"]) or "–"),
        ("class", f"{camera['class']}. {words.word('assurance', camera['class'].lower())}" if camera["class"] else "–"),
    ]
    if test:
        light = "–" if test["brightness"] is None else f"{round(test['brightness'] / 2.55)} %"
        tested = words.word("result", "seconds").format(
            there=words.number(test["seconds_there"]), back=words.number(test["seconds_back"]), light=light
        )
        rows.append(("test", f"{_when(test['at'])} {test['by']}. {tested}"))
    else:
        rows.append(("test", words.word("result", "not_tested")))
    rows += [
        (f"step_{one['step']}", f"{_when(one['at'])} {one['by']}".strip() or words.word("record", "yes"))
        for one in camera["steps"]
    ]
    warnings = "".join(f"<li>{escape(words.word('finding', one))}</li>" for one in camera["warnings"])
    left = "".join(f"<li>{escape(words.word('step', one))}</li>" for one in camera["left"])
    return (
        f"<h2>{escape(camera['title'])}</h2>{_table(rows, words)}"
        + (f"<h3>{escape(words.word('record', 'warnings'))}</h3><ul>{warnings}</ul>" if warnings else "")
        + (f"<h3>{escape(words.word('record', 'left'))}</h3><ul>{left}</ul>" if left else "")
    )


def _table(rows: Iterable[tuple[str, str]], words: Words) -> str:
    cells = "".join(
        f"<tr><th scope='row'>{escape(words.word('record', name))}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows
    )
    return f"<table>{cells}</table>"


def _when(iso: str) -> str:
    """The day and the minute, by the clock at home."""
    return f"{dt_util.as_local(datetime.fromisoformat(iso)):%Y-%m-%d %H:%M}" if iso else ""
