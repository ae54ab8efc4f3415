"""Where the pages of a pull go, and how far it has come: the protocol, and the one in memory. No Jira, no files."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .garbage import held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Keeper", "MemoryKeeper", "PartState"]

_Made = TypeVar("_Made")
_Made_contra = TypeVar("_Made_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class PartState:
    """One part of a search, and how far it is read.

    Attributes:
        position: sorts the parts in the query's order, as tuples sort; the part's name, which never changes. What is
            cut off the end of a part for the nth time is well called `(*position, -n)`: it sorts behind the part,
            before what was cut off earlier, and before the next part.
        state: where to go on, as JSON data that only the reader understands.
        done: whether nothing of the part is left to read.
        rows: how many rows of it were handed over so far.
    """

    position: tuple[int, ...]
    state: Mapping[str, Any]
    done: bool = False
    rows: int = 0


class Keeper(Protocol[_Made_contra]):
    """Where the pages of a pull go.

    Calls may come from several threads at once, but those about one part come one after another, `planned` included:
    whoever cuts a part holds it meanwhile. Each call happens whole or not at all: after a kill at any moment, the next
    run is given what the calls that had returned left behind, perhaps without the last few of them, never with half of
    one, and never a later one without an earlier.
    """

    def restored(self) -> Sequence[PartState] | None:
        """Return the parts of an earlier, unfinished run of the same pull in the query's order; None without one.

        Asked once, before anything else. Their rows are kept; the reader goes on from each `state`.
        """

    def planned(self, parts: Sequence[PartState]) -> None:
        """Note new parts, and parts whose end has moved, in one step.

        A position that is new adds a part without rows. One that is known replaces its state and leaves its rows: a
        part that is cut in two comes with its new, nearer end, together with the part cut off.
        """

    def page(self, part: PartState, made: Sequence[_Made_contra]) -> None:
        """Keep the rows of one page behind the earlier ones of its part, and where the part goes on after them.

        `part.rows` counts these rows too. A page without rows moves the state only.
        """


class MemoryKeeper(Generic[_Made]):
    """Keeps everything in memory, for results that are handed over whole."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._parts: dict[tuple[int, ...], PartState] = {}
        self._rows: dict[tuple[int, ...], list[_Made]] = {}

    def restored(self) -> Sequence[PartState] | None:
        """Return None: memory outlives no run."""
        return None

    def planned(self, parts: Sequence[PartState]) -> None:
        """Note parts that are new or whose end has moved."""
        with self._lock:
            for part in parts:
                self._parts[part.position] = part
                self._rows.setdefault(part.position, [])

    def page(self, part: PartState, made: Sequence[_Made]) -> None:
        """Keep the rows of one page."""
        held(made)
        with self._lock:
            self._parts[part.position] = part
            self._rows[part.position] += made

    def parts(self) -> list[PartState]:
        """Return the parts as they are now, in the query's order."""
        with self._lock:
            return [self._parts[position] for position in sorted(self._parts)]

    def items(self) -> list[_Made]:
        """Return the rows up to the first part that is not read to its end, in the query's order."""
        items: list[_Made] = []
        with self._lock:
            for position in sorted(self._rows):
                items += self._rows[position]
                if not self._parts[position].done:
                    break
        return items
