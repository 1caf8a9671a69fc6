"""Which calls the camera answers, and who may make them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .soap import NAMESPACES, Call, SoapFault

DEVICE, MEDIA, PTZ, IMAGING, EVENTS, NOTIFICATION, RECORDING = "tds", "trt", "tptz", "timg", "tev", "wsnt", "trc"
"""Services by their prefix in soap.NAMESPACES."""

type Handler = Callable[[Call], str | Awaitable[str]]


@dataclass(slots=True)
class Operations:
    """Every call by namespace and name. What is not listed is refused."""

    _handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    _public: set[tuple[str, str]] = field(default_factory=set)

    def add(self, service: str, name: str, handler: Handler, *, is_public: bool = False) -> None:
        """List a call; a public one needs no login (ONVIF Core, access class PRE_AUTH)."""
        key = (NAMESPACES[service], name)
        self._handlers[key] = handler
        if is_public:
            self._public.add(key)

    def is_public(self, call: Call) -> bool:
        """Say whether a call needs no login."""
        return (call.service, call.operation) in self._public

    def handler(self, call: Call) -> Handler:
        """Give what answers a call. Raises SoapFault if nothing does."""
        found = self._handlers.get((call.service, call.operation))
        if found is None:
            raise SoapFault("Action not supported", "ter:ActionNotSupported", is_sender=False)
        return found
