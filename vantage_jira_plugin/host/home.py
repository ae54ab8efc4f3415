"""The home folder: where the host keeps its files. No database and no keys are read here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Home"]

#: Names the home folder; without it the platform's user data folder is used.
HOME_VARIABLE = "VANTAGE_HOME"
#: Mode of the folder: its owner only.
FOLDER_MODE = 0o700


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds the database, the locks and the key file."""

    path: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Home:
        """Return the home folder that the environment names, creating it for its owner only."""
        named = environ.get(HOME_VARIABLE)
        path = Path(named).expanduser() if named else platformdirs.user_data_path("vantage", appauthor=False)
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        return cls(path.resolve())

    @property
    def database_path(self) -> Path:
        """Return where the SQLite database is, unless a URL names another."""
        return self.path / "vantage.db"

    @property
    def key_path(self) -> Path:
        """Return where the sealing keys are, unless the environment holds them."""
        return self.path / "record.keys"
