"""How often Python looks for garbage while a pull reads. It knows nothing of what is read."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["held", "rare_collections"]

#: New containers after which Python looks for cycles among them; by default 700, which a page of a hundred issues makes
#: fifty times. Neither pages nor requests leave cycles.
#: Source: https://docs.python.org/3/library/gc.html#gc.set_threshold
_CONTAINERS = 200_000
#: Where rows hold so many at the end of the last pull, they are put with what is old without being looked through.
_MANY_HELD = 50_000
#: A host that keeps objects out of collections keeps more than this; Python 3.12 does so with some 400 of its own.
_FEW_FROZEN = 1000


class _Rare:
    """The process has one threshold, however many pulls there are: the first sets it, the last puts it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pulls = 0
        self._before = 0
        #: What was set last; 0 where the host has an idea of its own.
        self._set = 0
        #: New containers that stay, since Python looked last.
        self._held = 0

    def begin(self) -> None:
        with self._lock:
            first = gc.get_threshold()[0]
            if self._pulls == 0:
                self._before = first
                self._held = 0
                self._set = 0
                if 0 < first < _CONTAINERS:  # 0: the host has turned it off
                    self._raise(_CONTAINERS)
            self._pulls += 1

    def held(self, containers: int) -> None:
        with self._lock:
            if not self._is_ours:
                return
            young = gc.get_count()[0]  # begins at 0 again whenever Python has looked
            self._held = min(young, self._held + containers)
            self._raise(_CONTAINERS + self._held)

    def end(self) -> None:
        with self._lock:
            self._pulls -= 1
            if self._pulls == 0 and self._is_ours:  # else the host has changed it meanwhile
                if self._held >= _MANY_HELD and gc.get_freeze_count() < _FEW_FROZEN:
                    gc.freeze()
                    gc.unfreeze()
                self._raise(self._before)
                self._set = 0

    @property
    def _is_ours(self) -> bool:
        return bool(self._set) and gc.get_threshold()[0] == self._set

    def _raise(self, first: int) -> None:
        gc.set_threshold(first, *gc.get_threshold()[1:])
        self._set = first


_RARE = _Rare()


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the process look for cyclic garbage less often; it still does, so that none piles up."""
    _RARE.begin()
    try:
        yield
    finally:
        _RARE.end()


def held(rows: Sequence[object]) -> None:
    """Take note of rows that stay in memory, each as large as the first. They are no garbage, and not looked through.

    Python would do that time and again, because they have become many.
    """
    if rows:
        _RARE.held(len(rows) * _containers(rows[0]))


def _containers(data: object) -> int:
    """Return how many containers Python follows in JSON data, tuples included."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else ()
    return int(gc.is_tracked(data)) + sum(map(_containers, inner))
