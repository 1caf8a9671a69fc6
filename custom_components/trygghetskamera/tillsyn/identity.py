"""Keys, signatures and the pairing code. Whom a key belongs to is said by chain.py.

Compact JWS (RFC 7515) with Ed25519 (RFC 8032, RFC 9864) and nothing to choose: the header is exactly alg, kid and typ.
"""

import hashlib
import hmac
from dataclasses import asdict, dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .errors import Refusal, Refused
from .strict import Shape, b64u_decode, b64u_encode, bad, dump, load, matching, whole
from .wire import HASH, NAME, STATEMENTS, Statement

# The y coordinates of the points of small order, and the two of them that can be written in a second way. A signature
# by such a "key" holds for almost any message, so anyone could have made it, and OpenSSL does not refuse it.
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
        2**255 - 20,
        2**255 - 19,
        2**255 - 18,
    }
)
_HEADER_LIMIT = 160
_HEADER = Shape({"alg": matching("Ed25519"), "kid": HASH, "typ": matching(r"tk-[a-z-]{1,24}")})


def digest(raw: bytes | str) -> str:
    """base64url SHA-256."""
    return b64u_encode(hashlib.sha256(raw.encode() if isinstance(raw, str) else raw).digest())


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key; ``x`` is its 32 bytes in base64url, ``kid`` its RFC 7638 thumbprint (SHA-256)."""

    x: str

    def __post_init__(self) -> None:
        """Refuse what is not 32 bytes, and points that are no key."""
        raw = b64u_decode(self.x)
        if len(raw) != 32:
            raise bad("key length")
        if int.from_bytes(raw, "little") % 2**255 in _SMALL_ORDER:
            raise bad("key of small order")

    @property
    def kid(self) -> str:
        """RFC 7638 thumbprint of the OKP key (RFC 8037)."""
        return digest(f'{{"crv":"Ed25519","kty":"OKP","x":"{self.x}"}}')

    def check(self, signature: bytes, signed: bytes) -> None:
        """Raises Refused(BAD_SIGNATURE) unless this key signed ``signed``."""
        try:
            Ed25519PublicKey.from_public_bytes(b64u_decode(self.x)).verify(signature, signed)
        except (InvalidSignature, ValueError) as err:
            raise Refused(Refusal.BAD_SIGNATURE) from err


class SigningKey:
    """An Ed25519 private key. Its bytes leave only through ``seed``, for the one file that keeps it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Wrap a key; use ``generate`` or ``from_seed``."""
        self._key = key
        self.public = PublicKey(b64u_encode(key.public_key().public_bytes_raw()))

    @classmethod
    def generate(cls) -> SigningKey:
        """A new random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key with this 32-byte seed. Raises ValueError on another length."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def seed(self) -> bytes:
        """The 32 secret bytes."""
        return self._key.private_bytes_raw()

    def sign(self, statement: Statement) -> str:
        """The compact JWS of a statement."""
        header = dump({"alg": "Ed25519", "kid": self.public.kid, "typ": statement.TYP})
        signed = f"{b64u_encode(header)}.{b64u_encode(statement.payload())}"
        return f"{signed}.{b64u_encode(self._key.sign(signed.encode()))}"


@dataclass(frozen=True, slots=True)
class Parsed[S: Statement]:
    """A token that has the right shape; ``hash`` names it in other statements. Not yet to be believed: see
    ``verified``.
    """

    token: str
    kid: str
    statement: S
    hash: str
    _signature: bytes
    _signed: bytes

    def verified(self, key: PublicKey) -> S:
        """The statement, once the signature holds. Raises Refused(UNKNOWN_SIGNER or BAD_SIGNATURE)."""
        if key.kid != self.kid:
            raise Refused(Refusal.UNKNOWN_SIGNER)
        key.check(self._signature, self._signed)
        return self.statement


