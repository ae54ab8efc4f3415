"""Pages to one file, counted and digested on the way. It knows not where pages come from or the file goes."""

from __future__ import annotations

import gzip
import os
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any

from .spool import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from .formats import Format

__all__ = ["assemble"]

#: The level of the gzip command. Python's own, 9, takes five times as long for three percent less.
_GZIP_LEVEL = 6


class _Counted:
    """A file, how many bytes went into it, and their digest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size_bytes = 0
        self.digest = sha256()

    def write(self, data: Any) -> int:
        with memoryview(data).cast("B") as view:
            if self._file.closed:  # given up, and pyarrow writes the end of a file all the same
                return len(view)
            self._file.write(view)
            self.digest.update(view)
            self.size_bytes += len(view)
            return len(view)

    def flush(self) -> None:
        """Do nothing: it is flushed once, at its end."""


def assemble(
    pages: Iterable[tuple[bytes, int]],
    encoding: Format,
    path: Path,
    *,
    compressed: bool,
    max_rows: int | None,
    progress: Callable[[int], None],
) -> Finished:
    """Write the first `max_rows` rows of encoded pages, one page in memory at a time; on the disk when this returns.

    The same pages give the same bytes, compressed ones too.

    Raises:
        OSError: it cannot be written, or a page not be read.
    """
    rows = 0
    with path.open("wb") as file:
        counted = _Counted(file)
        packed = gzip.GzipFile("", "wb", _GZIP_LEVEL, counted, mtime=0) if compressed else None
        writer = encoding.writer(packed or counted)
        for data, count in pages:
            wanted = count if max_rows is None else min(count, max_rows - rows)
            if not wanted:
                break
            writer.add(data if wanted == count else encoding.head(data, wanted))
            rows += wanted
            progress(rows)
        writer.finish()
        if packed is not None:
            packed.close()
        file.flush()
        os.fsync(file.fileno())
    return Finished(rows, counted.size_bytes, counted.digest.hexdigest())
