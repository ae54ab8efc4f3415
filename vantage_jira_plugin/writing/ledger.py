"""The ledger of keyed writes: entries by name, replaced by version, in a shared state. It decides nothing."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from vantage_jira_plugin.errors import CredentialStoreError

from .entry import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.contract import SharedState
    from vantage_jira_plugin.operations import Operation

__all__ = ["Ledger", "Noted", "digest_of", "name_of"]

#: How long what was written under a key is remembered.
KEEP_SECONDS = 30 * 86_400.0
#: Characters of a digest of inputs: enough to tell inputs apart, not to prove anything.
_DIGEST_LENGTH = 16


def name_of(cloud_id: str, operation: Operation, key: str) -> str:
    """Return the name of a write in the ledger; keys may be of any length and content."""
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"write/{cloud_id}/{operation.method} {operation.template}/{digest}"


def digest_of(path: Mapping[str, str] | None, body: Any) -> str:
    """Return what tells inputs apart."""
    text = json.dumps([dict(path or {}), body], sort_keys=True, ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]


class Noted(NamedTuple):
    """An entry and the version that it has; None and 0 where there is none."""

    entry: Entry | None
    version: int


@runtime_checkable
class _Tracing(Protocol):
    """A state that must make room, and keeps a trace of what it gave up."""

    def traces(self, name: str) -> Sequence[str]:
        """Return ids that may have been kept under this name."""

    def forgot_at(self) -> float | None:
        """Return when something was given up without a trace, epoch seconds, or None where nothing was."""


class Ledger:
    """Entries of keyed writes in a `SharedState`."""

    def __init__(self, state: SharedState) -> None:
        self._state = state

    def read(self, name: str) -> Noted:
        """Return the entry of a write.

        Raises:
            CredentialStoreError: it could not be read.
        """
        stored = self._state.read([name]).get(name)
        if stored is None:
            return Noted(None, 0)
        try:
            return Noted(Entry.from_json(stored.value), stored.version)
        except (ValueError, AttributeError) as error:
            raise CredentialStoreError(
                "what is noted about this write cannot be read", hint="Use another idempotencyKey."
            ) from error

    def replace(self, name: str, entry: Entry | None, *, version: int) -> bool:
        """Store an entry (None: forget it) in place of a version; False where somebody else was faster.

        Raises:
            CredentialStoreError: it could not be stored, or whether it is stored is not known.
        """
        value = None if entry is None else entry.to_json()
        return self._state.replace(name, value, version=version, keep_seconds=KEEP_SECONDS)

    def traces(self, name: str) -> Sequence[str]:
        """Return ids of what may have been made under this name by writes whose entries had to make room."""
        return self._state.traces(name) if isinstance(self._state, _Tracing) else ()

    def forgot_at(self) -> float | None:
        """Return when a write was last forgotten that could still be asked for, or None where none was."""
        return self._state.forgot_at() if isinstance(self._state, _Tracing) else None
