"""The home folder: where the host keeps its files. No database and no keys are read here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from .errors import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Home"]

#: Names the home folder; without it the platform's user data folder is used.
HOME_VARIABLE = "VANTAGE_HOME"
#: Mode of the folder: its owner only.
FOLDER_MODE = 0o700
#: Mode bits that let others than the owner at the folder.
OTHERS_MODE = 0o077
#: How the names of the host's own files begin.
OWN_NAMES = ("vantage.db", "record.keys", "locks")


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds the database, the locks and the key file."""

    path: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Home:
        """Return the home folder that the environment names, creating it for its owner only.

        A folder that holds nothing but the host's own files is taken back from others silently.

        Raises:
            HostError: it is no folder and cannot be made one.
        """
        named = environ.get(HOME_VARIABLE)
        path = Path(named).expanduser() if named else platformdirs.user_data_path("vantage", appauthor=False)
        try:
            path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        except OSError as error:
            reason = "it is a file" if path.is_file() else error.strerror
            raise HostError(
                f"the home folder {path} cannot be used: {reason}", hint=f"{HOME_VARIABLE} names a folder"
            ) from error
        home = cls(path.resolve())
        if home._open_to_others() and home._is_ours():
            home.path.chmod(FOLDER_MODE)
        return home

    @property
    def warning(self) -> str | None:
        """Return what people should know of a folder that others can use and that holds more than our files."""
        if not self._open_to_others():
            return None
        mode = self.path.stat().st_mode & 0o777
        return f"others can use the home folder {self.path} (mode {mode:04o}): chmod 700 {self.path}"

    def _open_to_others(self) -> bool:
        return os.name == "posix" and bool(self.path.stat().st_mode & OTHERS_MODE)

    def _is_ours(self) -> bool:
        mine = self.path.stat().st_uid == os.geteuid()
        return mine and all(entry.name.startswith(OWN_NAMES) for entry in self.path.iterdir())

    @property
    def database_path(self) -> Path:
        """Return where the SQLite database is, unless a URL names another."""
        return self.path / "vantage.db"

    @property
    def key_path(self) -> Path:
        """Return where the sealing keys are, unless the environment holds them."""
        return self.path / "record.keys"
