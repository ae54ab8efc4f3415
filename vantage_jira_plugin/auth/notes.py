"""State that workers share through the credential record, for hosts that give nothing better. No HTTP under the lock.

The contract's record is JSON data that may carry the plugin's own notes, and `credentials.exclusive` holds it against
every worker of any host. That makes replacing by version possible everywhere. Records are small, so are these notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.transport.budget import Budget

from .notebook import NOTES_MEMBER, Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.contract import SharedValue

    from .login import Login

__all__ = ["RecordNotes"]

#: Even a call whose time is over notes what it did.
_SHORTEST_PATIENCE_SECONDS = 5.0
#: So long after something was given up it would not be known any more anyway.
_FORGOTTEN_SECONDS = 30 * 86_400.0


class RecordNotes:
    """The contract's `SharedState`, kept in one credential record. What has no `id` never makes room for others."""

    def __init__(self, login: Login, budget: Budget, *, clock: Callable[[], float]) -> None:
        self._login = login
        self._budget = budget
        self._clock = clock

    def read(self, names: Sequence[str]) -> dict[str, SharedValue]:
        """Return the values kept under these names.

        Raises:
            CredentialStoreError: the record could not be read.
        """
        notes, now = self._notes(), self._clock()
        found = {name: notes.get(name, now=now) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def traces(self, name: str) -> list[str]:
        """Return ids that may have been kept under this name before it had to make room.

        Raises:
            CredentialStoreError: the record could not be read.
        """
        return self._notes().traced(name)

    def forgot_at(self) -> float | None:
        """Return when something was last given up without a trace; None where nothing was that would still be kept.

        Raises:
            CredentialStoreError: the record could not be read.
        """
        forgot_at = self._notes().forgot_at
        return None if forgot_at is None or self._clock() - forgot_at > _FORGOTTEN_SECONDS else forgot_at

    def replace(self, name: str, value: Mapping[str, Any] | None, *, version: int, keep_seconds: float) -> bool:
        """Keep a value in place of a version; False where another worker was faster.

        Raises:
            CredentialStoreError: the record could not be locked or written, or has no room for another write.
            ReconnectError: the login was disconnected.
        """
        now = self._clock()

        def change(stored: Mapping[str, Any]) -> Mapping[str, Any] | None:
            notes = Notes.from_json(stored.get(NOTES_MEMBER))
            changed = notes.replaced(name, value, version=version, until=now + keep_seconds, now=now)
            return None if changed is None else {**stored, NOTES_MEMBER: changed.to_json()}

        patience = Budget(max(self._budget.remaining_seconds, _SHORTEST_PATIENCE_SECONDS))
        return self._login.annotate(change, patience)

    def _notes(self) -> Notes:
        return Notes.from_json(self._login.notes().get(NOTES_MEMBER))
