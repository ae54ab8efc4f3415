"""An administrator's settings per plugin: on or off, and its own settings. Credentials live elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .errors import HostError
from .schema import plugins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .database import Database

__all__ = ["PluginSettingsStore"]

#: Settings of these names hold secrets or belong to one credential; they are sealed, or not kept at all.
SECRET_NAME = re.compile(r"secret|password|passwd|token|api_?key|private_?key|encryptedrecord", re.IGNORECASE)
#: Settings that name a credential; the host fills them in from the credential's own row.
CREDENTIAL_NAMES = frozenset({"serviceId", "clientId", "credentialId", "cloudId"})


class PluginSettingsStore:
    """Rows of the table `plugins`; a plugin without a row is enabled and has no settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def disabled(self) -> frozenset[str]:
        """Return the names of the plugins that must not be loaded."""
        query = sa.select(plugins.c.name).where(plugins.c.enabled.is_(sa.false()))
        with self._database.begin() as connection:
            return frozenset(connection.scalars(query))

    def set_enabled(self, name: str, *, enabled: bool) -> None:
        """Allow or forbid loading a plugin."""
        self._write(name, {"enabled": enabled})

    def settings(self, name: str) -> dict[str, Any]:
        """Return the settings of a plugin."""
        query = sa.select(plugins.c.settings).where(plugins.c.name == name)
        with self._database.begin() as connection:
            return dict(connection.scalar(query) or {})

    def set_settings(self, name: str, settings: Mapping[str, Any]) -> None:
        """Replace the settings of a plugin.

        Raises:
            HostError: a setting holds a secret or belongs to one credential; nothing is stored.
        """
        refused = sorted({name for name in _names(settings) if _refused(name)})
        if refused:
            raise HostError(
                f"not a setting for every credential: {', '.join(refused)}",
                hint="secrets come from the environment, what belongs to a credential from connect or import",
            )
        self._write(name, {"settings": dict(settings)})

    def _write(self, name: str, values: Mapping[str, Any]) -> None:
        untouched = {"enabled": True, "settings": {}}
        new = {column: value for column, value in untouched.items() if column not in values}
        self._database.upsert(plugins, {"name": name}, values, new)


def _refused(name: str) -> bool:
    return name in CREDENTIAL_NAMES or bool(SECRET_NAME.search(name))


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
