"""Files elsewhere: object stores, servers; the only place that knows fsspec. No local files, no formats."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fsspec.core import url_to_fs

from vantage_jira_plugin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .spool import Finished

__all__ = ["RemotePlace"]

#: What is sent at once.
_BLOCK_BYTES = 1024 * 1024


class RemotePlace:
    """A file at a URL that fsspec knows.

    It appears all at once where the file system can do so: object stores, and servers that rename. fsspec calls this a
    transaction; see https://filesystem-spec.readthedocs.io/en/latest/features.html#transactions

    Args:
        url: may hold credentials; it is in no message.
        spool: the folder for what is kept meanwhile.

    Raises:
        InputError: fsspec knows no such place, or lacks the package for it; `errors` names the input `target`.
    """

    def __init__(self, url: str, spool: Path) -> None:
        self.spool = spool
        scheme = url.partition(":")[0]
        try:
            # Not fsspec's shared instance: a transaction would take in the files of other threads.
            self._files, self._path = url_to_fs(url, skip_instance_cache=True)
        except ImportError as error:
            # fsspec names the package that it lacks, and nothing else.
            raise _refused(f"cannot be reached: {error.msg or f'no package for {scheme}:// is installed'}") from None
        except Exception:  # noqa: BLE001 - each file system has its own errors, and they may quote the URL
            raise _refused(f"is a URL that fsspec cannot use ({scheme}://)") from None

    def exists(self) -> bool:
        """Tell whether a file is there."""
        with _own_errors("look for"):
            return bool(self._files.exists(self._path))

    def holds(self, finished: Finished) -> bool:
        """Tell whether the file that is there is this one, as far as its size tells."""
        with _own_errors("look at"):
            return bool(self._files.exists(self._path) and self._files.size(self._path) == finished.size_bytes)

    def put(self, file: Path, *, overwrite: bool) -> None:
        """Send a file."""
        if not overwrite and self.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        with (
            file.open("rb") as source,
            _own_errors("write"),
            self._files.transaction,
            self._files.open(self._path, "wb") as sink,
        ):
            shutil.copyfileobj(source, sink, _BLOCK_BYTES)


@contextmanager
def _own_errors(does: str) -> Iterator[None]:
    """Say what failed in words of ours: the file system's may quote the URL with its credentials.

    Raises:
        OSError: anything failed.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - each file system has its own errors
        raise OSError(errno.EIO, f"could not {does} the file there ({type(error).__name__})") from None


def _refused(text: str) -> InputError:
    return InputError(f"target {text}", errors={"target": [text]})
