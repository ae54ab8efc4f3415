"""Reads done side by side, as many as a connection may have in flight. It knows no query and no action."""

from __future__ import annotations

import contextvars
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vantage_jira_plugin.client import JiraClient

__all__ = ["Crew", "Errands", "side_by_side"]

_Asked = TypeVar("_Asked")
_Result = TypeVar("_Result")

#: How much of the work is begun or waits for its turn, for each request that may be in flight: enough to keep all
#: busy while the oldest result is waited for, and little enough to hold few results at once.
_LOOK_AHEAD = 2


class Crew:
    """Threads that read for one action, ended together with it.

    Args:
        jira: the client of the action.
        spare: threads beyond the requests that may be in flight, so that as many are while some answers are digested.
    """

    def __init__(self, jira: JiraClient, *, spare: int = 0) -> None:
        self.size = jira.settings.max_in_flight + spare
        self._pool = ThreadPoolExecutor(self.size, thread_name_prefix="jira-read")

    def begin(self, function: Callable[..., _Result], *given: object) -> Future[_Result]:
        """Have one thing done; what the caller's context says (such as its span) holds for it too."""
        return self._pool.submit(contextvars.copy_context().run, function, *given)

    def end(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @contextmanager
    def working(self) -> Iterator[Crew]:
        """End it however the work ends."""
        try:
            yield self
        finally:
            self.end()


class Errands:
    """What a crew does for one thread, which alone goes on with the results, as they come."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._under_way: dict[Future[Any], Callable[[Any], None]] = {}
        self._ended: SimpleQueue[Future[Any]] = SimpleQueue()

    def __len__(self) -> int:
        """Return how many are under way."""
        return len(self._under_way)

    def begin(self, errand: Callable[[], _Result], then: Callable[[_Result], None]) -> None:
        """Have one thing done, and remember what is to be done with its result."""
        future = self._crew.begin(errand)
        self._under_way[future] = then
        future.add_done_callback(self._ended.put)

    def next(self) -> Callable[[], None]:
        """Wait for any of them to end, and return what goes on with its result; raise what it failed with."""
        future = self._ended.get()
        then = self._under_way.pop(future)
        return partial(then, future.result())


def side_by_side(jira: JiraClient, function: Callable[[_Asked], _Result], asked: Iterable[_Asked]) -> Iterator[_Result]:
    """Yield `function` of each, in their order, with several under way at once.

    Whoever stops asking for results stops the work. What is done for a result that nobody took is lost, so that
    functions read and change nothing.

    Raises:
        PluginError: of the first that failed, in their order; nothing more is begun.
    """
    with Crew(jira).working() as crew:
        under_way: deque[Future[_Result]] = deque()
        for one in asked:
            under_way.append(crew.begin(function, one))
            if len(under_way) >= _LOOK_AHEAD * crew.size:
                yield _first(under_way)
        while under_way:
            yield _first(under_way)


def _first(under_way: deque[Future[_Result]]) -> _Result:
    """Return the oldest result as soon as it is there, or fail as soon as any fails."""
    oldest = under_way[0]
    while not oldest.done():
        for future in under_way:
            if future.done():
                future.result()
        wait([future for future in under_way if not future.done()], return_when=FIRST_COMPLETED)
    return under_way.popleft().result()
