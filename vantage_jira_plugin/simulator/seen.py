"""The issues that search sees at a moment: ids that are looked up when they are wanted. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Mapping

    from .issues import Issue

__all__ = ["Seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """Issues with their values of now; `ids` are those that are seen, the oldest first."""

    issues: Mapping[int, Issue]
    ids: array[int]

    def __iter__(self) -> Iterator[tuple[Issue, Mapping[str, Any]]]:
        return ((issue, issue.values) for issue in map(self.issues.__getitem__, self.ids))

    def listed(self) -> list[Issue]:
        """Return the issues."""
        return [self.issues[number] for number in self.ids]
