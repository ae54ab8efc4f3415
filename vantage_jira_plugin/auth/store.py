"""The host's credential store, with its failures turned into `CredentialStoreError`. No HTTP."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from vantage_jira_plugin.errors import CredentialStoreError

from .notebook import emptied
from .record import CredentialRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vantage_jira_plugin.contract import CredentialStore, CredentialTransaction

__all__ = ["HeldRecord", "RecordStore"]


class HeldRecord:
    """One record, held against every other thread, process and machine."""

    def __init__(self, transaction: CredentialTransaction, *, clock: Callable[[], float] = time.time) -> None:
        self._transaction = transaction
        self._clock = clock
        with _failures("read"):
            stored = transaction.record
            #: The record as it is now, or None where none is stored.
            self.record = None if stored is None else CredentialRecord.from_json(stored)

    def save(self, record: CredentialRecord) -> None:
        """Store the record; it is durable when this returns.

        Where it cannot be stored with what is noted about writes, it is without: a store may take no more than so many
        bytes, and a login is worth more than notes.
        """
        try:
            self.save_whole(record)
        except CredentialStoreError:
            notes = emptied(record.notes, now=self._clock())
            if notes is None:
                raise
            self.save_whole(replace(record, notes=notes))
            with suppress(CredentialStoreError):  # a store that failed for a moment shall lose nothing
                self.save_whole(record)

    def save_whole(self, record: CredentialRecord) -> None:
        """Store the record with everything in it, or fail; it is durable when this returns."""
        with _failures("written"):
            self._transaction.save(record.to_json())
        self.record = record

    def delete(self) -> None:
        """Forget the record."""
        with _failures("deleted"):
            self._transaction.delete()
        self.record = None


class RecordStore:
    """The records of one credential id."""

    def __init__(self, store: CredentialStore, credential_id: str, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._credential_id = credential_id
        self._clock = clock

    def read(self) -> CredentialRecord | None:
        """Return the stored record without a lock."""
        with _failures("read"):
            stored = self._store.read(self._credential_id)
            return None if stored is None else CredentialRecord.from_json(stored)

    @contextmanager
    def exclusive(self, *, timeout_seconds: float) -> Iterator[HeldRecord]:
        """Hold the record.

        Raises:
            CredentialStoreError: the lock was not to be had in time, or the store failed.
        """
        with _failures("locked"):
            lock = self._store.exclusive(self._credential_id, timeout_seconds=timeout_seconds)
            transaction = lock.__enter__()
        try:
            yield HeldRecord(transaction, clock=self._clock)
        except BaseException as error:
            with _failures("released"):
                lock.__exit__(type(error), error, error.__traceback__)
            raise
        with _failures("released"):
            lock.__exit__(None, None, None)


@contextmanager
def _failures(what: str) -> Iterator[None]:
    """Say which step failed; the host's own exception may be anything, and is kept as the cause."""
    try:
        yield
    except TimeoutError as error:
        raise CredentialStoreError(
            f"the credential record could not be {what} in time: another worker holds it",
            hint="Try again; if it stays so, look for a worker that hangs.",
        ) from error
    except Exception as error:
        raise CredentialStoreError(
            f"the credential record could not be {what} ({type(error).__name__})",
            hint="Ask an administrator to look at the host's credential store.",
        ) from error
