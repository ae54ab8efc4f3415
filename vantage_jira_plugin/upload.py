"""A file that a request carries, as a value. How a form is written is known to requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

__all__ = ["Upload"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send as the one part of a form; it is kept whole, so that it can be sent again whole.

    Attributes:
        part: name of the form's field.
    """

    part: str
    file_name: str
    content: bytes = field(repr=False)
    mime_type: str

    @property
    def sha256(self) -> str:
        """What tells contents apart, in hexadecimal digits."""
        return sha256(self.content).hexdigest()

    def described(self) -> dict[str, Any]:
        """Return what people are shown in its place: `{fileName, sizeBytes, mimeType}`."""
        return {"fileName": self.file_name, "sizeBytes": len(self.content), "mimeType": self.mime_type}

    def form(self) -> dict[str, tuple[str, bytes, str]]:
        """Return what requests takes as `files`."""
        return {self.part: (self.file_name, self.content, self.mime_type)}
