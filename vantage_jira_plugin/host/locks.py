"""Locks by name between threads and processes of one machine. What is protected is the caller's business."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import filelock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["FileLocks", "Locks", "ThreadLocks", "took_too_long"]

#: How often a waiting process looks again, in seconds.
POLL_SECONDS = 0.01
#: Mode of lock files: their owner only.
FILE_MODE = 0o600


class Locks(Protocol):
    """Locks of one database."""

    def hold(self, name: str, *, timeout_seconds: float) -> AbstractContextManager[Callable[[], None]]:
        """Hold the lock of that name while the block runs.

        The block gets a function that raises StoreError where the lock was lost meanwhile.

        Raises:
            TimeoutError: somebody else held it for longer than `timeout_seconds`.
            RuntimeError: this thread holds it already; waiting would never end.
        """


def took_too_long(name: str, timeout_seconds: float) -> TimeoutError:
    """Return the error that says how long a lock was waited for."""
    return TimeoutError(f"{name!r} was in use for more than {timeout_seconds:g} s")


@dataclass(slots=True)
class _Turn:
    """Whose turn it is; `users` counts the holder and those who wait."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    holder: int | None = None
    users: int = 0


class ThreadLocks:
    """Locks between the threads of one process, so that one thread at most waits outside it for each name."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._start_over()

    def _start_over(self) -> None:
        """Forget whose turn it was: in a forked process none of the parent's other threads lives on."""
        self._process = os.getpid()
        self._guard = threading.Lock()
        self._turns: dict[str, _Turn] = {}

    @contextmanager
    def hold(self, name: str, *, timeout_seconds: float) -> Iterator[float]:
        """Hold the lock of that name while the block runs; gives the seconds that are left of the time-out.

        Raises:
            TimeoutError: another thread held it for longer than `timeout_seconds`.
            RuntimeError: this thread holds it already; waiting would never end.
        """
        ends_at = self._monotonic() + timeout_seconds
        thread = threading.get_ident()
        if self._process != os.getpid():
            self._start_over()
        with self._guard:
            turn = self._turns.setdefault(name, _Turn())
            if turn.holder == thread:
                raise RuntimeError(f"this thread already holds {name!r}")
            turn.users += 1
        try:
            if not turn.lock.acquire(timeout=min(max(timeout_seconds, 0.0), threading.TIMEOUT_MAX)):
                raise took_too_long(name, timeout_seconds)
            turn.holder = thread
            try:
                yield max(ends_at - self._monotonic(), 0.0)
            finally:
                turn.holder = None
                turn.lock.release()
        finally:
            with self._guard:
                turn.users -= 1
                if not turn.users:
                    self._turns.pop(name, None)


class FileLocks:
    """One lock file per name; the operating system lets go of it when its holder dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadLocks()

    @contextmanager
    def hold(self, name: str, *, timeout_seconds: float) -> Iterator[Callable[[], None]]:
        """Hold the lock of that name: see `Locks`. A file lock is never lost while its holder lives."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Names may hold anything, file names may not.
        path = self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.lock"
        with self._threads.hold(name, timeout_seconds=timeout_seconds) as left_seconds:
            # A new object per use, so that two hosts in one process exclude each other, too.
            lock = filelock.FileLock(path, mode=FILE_MODE, poll_interval=POLL_SECONDS, fallback_to_soft=False)
            try:
                lock.acquire(timeout=left_seconds)
            except filelock.Timeout:
                raise took_too_long(name, timeout_seconds) from None
            try:
                yield _nothing
            finally:
                lock.release()


def _nothing() -> None:
    """Confirm what cannot be lost."""
