"""When work on an issue began and ended, as its history and a site's own words for that say. Pure; counts nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .history import DONE, INDETERMINATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .history import IssueHistory, Stay

__all__ = ["BY_CATEGORY", "Boundaries", "Work", "work"]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Statuses in which work begins, and in which it is finished.

    Attributes:
        start: names and ids, folded as `of` does; empty: every status of the category `indeterminate`.
        end: the same; empty: every status of the category `done`.
    """

    start: frozenset[str] = frozenset()
    end: frozenset[str] = frozenset()

    @classmethod
    def of(cls, start: Iterable[str], end: Iterable[str]) -> Boundaries:
        """Return the boundaries of these names or ids of statuses, whatever their case."""
        return cls(frozenset(map(str.casefold, start)), frozenset(map(str.casefold, end)))

    def begins(self, stay: Stay) -> bool:
        """Tell whether work is under way from this stay on."""
        return _among(stay, self.start) if self.start else stay.category == INDETERMINATE

    def ends(self, stay: Stay) -> bool:
        """Tell whether work is finished in this stay."""
        return _among(stay, self.end) if self.end else stay.category == DONE


#: What Jira's own status categories say.
BY_CATEGORY = Boundaries()


@dataclass(frozen=True, slots=True)
class Work:
    """When work began and ended, epoch seconds; None where it did not, or nobody can tell."""

    started_at: float | None
    finished_at: float | None

    @property
    def cycle_seconds(self) -> float | None:
        """How long it took from its beginning to its end; None of work that is not finished or was never begun."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at


def work(issue: IssueHistory, boundaries: Boundaries = BY_CATEGORY) -> Work:
    """Return when work on an issue began and ended.

    - It ended when the issue came into the finished statuses that it has not left since. From Done to Closed is no new
      end. An issue that was reopened is not finished until it is done again, and then at that time.
    - It began when the issue first came into a status of the beginning, up to its end. It stays begun where the issue
      is put back to do, or reopened: what lay still meanwhile is part of how long it took.
    - An issue that went straight to done was never begun: it has an end and no beginning, hence no cycle time, rather
      than one of nothing. So it is with one that passed through the beginning at the very moment of its end, as where a
      rule moved it, or where its changes are older than itself (imports) and count as of its creation.
    - One that was created in such a status began, or ended, when it was created.
    - A move to another project changes neither; where it changed the status, that counts like any other change.
    - Statuses that are not there any more have no category; they count where boundaries name them.
    """
    finished_at = None
    for stay in reversed(issue.stays):
        if not boundaries.ends(stay):
            break
        finished_at = stay.entered_at
    for stay in issue.stays:
        if finished_at is not None and stay.entered_at >= finished_at:
            break
        if boundaries.begins(stay):
            return Work(stay.entered_at, finished_at)
    return Work(None, finished_at)


def _among(stay: Stay, names: frozenset[str]) -> bool:
    return stay.status.casefold() in names or (stay.status_id is not None and stay.status_id.casefold() in names)
