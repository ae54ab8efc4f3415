"""Notes in a credential record, as values: what is kept, for how much there is room, what must go first. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Self

from vantage_jira_plugin.contract import SharedValue
from vantage_jira_plugin.errors import CredentialStoreError

__all__ = ["NOTES_MEMBER", "Notes", "emptied"]

#: Name of the notes in the record.
NOTES_MEMBER = "writes"
#: How many values with an `id` are kept whole; of the oldest beyond that, only a trace of name and id is.
MOST_VALUES = 120
#: How many traces are kept.
MOST_TRACES = 1500
#: How many values without an `id` are kept: what is under way, or in doubt.
MOST_UNSETTLED = 200
#: How large the notes become, as JSON. Some stores take 64 KB, and the login has to fit as well. Where they would be
#: larger, values become traces, and then nothing new is begun.
MOST_BYTES = 32_768
#: How long a value without an `id` is kept at most, whatever is asked for: who comes back to it does so within days.
UNSETTLED_SECONDS = 7 * 86_400.0
#: Characters of a name's digest: 132 bits for a value, 24 for a trace, which is compared with Jira before it counts.
_NAME_LENGTH = 22
_TRACE_LENGTH = 4
_ID = re.compile(r"\w{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Kept:
    version: int
    until: float
    value: Mapping[str, Any]

    def to_json(self) -> list[Any]:
        """Return JSON data: `[version, until, value]`."""
        return [self.version, round(self.until), dict(self.value)]


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one record: values by (shortened) name, and traces of older ones.

    JSON: `{"version": last one given, "values": {name: [version, until, value]}, "traces": "name.id name.id ...",
    "forgotAt"?: when something was given up without a trace}`.
    """

    version: int = 0
    values: Mapping[str, _Kept] = field(default_factory=dict, repr=False)
    traces: tuple[str, ...] = field(default=(), repr=False)
    forgot_at: float | None = None

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the notes; what cannot be read is left out."""
        if not isinstance(data, Mapping):
            return cls()
        stored, version, traces = data.get("values"), data.get("version"), data.get("traces")
        forgot_at = data.get("forgotAt")
        values = {}
        for name, entry in stored.items() if isinstance(stored, Mapping) else ():
            match entry:
                case [int(own), int() | float() as until, Mapping() as value]:
                    values[str(name)] = _Kept(own, until, value)
        highest = max((kept.version for kept in values.values()), default=0)
        return cls(
            max(version if isinstance(version, int) else 0, highest),
            values,
            tuple(traces.split()) if isinstance(traces, str) else (),
            float(forgot_at) if isinstance(forgot_at, (int, float)) else None,
        )

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        data: dict[str, Any] = {
            "version": self.version,
            "values": {name: kept.to_json() for name, kept in self.values.items()},
            "traces": " ".join(self.traces),
        }
        return data if self.forgot_at is None else {**data, "forgotAt": round(self.forgot_at)}

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
        """Return the notes with another value (None: without it), or None where its version is another.

        Raises:
            CredentialStoreError: there is no room for one more value without an `id`.
        """
        known = self.get(name, now=now)
        if version != (0 if known is None else known.version):
            return None
        short = _short(name)
        past = [kept for kept in self.values.values() if kept.until <= now]
        values = {other: kept for other, kept in self.values.items() if other != short and kept.until > now}
        if value is not None:
            most = until if _id(value) is not None else min(until, now + UNSETTLED_SECONDS)
            values[short] = _Kept(self.version + 1, most, value)
        forgot_at = now if any(_id(kept.value) is None for kept in past) else self.forgot_at
        begins = value is not None and known is None and _id(value) is None
        changed = replace(self, version=self.version + 1, values=values, forgot_at=forgot_at)
        return changed.fitted(now, begins=begins)

    def fitted(self, now: float, *, begins: bool) -> Self:
        """Return the notes as far as there is room for them; `begins` says that one more value has just come.

        Raises:
            CredentialStoreError: there is none for what begins.
        """
        values, traces, size = dict(self.values), list(self.traces), _size(self.to_json())
        settled = sorted((kept.version, name) for name, kept in values.items() if _id(kept.value) is not None)
        unsettled = len(values) - len(settled)
        for number, (_, name) in enumerate(settled):
            if len(settled) - number <= MOST_VALUES and size <= MOST_BYTES:
                break
            kept = values.pop(name)
            traces.append(f"{name[:_TRACE_LENGTH]}.{_id(kept.value)}")
            size += len(traces[-1]) + 1 - _size({name: kept.to_json()})
        if begins and (unsettled > MOST_UNSETTLED or size > MOST_BYTES):
            raise CredentialStoreError(
                f"nothing was sent: {unsettled - 1} writes with idempotency keys are not settled, and the credential "
                "record has no room for more",
                hint="Run those again under their keys (or run ids) once Jira answers; within "
                f"{UNSETTLED_SECONDS / 86_400:g} days they end by themselves. A host with a shared state has no limit.",
            )
        dropped = max(len(traces) - MOST_TRACES, 0)
        size -= sum(len(trace) + 1 for trace in traces[:dropped])
        while dropped < len(traces) and size > MOST_BYTES:
            size -= len(traces[dropped]) + 1
            dropped += 1
        forgot_at = now if dropped else self.forgot_at
        return replace(self, values=values, traces=tuple(traces[dropped:]), forgot_at=forgot_at)


def emptied(record_notes: Mapping[str, Any], *, now: float) -> Mapping[str, Any] | None:
    """Return what a record notes without what is noted about writes; None where there is nothing to leave out."""
    notes = Notes.from_json(record_notes.get(NOTES_MEMBER))
    if not notes.values and not notes.traces:
        return None
    return {**record_notes, NOTES_MEMBER: {"version": notes.version, "forgotAt": round(now)}}


def _short(name: str) -> str:
    """Return a name in few characters, none of which is a space or a dot."""
    return base64.urlsafe_b64encode(sha256(name.encode()).digest()).decode()[:_NAME_LENGTH]


def _id(value: Mapping[str, Any]) -> str | None:
    """Return the id that a value carries."""
    found = value.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def _size(data: Any) -> int:
    """Return how large JSON data is, in bytes, as `json` writes it."""
    return len(json.dumps(data))
