"""Credential records at rest: sealed rows, one writer at a time. Sealing and locking are elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .errors import HostError, StoreError
from .schema import credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .database import Database
    from .sealing import Sealer

__all__ = ["Credential", "SqlCredentialStore", "SqlTransaction", "sealed_records"]

#: How long the host's own commands wait for a credential that a plugin holds, in seconds.
COMMAND_TIMEOUT_SECONDS = 30.0
#: Version of a credential that was not there; no row has it.
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Credential:
    """What the host knows of a credential without opening its record; times are epoch seconds."""

    credential_id: str
    connector: str
    service_id: str
    client_id: str
    settings: Mapping[str, Any]
    sealed: str | None = field(repr=False)
    version: int
    created_at: float
    updated_at: float


class SqlCredentialStore:
    """The contract's `CredentialStore` over a database, and what the host's commands need besides."""

    def __init__(self, database: Database, sealer: Sealer, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    # ---- the contract -----------------------------------------------------------------------

    def read(self, credential_id: str) -> dict[str, Any] | None:
        """Return the stored record without a lock, or None.

        Raises:
            StoreError: the database could not be read.
            ValueError: the record was not sealed by this host for this credential.
        """
        return self._opened(self.get(credential_id))

    @contextmanager
    def exclusive(self, credential_id: str, *, timeout_seconds: float) -> Iterator[SqlTransaction]:
        """Hold the record against everybody who shares the database, and read it again under the lock.

        Raises:
            TimeoutError: somebody else held it for longer than `timeout_seconds`.
            StoreError: the database could not be used.
            RuntimeError: this thread holds it already.
        """
        with self._hold(credential_id, timeout_seconds) as confirm:
            credential = self.get(credential_id)
            version = UNKNOWN if credential is None else credential.version
            transaction = SqlTransaction(self, credential_id, self._opened(credential), version, confirm)
            try:
                yield transaction
            finally:
                transaction.end()

    # ---- the host's commands ----------------------------------------------------------------

    def register(self, credential_id: str, *, connector: str, service_id: str, client_id: str) -> None:
        """Note whose credential this is; the record of an existing one stays."""
        names = {"connector": connector, "service_id": service_id, "client_id": client_id}
        for name, value in {"credential_id": credential_id, **names}.items():
            if not value.strip():
                raise HostError(f"{name} of a credential must not be empty")
        now = self._clock()
        new: dict[str, Any] = {"settings": {}, "sealed": None, "version": 0, "created_at": now}
        self._database.upsert(credentials, {"credential_id": credential_id}, {**names, "updated_at": now}, new)

    def get(self, credential_id: str) -> Credential | None:
        """Return what is known of a credential, or None."""
        query = sa.select(credentials).where(credentials.c.credential_id == credential_id)
        with self._database.begin() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else Credential(**row)

    def everything(self) -> list[Credential]:
        """Return every credential, by id."""
        query = sa.select(credentials).order_by(credentials.c.credential_id)
        with self._database.begin() as connection:
            return [Credential(**row) for row in connection.execute(query).mappings()]

    def set_settings(self, credential_id: str, settings: Mapping[str, Any]) -> None:
        """Replace the settings kept beside the record, such as the chosen site."""
        query = sa.update(credentials).where(credentials.c.credential_id == credential_id)
        with self._database.begin() as connection:
            changed = connection.execute(query.values(settings=dict(settings), updated_at=self._clock()))
        if not changed.rowcount:
            raise _unknown(credential_id)

    def remove(self, credential_id: str) -> bool:
        """Forget a credential altogether; True where there was one."""
        query = sa.delete(credentials).where(credentials.c.credential_id == credential_id)
        with self._hold(credential_id, COMMAND_TIMEOUT_SECONDS) as confirm, self._database.begin() as connection:
            removed = connection.execute(query).rowcount
            confirm()
            return bool(removed)

    def rotate(self) -> int:
        """Seal every record with the newest key and return how many changed; safe to stop and start again.

        Raises:
            ValueError: a record cannot be opened with any key.
        """
        changed = 0
        for credential in self.everything():
            with self._hold(credential.credential_id, COMMAND_TIMEOUT_SECONDS) as confirm:
                current = self.get(credential.credential_id)
                if current is None or current.sealed is None or self._sealer.is_newest(current.sealed):
                    continue
                self.write(current.credential_id, self._opened(current), current.version, confirm)
                changed += 1
        return changed

    # ---- under the lock ---------------------------------------------------------------------

    def write(
        self, credential_id: str, record: Mapping[str, object] | None, version: int, confirm: Callable[[], None]
    ) -> int:
        """Store or forget the record, durably, in place of that version; return the new one.

        The caller holds the credential, and `confirm` raises where it does so no more.

        Raises:
            StoreError: the database could not be written, the lock was lost, the record is newer than
                `version`, or the credential was never registered. Nothing was stored.
        """
        sealed = None if record is None else self._sealer.seal(credential_id, record)
        new = {"sealed": sealed, "version": version + 1, "updated_at": self._clock()}
        read = (credentials.c.credential_id == credential_id, credentials.c.version == version)
        with self._database.begin() as connection:
            changed = connection.execute(sa.update(credentials).where(*read).values(**new))
            confirm()  # the last thing before the commit
        if changed.rowcount:
            return version + 1
        if self.get(credential_id) is None:
            raise _unknown(credential_id)
        raise StoreError(f"credential {credential_id!r} was changed by somebody else since it was read")

    def _opened(self, credential: Credential | None) -> dict[str, Any] | None:
        if credential is None or credential.sealed is None:
            return None
        return self._sealer.open(credential.sealed, credential_id=credential.credential_id)

    @contextmanager
    def _hold(self, credential_id: str, timeout_seconds: float) -> Iterator[Callable[[], None]]:
        with self._database.locks.hold(f"credential:{credential_id}", timeout_seconds=timeout_seconds) as confirm:
            yield confirm


class SqlTransaction:
    """One record, held exclusively until its block ends."""

    def __init__(
        self,
        store: SqlCredentialStore,
        credential_id: str,
        record: dict[str, Any] | None,
        version: int,
        confirm: Callable[[], None],
    ) -> None:
        self._store = store
        self._credential_id = credential_id
        self._record = record
        self._version = version
        self._confirm = confirm
        self._ended = False

    @property
    def record(self) -> Mapping[str, object] | None:
        """The record as it is now, or None."""
        return self._record

    def save(self, record: Mapping[str, object]) -> None:
        """Store the record; it is on the disk when this returns."""
        self._write(dict(record))

    def delete(self) -> None:
        """Forget the record; the credential itself stays known."""
        self._write(None)

    def end(self) -> None:
        """Refuse every later write: the lock is about to go."""
        self._ended = True

    def _write(self, record: dict[str, Any] | None) -> None:
        if self._ended:
            raise RuntimeError("the credential is no longer held; a write now could undo another's")
        self._version = self._store.write(self._credential_id, record, self._version, self._confirm)
        self._record = record


def _unknown(credential_id: str) -> StoreError:
    return StoreError(f"credential {credential_id!r} is not known to this host")


def sealed_records(database: Database) -> list[str]:
    """Return every sealed record as it is."""
    query = sa.select(credentials.c.sealed).where(credentials.c.sealed.is_not(None))
    with database.begin() as connection:
        return [str(sealed) for sealed in connection.scalars(query)]
