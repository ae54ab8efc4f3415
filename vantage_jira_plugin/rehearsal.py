"""Dry runs: what an action would send and cost. Values only; what is sent for real is not decided here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from .upload import Upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .contract import PlannedRead, PlannedWrite
    from .operations import Operation

__all__ = ["Estimate", "Rehearsal", "WriteReached", "planned_write"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a real run would use: HTTP requests, Jira's points, seconds (0 where nobody can tell), and which reads.

    Attributes:
        unsure_requests: of the requests, those that may turn out not to be needed.
        unsure_points: of the points, those of such requests.
    """

    requests: int = 0
    points: int = 0
    seconds: float = 0.0
    reads: tuple[PlannedRead, ...] = ()
    unsure_requests: int = 0
    unsure_points: int = 0

    def __add__(self, other: Self) -> Estimate:
        return Estimate(
            self.requests + other.requests,
            self.points + other.points,
            self.seconds + other.seconds,
            _summed(*self.reads, *other.reads),
            self.unsure_requests + other.unsure_requests,
            self.unsure_points + other.unsure_points,
        )

    @property
    def if_needed(self) -> Estimate:
        """The same, where nobody knows beforehand whether it is needed."""
        return replace(self, unsure_requests=self.requests, unsure_points=self.points)

    @property
    def is_sure(self) -> bool:
        """Whether all of it is needed."""
        return not (self.unsure_requests or self.unsure_points)


def _summed(*reads: PlannedRead) -> tuple[PlannedRead, ...]:
    """Return the reads, those of one kind as one."""
    found: dict[tuple[str, str], PlannedRead] = {}
    for read in reads:
        kind = read["method"], read["path"]
        before = found.get(kind)
        if before is not None:
            requests, at_once = before["requests"] + read["requests"], max(before["atOnce"], read["atOnce"])
            found[kind] = {**before, "requests": requests, "atOnce": at_once}
        else:
            found[kind] = read
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a dry run has found out: the cost of a real one, and the write that it would send, if any."""

    estimate: Estimate
    plan: tuple[PlannedWrite, ...] = ()


class WriteReached(Exception):  # noqa: N818 - not an error: it ends a dry run where its work is done
    """A dry run has come to its first write, beyond which nothing can be known without doing it.

    Attributes:
        before: what is read right before the write, and was not in the dry run.
    """

    def __init__(self, planned: PlannedWrite, before: Estimate | None = None) -> None:
        super().__init__(planned["does"])
        self.planned = planned
        self.before = before or Estimate()


def planned_write(
    operation: Operation, path: Mapping[str, str], query: Mapping[str, Any] | None, body: Any
) -> PlannedWrite:
    """Return a write as it would go out; the path is below the site's base URL, its query included.

    A file is described rather than shown.
    """
    sent = {name: value for name, value in (query or {}).items() if value is not None}
    return {
        "does": operation.does,
        "method": operation.method,
        "path": operation.path(path) + (f"?{urlencode(sent, doseq=True)}" if sent else ""),
        "body": body.described() if isinstance(body, Upload) else body,
    }
