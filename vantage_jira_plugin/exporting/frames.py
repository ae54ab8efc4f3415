"""Pages in a file, one behind the other, each with its length and checksum. No rows, no journal."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["DamagedError", "append", "frames", "whole"]

#: Before each page: its bytes, its rows, and the checksum of both numbers and the page.
_HEADER = struct.Struct("<QII")
_NUMBERS = struct.Struct("<QI")


class DamagedError(OSError):
    """A file is not as it was written."""


def append(path: Path, end: int, data: bytes, rows: int) -> int:
    """Write one page behind what is kept of a file, which is its first `end` bytes; return where it ends now."""
    with path.open("r+b" if end else "wb") as file:
        file.seek(end)
        file.truncate()
        file.write(_HEADER.pack(len(data), rows, _checksum(data, rows)))
        file.write(data)
    return end + _HEADER.size + len(data)


def frames(path: Path, end: int, start: int = 0) -> Iterator[tuple[bytes, int]]:
    """Yield the pages between two places of a file, with their rows, one at a time in memory.

    Raises:
        DamagedError: there is something else.
    """
    if start == end:
        return
    with path.open("rb") as file:
        file.seek(start)
        while start < end:
            header = file.read(_HEADER.size)
            length, rows, checksum = _HEADER.unpack(header) if len(header) == _HEADER.size else (end, 0, 0)
            start += _HEADER.size + length
            data = file.read(length) if start <= end else b""
            if start > end or len(data) != length or _checksum(data, rows) != checksum:
                raise DamagedError("a page of the spool is not as it was written")
            yield data, rows


def whole(path: Path, start: int, end: int) -> bool:
    """Tell whether the pages between two places of a file are as they were written."""
    try:
        for _ in frames(path, end, start):
            pass
    except (FileNotFoundError, DamagedError):
        return False
    return True


def _checksum(data: bytes, rows: int) -> int:
    return crc32(data, crc32(_NUMBERS.pack(len(data), rows)))
