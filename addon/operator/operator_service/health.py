"""`python -m operator_service.health`: does the app in this container answer, and can it read its store?"""

import ssl
import sys
import urllib.error
import urllib.request
from typing import Final

from .app import PORT

_SECONDS: Final = 3


def healthy(port: int = PORT) -> bool:
    """Ask with and without TLS; the certificate is for another name than this one, and nothing is sent to it."""
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    for scheme in ("http", "https"):
        try:
            with urllib.request.urlopen(  # noqa: S310 # the scheme is one of the two above
                f"{scheme}://127.0.0.1:{port}/health", timeout=_SECONDS, context=anyone
            ) as answer:
                return int(answer.status) == 200
        except urllib.error.HTTPError:
            return False
        except OSError:
            continue
    return False


if __name__ == "__main__":
    sys.exit(0 if healthy() else 1)
