"""One function in an interpreter of its own, started anew: nothing is loaded before it, and it can be killed.

Workers that are many and alike are in `crew`. What a function does is not known here.
"""

from __future__ import annotations

import logging
import multiprocessing
import subprocess
import sys
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Fresh", "begin", "fresh", "outcome_of"]

_CODE = "from benchmarks.fresh import begin; begin()"
#: Whoever says nothing for so long hangs.
PATIENCE_SECONDS = 900.0


class Fresh:
    """A running interpreter and the pipe to it."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: Any) -> None:
        self._process = process
        self._pipe = pipe

    def say(self, message: object) -> None:
        """Send something to the function."""
        self._pipe.send(message)

    def hear(self, seconds: float = PATIENCE_SECONDS) -> Any:
        """Return what the function sends next.

        Raises:
            RuntimeError: it ended without a word, or said nothing for so long.
        """
        if not self._pipe.poll(seconds):
            raise RuntimeError(f"nothing came from a process for {seconds:g} s")
        try:
            return self._pipe.recv()
        except (EOFError, OSError):
            raise RuntimeError("a process ended by itself; what it said is above") from None

    def has_said(self) -> bool:
        """Tell whether something waits to be heard, the end included."""
        return bool(self._pipe.poll(0))

    def kill(self) -> None:
        """End it with SIGKILL, in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()


@contextmanager
def fresh(function: Callable[..., None], *work: Any, without: Sequence[str] = ()) -> Iterator[Fresh]:
    """Run `function(pipe, *work)` in an interpreter of its own, and kill that at the end of the `with` block.

    Args:
        function: of a module that can be imported there.
        work: what can be pickled.
        without: modules that cannot be imported there, as if they were not installed.
    """
    ours, theirs = multiprocessing.Pipe()
    number = theirs.fileno()
    with subprocess.Popen([sys.executable, "-c", _CODE, str(number), *without], pass_fds=[number]) as process:
        theirs.close()
        ours.send((function, work))
        try:
            yield Fresh(process, ours)
        finally:
            process.kill()
            ours.close()


def outcome_of(function: Callable[..., None], *work: Any, without: Sequence[str] = ()) -> Any:
    """Run a function that says one thing, and return that."""
    with fresh(function, *work, without=without) as process:
        return process.hear()


def begin() -> None:
    """Run what was asked for; this is the interpreter's main program."""
    number, *without = sys.argv[1:]
    sys.modules.update(dict.fromkeys(without))  # type: ignore[arg-type] # None: importing it fails
    logging.disable(logging.CRITICAL)  # some clients write a line for every refusal
    pipe: Connection[Any, Any] = Connection(int(number))
    function, work = pipe.recv()
    function(pipe, *work)
