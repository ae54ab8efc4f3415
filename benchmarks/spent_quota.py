"""Measures what is still sent once an hourly quota is spent, and what the answer says."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.clients import KINDS, failure_of
from benchmarks.crew import Crew
from benchmarks.table import Table
from benchmarks.workplace import Access, running_workplace

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from multiprocessing.connection import Connection

    from benchmarks.clients import Client
    from benchmarks.simulated import Simulated

#: The quota; an issue read costs two points.
POINTS_PER_HOUR = 60
PROCESSES = 2
#: Calls after the refusal, each in a thread of its own, and how long they are watched, in seconds.
CALLS = 20
WATCHED_SECONDS = 30.0
#: So much of the hour must be left, so that no quota begins anew while it is watched.
_LEFT_SECONDS = 900.0
_HOUR_SECONDS = 3600.0
_PATIENCE_SECONDS = 60.0
_ISSUE_KEY = "DEV-1"


@dataclass
class Outcome:
    """What happened: `requests` came to the site in the time watched; `says` is the text of an answer."""

    client: str
    requests: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    says: str | None = None
    retry_after_seconds: float | None = None

    @property
    def waiting(self) -> int:
        """How many calls had no answer by then."""
        return CALLS - self.answers.total()

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": "quota",
            "client": self.client,
            "requests": self.requests,
            "answers": dict(self.answers),
            "waiting": self.waiting,
            "says": self.says,
            "retryAfter": self.retry_after_seconds,
        }


def measure(clients: Collection[str]) -> list[Outcome]:
    """Run every client, all at once: they hardly do anything."""
    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(run, clients))


def run(client: str) -> Outcome:
    """Let one process spend the quota, and then both call."""
    outcome = Outcome(client)
    with running_workplace() as place, Crew().working() as crew:
        _spend_soon(place.simulated)
        for _ in range(PROCESSES):
            crew.start(_work, client, place.access)
        crew.gather(_PATIENCE_SECONDS)
        crew.workers[0].pipe.send("spend")
        _wait_for_refusal(place.simulated)
        before = place.simulated.control("summary")["requests"]
        crew.say("call")
        ends_at = time.monotonic() + WATCHED_SECONDS
        while outcome.waiting and (left_seconds := ends_at - time.monotonic()) > 0:
            for _, message in crew.hear(left_seconds):
                outcome.answers[message["failure"] or "answered"] += 1
                outcome.says, outcome.retry_after_seconds = message["says"], message["retry_after"]
        outcome.requests = place.simulated.control("summary")["requests"] - before
    return outcome


def _spend_soon(simulated: Simulated) -> None:
    """Let the app have few points, in an hour that lasts a while yet."""
    passed_seconds = simulated.control("summary")["now"] % _HOUR_SECONDS
    if passed_seconds > _HOUR_SECONDS - _LEFT_SECONDS:
        simulated.control("clock", {"advance_seconds": _HOUR_SECONDS - passed_seconds + 1})
    simulated.control("settings", {"points_on": True, "points_per_hour": POINTS_PER_HOUR})


def _wait_for_refusal(simulated: Simulated) -> None:
    """Wait for the first refusal, and until it has reached whoever asked."""
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while not simulated.control("summary")["refused"]:
        if time.monotonic() > ends_at:
            raise RuntimeError("the quota was not spent")
        time.sleep(0.1)
    time.sleep(1.0)


# ---- in a worker's process ------------------------------------------------------------------


def _work(pipe: Connection, client: str, access: Access) -> None:
    """Read until it fails where told to; then read once in each of several threads."""
    spender, *callers = KINDS[client].opened(access, 1 + CALLS // PROCESSES)
    sending = threading.Lock()
    pipe.send("ready")
    if pipe.recv() == "spend":
        threading.Thread(target=_spend, args=(spender,), daemon=True).start()
        pipe.recv()
    for caller in callers:
        threading.Thread(target=_call, args=(caller, pipe, sending), daemon=True).start()
    pipe.recv()  # until this process is killed


def _spend(client: Client) -> None:
    for _ in range(POINTS_PER_HOUR):
        if failure_of(lambda: client.read(_ISSUE_KEY)) is not None:
            return


def _call(client: Client, pipe: Connection, sending: threading.Lock) -> None:
    raised: list[Exception] = []

    def read() -> None:
        try:
            client.read(_ISSUE_KEY)
        except Exception as error:
            raised.append(error)
            raise

    failure = failure_of(read)
    says = str(raised[0]) if raised else None
    retry_after = getattr(raised[0], "retry_after_seconds", None) if raised else None
    with sending:
        pipe.send({"failure": failure, "says": says, "retry_after": retry_after})


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## An hourly quota spent

The app has {points} points an hour, which one of {processes} processes spends with reads of an issue until it is
refused (`Retry-After`: until the hour ends). Then both processes read once in each of {threads} threads, {calls} calls
in all, and are watched for {seconds:g} s. Aim: nothing is sent, every call is answered, and the answer says until when.

{table}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    table = Table(("client", "requests sent", "calls answered", "still waiting", "what an answer says"))
    for outcome in outcomes:
        answers = ", ".join(f"{count} {failure}" for failure, count in outcome.answers.items())
        seconds = outcome.retry_after_seconds
        says = "-" if outcome.says is None else re.sub(r"\s+", " ", outcome.says)
        table.add(
            KINDS[outcome.client].title,
            outcome.requests,
            answers or 0,
            outcome.waiting,
            says if seconds is None else f"{says} (`retryAfter`: {seconds:.0f})",
        )
    return _TEXT.format(
        points=POINTS_PER_HOUR,
        processes=PROCESSES,
        threads=CALLS // PROCESSES,
        calls=CALLS,
        seconds=WATCHED_SECONDS,
        table=table,
    )
