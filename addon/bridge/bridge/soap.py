"""SOAP 1.2 envelopes for an ONVIF camera, and a bounded, strict reading of its answers."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
PTZ: Final = "http://www.onvif.org/ver20/ptz/wsdl"
MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
SCHEMA: Final = "http://www.onvif.org/ver10/schema"
_SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_PROFILE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_ENCODING: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"

ANSWER_BYTES: Final = 65_536
_DEPTH: Final = 32
_ELEMENTS: Final = 2_000


class BadXml(ValueError):
    """Not the kind of XML that is read here."""


def parse(raw: bytes) -> Element:
    """Read a document: no document type, so no entities of its own; bounded in size, depth and count. Raises BadXml."""
    if len(raw) > ANSWER_BYTES:
        raise BadXml("too large")
    builder = TreeBuilder()
    open_elements = seen = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal open_elements, seen
        open_elements += 1
        seen += 1
        if open_elements > _DEPTH or seen > _ELEMENTS:
            raise BadXml("too many parts")
        builder.start(_qualified(name), {_qualified(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal open_elements
        open_elements -= 1
        builder.end(_qualified(name))

    def refuse(*_: object) -> None:
        raise BadXml("document type")

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(raw, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError, LookupError) as err:
        raise BadXml("not well formed") from err


def _qualified(name: str) -> str:
    return "{" + name if "}" in name else name


def body(document: Element) -> Element:
    """The one child of the envelope's body. Raises BadXml."""
    if document.tag != f"{{{SOAP}}}Envelope":
        raise BadXml("no envelope")
    found = document.find(f"{{{SOAP}}}Body")
    if found is None or len(found) != 1:
        raise BadXml("no body")
    return found[0]


def fault_codes(answer: Element) -> Sequence[str]:
    """The codes of a fault without their prefixes, outermost first; empty if it is none."""
    if answer.tag != f"{{{SOAP}}}Fault":
        return ()
    return [(one.text or "").strip().rpartition(":")[2] for one in answer.iter(f"{{{SOAP}}}Value")] or ["unknown"]


def element(name: str, *children: str, text: str = "", **attributes: str) -> str:
    """One XML element: ``text`` and the values are escaped here, ``children`` are elements already."""
    quoted = "".join(f' {key}="{escape(value, {chr(34): "&quot;"})}"' for key, value in attributes.items())
    return f"<{name}{quoted}>{escape(text)}{''.join(children)}</{name}>"


def envelope(content: str, header: str = "") -> bytes:
    """A request. Prefixes: s SOAP, p PTZ, m media, d device, t schema."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}" xmlns:p="{PTZ}" xmlns:m="{MEDIA}"'
        f' xmlns:d="{DEVICE}" xmlns:t="{SCHEMA}"><s:Header>{header}</s:Header><s:Body>{content}</s:Body></s:Envelope>'
    ).encode()


def username_token(user: str, password: str, now: datetime) -> str:
    """The WS-UsernameToken with a password digest (ONVIF Core 5.9.4); ``now`` by the camera's clock."""
    nonce = secrets.token_bytes(16)
    created = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # SHA-1 is what the standard asks for; it never protects more than a message on the home's own network.
    proof = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    token = element(
        "w:UsernameToken",
        element("w:Username", text=user),
        element("w:Password", text=base64.b64encode(proof).decode(), Type=_PROFILE),
        element("w:Nonce", text=base64.b64encode(nonce).decode(), EncodingType=_ENCODING),
        element("u:Created", text=created),
    )
    return f'<w:Security s:mustUnderstand="1" xmlns:w="{_SECURITY}" xmlns:u="{_UTILITY}">{token}</w:Security>'
