"""Where finished files are put: a local folder here, other places through `remote`. No formats, no spooling."""

from __future__ import annotations

import errno
import os
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Protocol

from vantage_jira_plugin.errors import InputError

if TYPE_CHECKING:
    from .spool import Finished
    from .targets import Target

__all__ = ["Place", "place_of"]

#: What a file system says that has no hard links.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class Place(Protocol):
    """Where one file goes."""

    @property
    def spool(self) -> Path:
        """The folder for what is kept meanwhile."""

    def exists(self) -> bool:
        """Tell whether a file is there."""

    def holds(self, finished: Finished) -> bool:
        """Tell whether the file that is there is this one."""

    def put(self, file: Path, *, overwrite: bool) -> None:
        """Put a local file in its place, all of it at once; the file itself may be gone then.

        Raises:
            FileExistsError: another one is there, and must not be replaced.
            OSError: it cannot be written.
        """


def place_of(target: Target) -> Place:
    """Return the place of a target.

    Raises:
        InputError: what it needs is not installed, or no such place is known; `errors` names the input `target`.
    """
    if target.path is not None:
        return _LocalPlace(target.path)
    try:
        from .remote import RemotePlace  # noqa: PLC0415 - fsspec is an extra
    except ImportError:
        text = "is a URL, which needs fsspec: install vantage-jira-plugin[arrow], or name a local file"
        raise InputError(f"target {text}", errors={"target": [text]}) from None
    # Others may write in the system's folder for temporary files: the user's number keeps theirs apart.
    name = f"vantage-export-{os.geteuid()}-{sha256(str(target.url).encode()).hexdigest()[:24]}"
    return RemotePlace(str(target.url), Path(gettempdir()) / name)


class _LocalPlace:
    """A local file. What is kept meanwhile is beside it, so that putting it in place is a change of name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.spool = path.with_name(f".{path.name}.vantage-part")

    def exists(self) -> bool:
        """Tell whether a file is there, or a link, wherever that leads."""
        return os.path.lexists(self._path)

    def holds(self, finished: Finished) -> bool:
        """Tell whether the file that is there is this one."""
        try:
            with self._path.open("rb") as file:
                same_size = os.fstat(file.fileno()).st_size == finished.size_bytes
                return same_size and file_digest(file, "sha256").hexdigest() == finished.sha256
        except OSError:
            return False

    def put(self, file: Path, *, overwrite: bool) -> None:
        """Give a file that is on the disk its name; the name is on the disk, too, when this returns."""
        if overwrite or not self._linked(file):
            file.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _linked(self, file: Path) -> bool:
        """Give a file its name only where nothing has that name; False where this file system cannot.

        Raises:
            FileExistsError: something has.
        """
        try:
            self._path.hardlink_to(file)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if self.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
            return False
        return True
