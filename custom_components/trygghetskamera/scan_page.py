"""The page that scans a pairing code: Swedish or English, light or dark. Its script is scan/scan.js."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Final

from .camera_words import Words

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --line: #767676; --link: #0b4fa0; --soft: #595959;
  --bad: #a3130c; --good: #1b5e20 }
body { font: 1.125rem/1.5 "Noto Sans", Arial, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 34rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem }
h1:focus { outline: none }
[hidden] { display: none !important }
.soft { color: var(--soft) }
.way { display: block; margin: 1.5rem 0 }
label { display: block; font-weight: 600; margin: 0 0 .5rem }
button, input::file-selector-button { font: inherit; font-weight: 600; color: inherit; background: var(--paper);
  border: 2px solid var(--line); border-radius: 8px; padding: .75rem 1.25rem; min-height: 3rem; cursor: pointer }
button { width: 100% }
button.main, input::file-selector-button { color: var(--paper); background: var(--link); border-color: var(--link) }
input { font: inherit; color: inherit; box-sizing: border-box; width: 100%; min-height: 3rem }
input::file-selector-button { margin: 0 1rem 0 0 }
:focus-visible { outline: 3px solid var(--link); outline-offset: 3px; border-radius: 4px }
video { display: block; width: 100%; border-radius: 8px; background: #000; margin: 0 0 .75rem }
#status { font-weight: 600; margin: 0 0 1rem }
#status[data-tone=bad] { color: var(--bad) }
#status[data-tone=good] { color: var(--good) }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f2f2; --paper: #121212; --line: #8c8c8c; --link: #9ecbff; --soft: #b8b8b8; --bad: #ffb4ab;
    --good: #a5d6a7 }
}
"""
STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
_SAID: Final = (
    "reading", "no_code", "no_picture", "other_code", "no_camera", "looking", "sending", "not_sent", "gone", "done",
    "typing",
)  # fmt: skip
"""What the script may have to say."""


def scan_page(words: Words, language: str, ticket: str, nonce: str) -> str:
    """The page of one ticket. Without a camera that the browser lets it use, the second way stays hidden."""

    def word(key: str) -> str:
        return escape(words.word("scan_page", key))

    said = "".join(f' data-{key.replace("_", "-")}="{word(key)}"' for key in _SAID)
    body = (
        f'<p id="status" role="status"{said}></p>'
        f'<div id="ways"><p>{word("intro")}</p><p class="soft">{word("stays_here")}</p>'
        f'<div class="way"><label for="photo">{word("photo")}</label>'
        '<input id="photo" type="file" accept="image/*" capture="environment"></div>'
        f'<div class="way" id="camera" hidden><video id="video" playsinline muted hidden aria-label="{word("video")}">'
        f'</video><button id="live" type="button">{word("live")}</button>'
        f'<button id="stop" type="button" hidden>{word("stop")}</button></div>'
        f'<div class="way"><button id="type" type="button">{word("type")}</button></div></div>'
        f"<noscript><p>{word('no_script')}</p></noscript>"
    )
    script = f'<script type="module" nonce="{nonce}" src="{escape(ticket)}/scan.js"></script>'
    return _whole(words.word("scan_page", "title"), language, body, script)


def gone_page(words: Words, language: str) -> str:
    """For a ticket that is none, or none any more."""
    return _whole(words.word("scan_page", "title"), language, f"<p>{escape(words.word('scan_page', 'gone'))}</p>")


def _whole(title: str, language: str, body: str, script: str = "") -> str:
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f'<style>{STYLE}</style>{script}</head><body><main><h1 id="title" tabindex="-1">{escape(title)}</h1>'
        f"{body}</main></body></html>"
    )
