"""Worker processes: started, told to go, heard, ended. What they do is not known here."""

from __future__ import annotations

import logging
import multiprocessing
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import ForkServerProcess

__all__ = ["Crew", "Worker"]

#: Loaded once, so that starting a worker costs little.
_PRELOADED = ["benchmarks.clients", "vantage_jira_plugin.connection"]


@dataclass(eq=False)
class Worker:
    """A worker's process and the pipe to it."""

    process: ForkServerProcess
    pipe: Connection
    said: list[Any] = field(default_factory=list)

    def kill(self) -> None:
        """End it with SIGKILL, in the middle of whatever it does."""
        self.process.kill()
        self.process.join()


class Crew:
    """Worker processes, each running one function that is given a pipe and its work."""

    def __init__(self) -> None:
        # Forked from a process that has loaded everything, and that has no threads of ours.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self.workers: list[Worker] = []

    @contextmanager
    def working(self) -> Iterator[Crew]:
        """Kill whoever is left at the end."""
        try:
            yield self
        finally:
            for worker in self.workers:
                worker.kill()
                worker.pipe.close()

    def start(self, function: Callable[..., None], *work: Any) -> Worker:
        """Start a worker: `function(pipe, *work)`."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_quietly, args=(function, theirs, *work))
        process.start()
        theirs.close()
        worker = Worker(process, ours)
        self.workers.append(worker)
        return worker

    def replace(self, worker: Worker, function: Callable[..., None], *work: Any) -> Worker:
        """Start another worker in the place of one that is dead."""
        worker.pipe.close()
        self.workers.remove(worker)
        return self.start(function, *work)

    def say(self, message: object) -> None:
        """Say something to everybody."""
        for worker in self.workers:
            worker.pipe.send(message)

    def hear(self, seconds: float, workers: Sequence[Worker] | None = None) -> Sequence[tuple[Worker, Any]]:
        """Return what was said, waiting at most so long for a first message; None is said by one that has ended."""
        asked = list(self.workers if workers is None else workers)
        ready = wait([worker.pipe for worker in asked], max(0.0, seconds))
        heard: list[tuple[Worker, Any]] = []
        for worker in asked:
            if worker.pipe not in ready:
                continue
            try:
                heard.append((worker, worker.pipe.recv()))
            except (EOFError, OSError):
                heard.append((worker, None))
        return heard

    def gather(self, seconds: float) -> bool:
        """Wait until everybody has said one thing more, kept in `said`; False where that took too long.

        Raises:
            RuntimeError: a worker ended without a word.
        """
        ends_at = time.monotonic() + seconds
        missing = list(self.workers)
        while missing and (left_seconds := ends_at - time.monotonic()) > 0:
            for worker, message in self.hear(left_seconds, missing):
                if message is None:
                    raise RuntimeError("a worker died by itself; what it said is above")
                worker.said.append(message)
                missing.remove(worker)
        return not missing


def _quietly(function: Callable[..., None], pipe: Connection, *work: Any) -> None:
    """Run a worker's function without the clients' log, which some write a line of for every refusal."""
    logging.disable(logging.CRITICAL)
    function(pipe, *work)
