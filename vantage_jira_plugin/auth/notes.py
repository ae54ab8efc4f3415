"""State that workers share through the credential record, for hosts that give nothing better. No HTTP under the lock.

The contract's record is JSON data that may carry the plugin's own notes, and `credentials.exclusive` holds it against
every worker of any host. That makes replacing by version possible everywhere. Records are small, so are these notes.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from vantage_jira_plugin.contract import SharedValue
from vantage_jira_plugin.transport.budget import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .login import Login

__all__ = ["Notes", "RecordNotes"]

#: Name of the notes in the record.
_MEMBER = "writes"
#: How many values with an `id` are kept whole; of the oldest beyond that, only a trace of name and id is.
MOST_VALUES = 120
#: How many traces are kept. Together about 40 KB.
MOST_TRACES = 1500
#: Characters of a name's digest: 132 bits for a value, 24 for a trace, which is compared with Jira before it counts.
_NAME_LENGTH = 22
_TRACE_LENGTH = 4
#: Even a call whose time is over notes what it did.
_SHORTEST_PATIENCE_SECONDS = 5.0
_ID = re.compile(r"\w{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Kept:
    version: int
    until: float
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one record: values by (shortened) name, and traces of older ones.

    JSON: `{"version": last one given, "values": {name: [version, until, value]}, "traces": "name.id name.id ..."}`.
    """

    version: int = 0
    values: Mapping[str, _Kept] = field(default_factory=dict, repr=False)
    traces: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the notes; what cannot be read is left out."""
        if not isinstance(data, dict):
            return cls()
        stored, version, traces = data.get("values"), data.get("version"), data.get("traces")
        values = {}
        for name, entry in stored.items() if isinstance(stored, dict) else ():
            match entry:
                case [int(own), int() | float() as until, dict(value)]:
                    values[str(name)] = _Kept(own, until, value)
        highest = max((kept.version for kept in values.values()), default=0)
        return cls(
            max(version if isinstance(version, int) else 0, highest),
            values,
            tuple(traces.split()) if isinstance(traces, str) else (),
        )

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "version": self.version,
            "values": {name: [kept.version, round(kept.until), dict(kept.value)] for name, kept in self.values.items()},
            "traces": " ".join(self.traces),
        }

    def get(self, name: str, *, now: float) -> SharedValue | None:
        """Return a value, or None where there is none."""
        kept = self.values.get(_short(name))
        return None if kept is None or kept.until <= now else SharedValue(kept.value, kept.version)

    def traced(self, name: str) -> list[str]:
        """Return ids that values of this name may have had."""
        prefix = f"{_short(name)[:_TRACE_LENGTH]}."
        return [trace.removeprefix(prefix) for trace in self.traces if trace.startswith(prefix)]

    def replaced(
        self, name: str, value: Mapping[str, Any] | None, *, version: int, until: float, now: float
    ) -> Self | None:
        """Return the notes with another value (None: without it), or None where its version is another."""
        known = self.get(name, now=now)
        if version != (0 if known is None else known.version):
            return None
        short = _short(name)
        values = {other: kept for other, kept in self.values.items() if other != short and kept.until > now}
        if value is not None:
            values[short] = _Kept(self.version + 1, until, value)
        settled = sorted((kept.version, other) for other, kept in values.items() if _id(kept.value) is not None)
        traces = list(self.traces)
        for _, other in settled[: max(len(settled) - MOST_VALUES, 0)]:
            traces.append(f"{other[:_TRACE_LENGTH]}.{_id(values.pop(other).value)}")
        return type(self)(self.version + 1, values, tuple(traces[-MOST_TRACES:]))


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

    def replace(self, name: str, value: Mapping[str, Any] | None, *, version: int, keep_seconds: float) -> bool:
        """Keep a value in place of a version; False where another worker was faster.

        Raises:
            CredentialStoreError: the record could not be locked or written.
            ReconnectError: the login was disconnected.
        """
        now = self._clock()

        def change(stored: Mapping[str, Any]) -> Mapping[str, Any] | None:
            notes = Notes.from_json(stored.get(_MEMBER))
            changed = notes.replaced(name, value, version=version, until=now + keep_seconds, now=now)
            return None if changed is None else {**stored, _MEMBER: changed.to_json()}

        patience = Budget(max(self._budget.remaining_seconds, _SHORTEST_PATIENCE_SECONDS))
        return self._login.annotate(change, patience)

    def _notes(self) -> Notes:
        return Notes.from_json(self._login.notes().get(_MEMBER))


def _short(name: str) -> str:
    """Return a name in few characters, none of which is a space or a dot."""
    return base64.urlsafe_b64encode(sha256(name.encode()).digest()).decode()[:_NAME_LENGTH]


def _id(value: Mapping[str, Any]) -> str | None:
    """Return the id that a value carries."""
    found = value.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else None
