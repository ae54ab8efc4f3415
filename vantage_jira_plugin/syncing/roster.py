"""Which issues a reader has delivered: their ids and last known keys, kept small. No Jira, no rows."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any, Final

from .packing import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["Differences", "Draft", "Roster", "compared"]

#: Stands for the number of a key that does not end in one.
_NO_NUMBER: Final = -1
#: Largest number that is kept as one.
_MAX_NUMBER: Final = 2**62


def _numbers(values: Iterable[int] = ()) -> array[int]:
    return array("q", values)


@dataclass(frozen=True, slots=True, eq=False)
class Roster:
    """Issues by id, in rising order; about one byte for each where it is written down.

    Attributes:
        ids: of the issues, each once.
        projects: of each, as a place in `names`.
        numbers: of each within its project: the end of its key.
        names: keys of projects.
    """

    ids: array[int] = field(default_factory=_numbers, repr=False)
    projects: array[int] = field(default_factory=_numbers, repr=False)
    numbers: array[int] = field(default_factory=_numbers, repr=False)
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def key_of(self, issue_id: int) -> str | None:
        """Return the last known key of an issue, or None where the issue is not known."""
        place = bisect_left(self.ids, issue_id)
        return self.key_at(place) if place < len(self.ids) and self.ids[place] == issue_id else None

    def key_at(self, place: int) -> str:
        """Return the last known key of the issue at a place in `ids`."""
        name, number = self.names[self.projects[place]], self.numbers[place]
        return name if number == _NO_NUMBER else f"{name}-{number}"

    def changed(self, put: Mapping[int, str], dropped: Collection[int]) -> Roster:
        """Return the roster with issues added or renamed, and others dropped."""
        gone = put.keys() | set(dropped)
        if not gone:
            return self
        stays = [issue_id not in gone for issue_id in self.ids]
        ids = _numbers(compress(self.ids, stays))
        projects = _numbers(compress(self.projects, stays))
        numbers = _numbers(compress(self.numbers, stays))
        places = {name: place for place, name in enumerate(self.names)}
        for issue_id, key in put.items():
            name, number = _parts(key)
            ids.append(issue_id)
            projects.append(places.setdefault(name, len(places)))
            numbers.append(number)
        return _ordered(ids, projects, numbers, tuple(places))

    def to_json(self) -> dict[str, Any]:
        """Return `{"projects": [[key, issues], ...], "ids", "numbers"}`: one project after the other, ids rising."""
        order = sorted(range(len(self.ids)), key=self.projects.__getitem__)
        counts = [0] * len(self.names)
        for place in self.projects:
            counts[place] += 1
        return {
            "projects": [[name, count] for name, count in zip(self.names, counts, strict=True) if count],
            "ids": packed(_numbers(map(self.ids.__getitem__, order))),
            "numbers": packed(_numbers(map(self.numbers.__getitem__, order))),
        }

    @classmethod
    def from_json(cls, data: Any) -> Roster:
        """Return the roster that `to_json` wrote.

        Raises:
            ValueError: it is none.
        """
        match data:
            case {"projects": list(counted), "ids": str(packed_ids), "numbers": str(packed_numbers)}:
                ids, numbers = unpacked(packed_ids), unpacked(packed_numbers)
            case _:
                raise ValueError("no roster")
        projects = _numbers()
        names: list[str] = []
        for pair in counted:
            match pair:
                case [str(name), int(count)] if 0 < count <= len(ids) - len(projects):
                    projects.extend(repeat(len(names), count))
                    names.append(name)
                case _:
                    raise ValueError("no project of a roster")
        if not len(ids) == len(numbers) == len(projects):
            raise ValueError("columns of a roster differ in length")
        return _ordered(ids, projects, numbers, tuple(names))


class Draft:
    """A roster while it is being changed."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._put: dict[int, str] = {}
        self._dropped: set[int] = set()

    def key_of(self, issue_id: int) -> str | None:
        """Return the last known key of an issue, or None where the issue is not known."""
        if issue_id in self._put:
            return self._put[issue_id]
        return None if issue_id in self._dropped else self._roster.key_of(issue_id)

    def put(self, issue_id: int, key: str) -> None:
        """Add an issue, or give it another key."""
        self._put[issue_id] = key
        self._dropped.discard(issue_id)

    def drop(self, issue_id: int) -> None:
        """Forget an issue."""
        self._put.pop(issue_id, None)
        self._dropped.add(issue_id)

    def roster(self) -> Roster:
        """Return the roster as it is now."""
        self._roster = self._roster.changed(self._put, self._dropped)
        self._put, self._dropped = {}, set()
        return self._roster


@dataclass(frozen=True, slots=True)
class Differences:
    """How two rosters differ: ids that are only in the first, only in the second, and in both under different keys."""

    missing: list[int]
    extra: list[int]
    renamed: list[int]


def compared(first: Roster, second: Roster) -> Differences:
    """Return how two rosters differ, in the order of ids."""
    missing: list[int] = []
    extra: list[int] = []
    renamed: list[int] = []
    one, other = 0, 0
    while one < len(first.ids) and other < len(second.ids):
        mine, theirs = first.ids[one], second.ids[other]
        if mine < theirs:
            missing.append(mine)
        elif theirs < mine:
            extra.append(theirs)
        elif (
            first.numbers[one] != second.numbers[other]
            or first.names[first.projects[one]] != second.names[second.projects[other]]
        ):
            renamed.append(mine)
        one += mine <= theirs
        other += theirs <= mine
    missing += first.ids[one:]
    extra += second.ids[other:]
    return Differences(missing, extra, renamed)


def _parts(key: str) -> tuple[str, int]:
    """Return the project and the number of a key; whatever is no key is kept as it is."""
    name, _, digits = key.rpartition("-")
    plain = digits.isascii() and digits.isdigit() and not digits.startswith("0")
    return (name, int(digits)) if plain and len(digits) < len(str(_MAX_NUMBER)) else (key, _NO_NUMBER)


def _ordered(ids: array[int], projects: array[int], numbers: array[int], names: tuple[str, ...]) -> Roster:
    order = sorted(range(len(ids)), key=ids.__getitem__)
    sorted_ids = _numbers(map(ids.__getitem__, order))
    if any(map(int.__eq__, sorted_ids, sorted_ids[1:])):
        raise ValueError("an issue is in a roster twice")
    return Roster(
        sorted_ids,
        _numbers(map(projects.__getitem__, order)),
        _numbers(map(numbers.__getitem__, order)),
        names,
    )
