"""SOAP 1.2 as ONVIF uses it: reading a call, writing an answer or a fault."""

import math
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape, quoteattr

MAX_REQUEST = 64 * 1024
_MAX_DEPTH = 32

NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "timg": "http://www.onvif.org/ver20/imaging/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "trc": "http://www.onvif.org/ver10/recording/wsdl",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
    "tns1": "http://www.onvif.org/ver10/topics",
    "ter": "http://www.onvif.org/ver10/error",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "wsu": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
}
_DECLARATIONS = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())

__all__ = [
    "NAMESPACES",
    "Call",
    "SoapFault",
    "bad_value",
    "envelope",
    "escape",
    "fault_envelope",
    "number",
    "parse_call",
    "parse_xml",
    "quoteattr",
]


class SoapFault(Exception):
    """A refusal that the client gets as a SOAP fault. `subcodes` go from the general to the particular."""

    def __init__(self, reason: str, *subcodes: str, is_sender: bool = True) -> None:
        """Blame the sender or, if not, this camera."""
        super().__init__(reason)
        self.reason = reason
        self.subcodes = subcodes
        self.is_sender = is_sender


def bad_value(reason: str, detail: str = "") -> SoapFault:
    """Give the fault for an argument that is wrong."""
    return SoapFault(reason, "ter:InvalidArgVal", *([detail] if detail else []))


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the operation's element, and the header it came with. `base` is the address it came to."""

    service: str
    operation: str
    body: Element
    header: Element | None
    base: str
    rtsp_base: str
    path: str

    def text(self, path: str) -> str | None:
        """Give the text of an element, by path with this file's prefixes; None if it is absent or empty."""
        found = self.body.find(path, NAMESPACES)
        return found.text.strip() if found is not None and found.text and found.text.strip() else None

    def required(self, path: str) -> str:
        """Give the text of an element that must be there."""
        value = self.text(path)
        if value is None or len(value) > 256:
            raise bad_value(f"{path} is missing or too long")
        return value

    def message_id(self) -> str | None:
        """Give the WS-Addressing message id, to refer to in the answer."""
        found = self.header.find("wsa:MessageID", NAMESPACES) if self.header is not None else None
        return found.text if found is not None else None


def number(text: str | None) -> float:
    """Read a finite number. Raises SoapFault."""
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise bad_value("a number was expected")
    return value


def parse_xml(data: bytes, limit: int) -> Element:
    """Read a document of at most `limit` bytes. Raises SoapFault for what is not XML or declares anything itself."""
    # Without a document type there are no entities, so none can grow or reach out; a zero byte means an encoding
    # in which these words would not be found.
    if len(data) > limit or b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
        raise SoapFault("the request is too long or declares entities", "ter:WellFormed")
    try:
        root = fromstring(data)  # noqa: S314
    except (ParseError, ValueError) as error:
        raise SoapFault("not well-formed XML", "ter:WellFormed") from error
    _check_depth(root)
    return root


def parse_call(data: bytes, base: str, rtsp_base: str, path: str) -> Call:
    """Read a call: size, then shape, then meaning. Raises SoapFault when it is not one."""
    root = parse_xml(data, MAX_REQUEST)
    body = root.find("s:Body", NAMESPACES)
    if root.tag != f"{{{NAMESPACES['s']}}}Envelope" or body is None or len(body) != 1:
        raise SoapFault("not a SOAP 1.2 envelope with one call", "ter:WellFormed")
    namespace, separator, operation = body[0].tag.removeprefix("{").partition("}")
    if not separator:
        raise SoapFault("an operation without a namespace", "ter:UnknownAction")
    return Call(namespace, operation, body[0], root.find("s:Header", NAMESPACES), base, rtsp_base, path)


def _check_depth(root: Element) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise SoapFault("nested too deeply", "ter:WellFormed")
        level = [child for element in level for child in element]


def envelope(body: str, *, action: str = "", relates_to: str | None = None) -> bytes:
    """Give an answer; `action` and `relates_to` are for services that use WS-Addressing."""
    header = ""
    if action:
        related = f"<wsa:RelatesTo>{escape(relates_to)}</wsa:RelatesTo>" if relates_to else ""
        header = f"<s:Header><wsa:Action>{escape(action)}</wsa:Action>{related}</s:Header>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope{_DECLARATIONS}>{header}'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault_envelope(fault: SoapFault) -> bytes:
    """Give a fault as an answer."""
    subcode = ""
    for code in reversed(fault.subcodes):
        subcode = f"<s:Subcode><s:Value>{escape(code)}</s:Value>{subcode}</s:Subcode>"
    blame = "s:Sender" if fault.is_sender else "s:Receiver"
    return envelope(
        f"<s:Fault><s:Code><s:Value>{blame}</s:Value>{subcode}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{escape(fault.reason)}</s:Text></s:Reason></s:Fault>'
    )
