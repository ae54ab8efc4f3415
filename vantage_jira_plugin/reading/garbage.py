"""How often Python looks for garbage while a pull reads. It knows nothing of what is read."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["rare_collections"]

#: New containers after which Python looks for cycles among them; by default 700, which a page of a hundred issues makes
#: fifty times. Neither pages nor requests leave cycles, and a third of the processor time of a pull went there.
#: Source: https://docs.python.org/3/library/gc.html#gc.set_threshold
_CONTAINERS = 200_000


class _Rare:
    """The process has one threshold, however many pulls there are: the first sets it, the last puts it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pulls = 0
        self._before = 0

    def begin(self) -> None:
        with self._lock:
            first, *others = gc.get_threshold()
            if self._pulls == 0:
                self._before = first
                if 0 < first < _CONTAINERS:  # 0: the host has turned it off
                    gc.set_threshold(_CONTAINERS, *others)
            self._pulls += 1

    def end(self) -> None:
        with self._lock:
            self._pulls -= 1
            first, *others = gc.get_threshold()
            if self._pulls == 0 and first == _CONTAINERS:  # else the host has changed it meanwhile
                gc.set_threshold(self._before, *others)


_RARE = _Rare()


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the process look for cyclic garbage less often; it still does, so that none piles up."""
    _RARE.begin()
    try:
        yield
    finally:
        _RARE.end()
