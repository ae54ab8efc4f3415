"""JSON that was written before, kept while all that shows in it is the same. Writes none itself."""

from __future__ import annotations

import operator
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from .packing import Packing

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

__all__ = ["IssueText", "IssueTexts"]

#: Bytes of issues that are kept at most: 20,000 issues of 8 kB, and somewhat more.
_MOST_BYTES = 256 * 1024 * 1024
#: What keeping a text takes beside it, bytes, about: two tuples, the key, the places in two tables.
_ENTRY_BYTES = 300
#: Compressed lists that are kept at most: those of 100,000 issues, a hundred of them in some 50 kB.
_MOST_LISTS = 1_000
#: Ways to select that are kept at most; then all is forgotten.
_MOST_SELECTIONS = 256


class IssueText(NamedTuple):
    """The text of an issue, with a number that no other text ever has."""

    text: bytes
    number: int


class IssueTexts:
    """Texts of issues, and lists of them as they are compressed.

    Attributes:
        plans: how the issues of a project are written, by what is selected of them.
        selections: what is selected, by how it was asked for.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self.plans: dict[Hashable, Any] = {}
        self.selections: dict[Hashable, Any] = {}
        self._most_bytes = most_bytes
        self._setup: object = None
        self._written = 0
        self._kept: OrderedDict[Hashable, tuple[tuple[object, ...], IssueText]] = OrderedDict()
        self._kept_bytes = 0
        self._packings: OrderedDict[tuple[int, ...], Packing] = OrderedDict()

    def begin(self, setup: object) -> None:
        """Forget everything where the site is set up otherwise than it was the last time."""
        if setup != self._setup or len(self.selections) > _MOST_SELECTIONS:
            self._setup = setup
            self.plans.clear()
            self.selections.clear()
            self._kept.clear()
            self._kept_bytes = 0
            self._packings.clear()

    def find(self, key: Hashable, shown: tuple[object, ...]) -> IssueText | None:
        """Return a text that was written while these very objects were shown in it."""
        entry = self._kept.get(key)
        if entry is None or len(entry[0]) != len(shown) or not all(map(operator.is_, entry[0], shown)):
            return None
        return entry[1]

    def keep(self, key: Hashable, shown: tuple[object, ...], text: bytes) -> IssueText:
        """Keep a text; the oldest ones make room."""
        former = self._kept.pop(key, None)
        if former is not None:
            self._kept_bytes -= len(former[1].text) + _ENTRY_BYTES
        self._written += 1
        kept = IssueText(text, self._written)
        self._kept[key] = (shown, kept)
        self._kept_bytes += len(text) + _ENTRY_BYTES
        while self._kept_bytes > self._most_bytes:
            _key, (_shown, dropped) = self._kept.popitem(last=False)
            self._kept_bytes -= len(dropped.text) + _ENTRY_BYTES
        return kept

    def packing(self, listed: Iterable[IssueText]) -> Packing:
        """Return what a list of these texts is compressed with, the same for the same list."""
        numbers = tuple(text.number for text in listed)
        known = self._packings.get(numbers)
        if known is None:
            known = self._packings[numbers] = Packing()
            if len(self._packings) > _MOST_LISTS:
                self._packings.popitem(last=False)
        return known
