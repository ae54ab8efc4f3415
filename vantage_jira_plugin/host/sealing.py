"""Sealing of credential records with AES-256-GCM. No keys are found and nothing is stored here.

A sealed record is one line of text: `vantage1.<key id>.<nonce>.<ciphertext>`, the last two in
base64url without padding. The first two parts are authenticated with the ciphertext; the
credential's id travels inside, so that a record copied to another credential is refused.

Source: NIST SP 800-38D (GCM, 96-bit nonces), https://doi.org/10.6028/NIST.SP.800-38D
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["KeySource", "SealedRecordError", "Sealer", "SealingKey", "key_id_of"]

#: First part of every sealed text; a new form gets a new number.
FORMAT = "vantage1"
#: AES-256.
KEY_BYTES = 32
#: The nonce length GCM is made for (SP 800-38D, section 8.2).
NONCE_BYTES = 12


class SealedRecordError(ValueError):
    """A sealed text does not open: damaged, another credential's, or sealed with a key that is not here."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """One AES-256 key; its id is the start of its SHA-256 and gives nothing away."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes, this one has {len(self.secret)}")

    @classmethod
    def generate(cls) -> SealingKey:
        """Return a new random key."""
        return cls(os.urandom(KEY_BYTES))

    @classmethod
    def from_text(cls, text: str) -> SealingKey:
        """Read a key from base64.

        Raises:
            ValueError: not base64, or not 32 bytes; the text is not repeated.
        """
        try:
            secret = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
        except ValueError:
            raise ValueError("a sealing key is not valid base64") from None
        return cls(secret)

    @property
    def text(self) -> str:
        """Return the key in base64, for the key file."""
        return base64.b64encode(self.secret).decode("ascii")

    @property
    def id(self) -> str:
        """Return the first eight hex digits of the key's SHA-256."""
        return hashlib.sha256(self.secret).hexdigest()[:8]


class KeySource(Protocol):
    """Where the keys come from; asked on each use, since another process may have added one."""

    def newest_first(self) -> Sequence[SealingKey]:
        """Return the keys, newest first."""


class Sealer:
    """Seals with the newest key and opens with any."""

    def __init__(self, source: KeySource, *, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._source = source
        self._random_bytes = random_bytes

    def seal(self, credential_id: str, record: Mapping[str, object]) -> str:
        """Return the record as sealed text, bound to its credential."""
        key = self._source.newest_first()[0]
        header = f"{FORMAT}.{key.id}"
        text = json.dumps({"credentialId": credential_id, "record": dict(record)}, separators=(",", ":"))
        nonce = self._random_bytes(NONCE_BYTES)
        sealed = AESGCM(key.secret).encrypt(nonce, text.encode(), header.encode())
        return f"{header}.{_encode(nonce)}.{_encode(sealed)}"

    def open(self, sealed: str, *, credential_id: str | None = None) -> dict[str, Any]:
        """Return the record inside; `credential_id` is checked where it is given.

        Raises:
            SealedRecordError: not sealed by this host, tampered with, or another credential's.
        """
        key_id, nonce, ciphertext = _parts(sealed)
        key = next((key for key in self._source.newest_first() if key.id == key_id), None)
        if key is None:
            raise SealedRecordError(f"the record was sealed with key {key_id}, which this host does not have")
        try:
            text = AESGCM(key.secret).decrypt(nonce, ciphertext, f"{FORMAT}.{key_id}".encode())
        except InvalidTag:
            raise SealedRecordError("the sealed record was changed after it was sealed") from None
        content = json.loads(text)
        if credential_id is not None and content["credentialId"] != credential_id:
            raise SealedRecordError(f"the sealed record belongs to another credential than {credential_id!r}")
        record: dict[str, Any] = content["record"]
        return record

    def is_newest(self, sealed: str) -> bool:
        """Tell whether the newest key sealed this text."""
        return _parts(sealed)[0] == self._source.newest_first()[0].id


def key_id_of(sealed: str) -> str:
    """Return the id of the key that sealed a text.

    Raises:
        SealedRecordError: it is no sealed text.
    """
    return _parts(sealed)[0]


def _parts(sealed: str) -> tuple[str, bytes, bytes]:
    form, *rest = sealed.strip().split(".")
    if form != FORMAT or len(rest) != 3:  # noqa: PLR2004 - key id, nonce, ciphertext
        raise SealedRecordError(f"this is not a sealed record: it does not have the form {FORMAT}.key.nonce.text")
    key_id, nonce_text, sealed_text = rest
    nonce, ciphertext = _decode(nonce_text), _decode(sealed_text)
    if not key_id.isalnum() or not key_id.isascii() or len(nonce) != NONCE_BYTES:
        raise SealedRecordError("the sealed record is damaged")
    return key_id, nonce, ciphertext


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise SealedRecordError("the sealed record is damaged") from None
    if _encode(data) != text:  # another spelling of the same bytes is a change too
        raise SealedRecordError("the sealed record is damaged")
    return data
