"""The log as a page to read, search and print: Swedish or English, light or dark, without any script."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from .log import LONGEST_QUERY, Page, Told
from .log_words import LogWords, local
from .tillsyn.record import moment

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --line: #767676; --link: #0b4fa0; --soft: #595959 }
body { font: 1.125rem/1.5 "Noto Sans", Arial, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem }
nav ul { list-style: none; padding: 0; margin: 0 0 1.5rem; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem }
a { color: var(--link); display: inline-block; padding: .25rem 0 }
form { margin: 0 0 1.5rem }
label { display: block; font-weight: 600 }
.hint, .kept { color: var(--soft) }
input, button { font: inherit; color: inherit; background: var(--paper); border: 2px solid var(--line);
  border-radius: 6px; padding: .5rem .75rem; min-height: 2.75rem; max-width: 100%; box-sizing: border-box }
input { width: 24rem }
button { font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; font-weight: 600; padding: 0 0 .5rem }
th, td { text-align: left; vertical-align: top; padding: .5rem 1rem .5rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere }
tbody th { font-weight: 400; white-space: nowrap; font-variant-numeric: tabular-nums }
@media (max-width: 34rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  tbody tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0 }
  tbody th, tbody td { display: block; border: 0; padding: 0 }
  tbody th { color: var(--soft) }
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f2f2; --paper: #121212; --line: #8c8c8c; --link: #9ecbff; --soft: #b8b8b8 }
}
@media print {
  :root { --ink: #000; --paper: #fff; --line: #999; --soft: #000 }
  nav, form { display: none }
  body { font-size: 10pt; max-width: none; padding: 0 }
  tr { break-inside: avoid }
}
"""


def whole(title: str, language: str, body: str) -> str:
    """A whole page."""
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def excuse(words: LogWords, language: str, key: str) -> str:
    """The page where there is nothing to show, and why."""
    return whole(words.word("title"), language, f'<p role="alert">{escape(words.word(key))}</p>')


class LogPage:
    """One page of the log. ``links``: the word of each and where it leads. ``form``: hidden fields of the search."""

    def __init__(self, words: LogWords, language: str, query: str, links: Mapping[str, str]) -> None:
        """``query``: what has been searched for, '' where nothing has."""
        self._words = words
        self._language = language
        self._query = query
        self._links = links

    def _word(self, key: str) -> str:
        return escape(self._words.word(key))

    def text(self, title: str, page: Page, search: tuple[str, Mapping[str, str]], days: int) -> str:
        """``search``: where the form leads and its hidden fields. ``days``: how long the log is kept."""
        older = {"older": self._links["older"]} if page.more else {}
        first = {name: path for name, path in self._links.items() if name != "older"}
        body = (
            self._nav(first, "title")
            + self._form(*search)
            + self._table(page.rows)
            + self._nav(older, "older")
            + f'<p class="kept">{escape(self._words.word("kept").format(days=days))}</p>'
        )
        return whole(f"{self._words.word('title')}: {title}", self._language, body)

    def _nav(self, links: Mapping[str, str], label: str) -> str:
        items = "".join(
            f'<li><a href="{escape(path)}"{_of(name)}>{self._word(name)}</a></li>' for name, path in links.items()
        )
        return f'<nav aria-label="{self._word(label)}"><ul>{items}</ul></nav>' if items else ""

    def _form(self, path: str, hidden: Mapping[str, str]) -> str:
        fields = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
        )
        return (
            f'<form role="search" action="{escape(path)}" method="get">{fields}'
            f'<label for="q">{self._word("search")}</label>'
            f'<p class="hint" id="hint">{self._word("search_hint")}</p>'
            f'<input id="q" name="q" type="search" aria-describedby="hint" maxlength="{LONGEST_QUERY}" '
            f'value="{escape(self._query)}"> <button>{self._word("search_button")}</button></form>'
        )

    def _table(self, rows: Sequence[Told]) -> str:
        found = self._words.word("found").format(query=self._query) if self._query else ""
        if not rows:
            nothing = self._word("nothing_found" if self._query else "nothing")
            return f'<p role="status">{escape(found)}</p><p>{nothing}</p>' if found else f"<p>{nothing}</p>"
        caption = f"<caption>{escape(found)}</caption>" if found else ""
        head = f'<th scope="col">{self._word("time")}</th><th scope="col">{self._word("what")}</th>'
        body = "".join(map(_row, rows))
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(told: Told) -> str:
    when = f'<time datetime="{moment(told.at_ms):%Y-%m-%dT%H:%M:%SZ}">{local(told.at_ms):%Y-%m-%d %H:%M}</time>'
    return f'<tr><th scope="row">{when}</th><td>{escape(told.text)}</td></tr>'


def _of(name: str) -> str:
    """A link to another language is in that language."""
    if name.startswith("in_"):
        return f' hreflang="{name[3:]}" lang="{name[3:]}"'
    return ""
