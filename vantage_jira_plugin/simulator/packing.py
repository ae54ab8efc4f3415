"""Answers as gzip whose beginning may come again: compressed once, the end each time. Knows no HTTP, no Jira."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Packing"]

#: The fastest of zlib's levels, 1 to 9.
_LEVEL = 1
#: Head of a gzip member: magic number, deflate, no flags, no time, fastest, unknown system.
#: Source: https://www.rfc-editor.org/rfc/rfc1952#page-5
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"


class Packing:
    """The compressed beginning of an answer, made when it is first wanted."""

    def __init__(self) -> None:
        self._made: tuple[bytes, int, int] | None = None

    def gzip(self, beginning: Callable[[], bytes], end: bytes) -> bytes:
        """Return beginning and end as one gzip member; `beginning` is asked once and answers the same each time."""
        made = self._made
        if made is None:
            text = beginning()
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
            # A full flush ends at a byte, and nothing after it refers to anything before it.
            packed = packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)
            made = self._made = (packed, zlib.crc32(text), len(text))
        packed, checksum, length = made
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        trailer = struct.pack("<II", zlib.crc32(end, checksum), (length + len(end)) & 0xFFFFFFFF)
        return b"".join((_HEAD, packed, packer.compress(end), packer.flush(), trailer))