def parse[S: Statement](kind: type[S], token: str) -> Parsed[S]:
    """Read a compact JWS of exactly this kind: size, header, then payload. Raises Refused(BAD_MESSAGE)."""
    if len(token) > _HEADER_LIMIT * 2 + kind.LIMIT * 2 or token.count(".") != 2:
        raise bad("token")
    header_part, payload_part, signature_part = token.split(".")
    header = _HEADER.read(load(b64u_decode(header_part), _HEADER_LIMIT))
    if header["typ"] != kind.TYP or STATEMENTS.get(kind.TYP) is not kind:
        raise bad("typ")
    statement = kind.parse(b64u_decode(payload_part))
    signature = b64u_decode(signature_part)
    if len(signature) != 64 or not isinstance(statement, kind):
        raise bad("signature length")
    signed = f"{header_part}.{payload_part}".encode()
    return Parsed(token, str(header["kid"]), statement, digest(token), signature, signed)


def typ_of(token: str) -> str:
    """Which statement a token claims to be, for choosing how to read it. Raises Refused(BAD_MESSAGE)."""
    return str(_HEADER.read(load(b64u_decode(token.partition(".")[0]), _HEADER_LIMIT))["typ"])


WORD_ROUNDS: Final = 600_000
"""How slowly the words of a pairing are made."""


@dataclass(frozen=True, slots=True)
class PairingCode:
    """What the installer's side shows and the home enters: where the service is, the root to pin, a one-time secret.

    ``policy``: the smallest number of a tk-policy that the home's certificate may name; 0: any.
    """

    url: str
    root: str
    secret: str
    label: str
    policy: int = 0

    def encode(self) -> str:
        """The code as text, 'TK1.' and base64url."""
        return "TK1." + b64u_encode(dump(asdict(self)))

    @classmethod
    def decode(cls, code: str) -> PairingCode:
        """Read a typed or scanned code; white space is forgiven. Raises Refused(BAD_MESSAGE)."""
        packed = "".join(code.split())
        if not packed.startswith("TK1.") or len(packed) > 1204:
            raise bad("pairing code")
        found = _PAIRING.read(load(b64u_decode(packed[4:]), 900))
        code_read = cls(**found)  # type: ignore[arg-type]
        b64u_decode(code_read.secret)
        return code_read

    @property
    def rendezvous(self) -> str:
        """The name under which both sides meet at the service; it does not reveal the secret."""
        return digest(f"tk-rendezvous:{self.secret}")

    def mac(self, hub_key: PublicKey) -> str:
        """Proof to the installer that the hub which holds this code holds this key (HMAC-SHA-256)."""
        message = f"tk-pair:{self.root}:{hub_key.x}".encode()
        return b64u_encode(hmac.digest(b64u_decode(self.secret), message, "sha256"))

    def words(self, hub_key: PublicKey) -> tuple[int, ...]:
        """The five words that both screens show for this code and hub, as places in words.SWEDISH and ENGLISH.

        40 bits, made slowly (PBKDF2-HMAC-SHA-256, RFC 8018) so that nobody who has seen the code finds a key of their
        own with the same words in the minutes that it lives. Takes some tenths of a second: not for an event loop.
        """
        salt = f"tk-words:{self.root}:{hub_key.x}".encode()
        return tuple(hashlib.pbkdf2_hmac("sha256", b64u_decode(self.secret), salt, WORD_ROUNDS, 5))

    def accepts(self, hub_key: PublicKey, mac: str) -> bool:
        """Whether ``mac`` proves ``hub_key``, compared in constant time."""
        return hmac.compare_digest(self.mac(hub_key).encode(), mac.encode("utf-8", "replace"))


_PAIRING = Shape(
    {
        "url": matching(r"wss?://[A-Za-z0-9.\-\[\]:]{1,253}(/[A-Za-z0-9/_.-]{0,100})?"),
        "root": HASH,
        "secret": HASH,
        "label": NAME,
        "policy": whole(0, 2**31),
    }
)
