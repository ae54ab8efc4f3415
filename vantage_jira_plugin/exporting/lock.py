"""A folder that one process holds, and that goes away with everything in it. Nothing of what it holds."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FolderLock"]

#: Whoever may not read the rows in Jira shall not read them here.
_OWNER_ONLY = 0o700
_LOCK_NAME = "lock"


class FolderLock:
    """Holds a folder, which is made where it is not there. The lock ends with the process, however that ends.

    Raises:
        BlockingIOError: somebody else holds it, in this process or another.
        PermissionError: something else is there, or the folder belongs to another user.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        while True:
            with suppress(FileExistsError):
                folder.mkdir(_OWNER_ONLY)
            _check_owner(folder)
            try:
                self._file = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except FileNotFoundError:  # whoever held it has just removed it
                continue
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._is_there():
                    return
            except BaseException:
                os.close(self._file)
                raise
            os.close(self._file)

    def clear(self, *, last: str) -> None:
        """Remove everything in the folder but the lock; one file after all others."""
        for path in sorted(self._folder.iterdir(), key=lambda path: path.name == last):
            if path.name != _LOCK_NAME:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def remove(self, *, last: str) -> None:
        """Remove the folder and all in it, one file after all others; the lock is still held."""
        self.clear(last=last)
        (self._folder / _LOCK_NAME).unlink()
        with suppress(OSError):  # somebody else has just begun in it
            self._folder.rmdir()

    def release(self) -> None:
        """Let go of the folder."""
        os.close(self._file)

    def _is_there(self) -> bool:
        """Tell whether the file that was locked is still the one that others find."""
        try:
            there = (self._folder / _LOCK_NAME).lstat()
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(self._file))


def _check_owner(folder: Path) -> None:
    """Make sure that a folder is this user's own: others could read in it, or lead elsewhere.

    Raises:
        PermissionError: it is not.
    """
    with suppress(FileNotFoundError):
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise PermissionError(f"{folder.name} is not a folder of this user's own")
