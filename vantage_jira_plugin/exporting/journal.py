"""A file of entries that is only ever added to, and read as far as it is whole. It knows not what entries mean."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Journal", "entries"]

#: A checksum in eight hexadecimal digits, and a space, before each entry.
_CHECKSUM_LENGTH = 9


class Journal:
    """An open journal. Calls come one after another.

    Args:
        kept: how many of its bytes are entries to keep; what follows is cut off.
    """

    def __init__(self, path: Path, kept: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, kept)
        os.lseek(self._file, kept, os.SEEK_SET)
        self._broken: OSError | None = None

    def add(self, entry: Mapping[str, Any]) -> None:
        """Add an entry; it outlives this process when this returns.

        Raises:
            OSError: it could not be written. Nothing is added after that: it could not be read.
        """
        if self._broken is not None:
            raise OSError(self._broken.errno, self._broken.strerror)
        line = memoryview(_line(entry))
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            self._broken = error
            raise

    def close(self) -> None:
        """Add nothing more."""
        os.close(self._file)


def entries(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the entries of a journal and where each ends, up to the first that is not whole; none without a file."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    end = 0
    with file:
        for line in file:
            end += len(line)
            text = line[_CHECKSUM_LENGTH:-1]
            if not line.endswith(b"\n") or line[:_CHECKSUM_LENGTH] != _checksum(text):
                return
            yield json.loads(text), end


def _line(entry: Mapping[str, Any]) -> bytes:
    text = json.dumps(entry, separators=(",", ":")).encode()
    return _checksum(text) + text + b"\n"


def _checksum(text: bytes) -> bytes:
    return b"%08x " % crc32(text)
