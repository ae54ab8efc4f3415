"""Measures reads through a small bucket: how near the ideal time, what is sent into closed windows, who else waits."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.clients import KINDS, failure_of
from benchmarks.crew import Crew
from benchmarks.table import Table
from benchmarks.workplace import Access, running_workplace

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from multiprocessing.connection import Connection

    from benchmarks.clients import Client

#: The bucket: requests per second that flow in, and how many it holds.
RATE_PER_SECOND = 10
CAPACITY = 10
_TEMPLATE = "/rest/api/3/issue/{issueIdOrKey}"
_OPERATION = f"GET {_TEMPLATE}"
#: What is read.
_ISSUE_KEYS = ("DEV-1", "DEV-2", "DEV-3", "DEV-4", "OPS-1", "OPS-2")
#: Another endpoint is called so often by one more thread of each process, and so long before the reads begin.
_PAUSE_SECONDS = 0.05
_BEFORE_SECONDS = 3.0
#: A run that takes so many times the ideal time is ended.
_PATIENCE = 6
#: Runs at a time. They wait nearly all the time; each has a simulator of its own.
_AT_A_TIME = 5
#: Aims of ours: times of the ideal, and the share of requests that are sent into a closed window.
AIM_RATIO = 1.1
AIM_CLOSED = 0.01


@dataclass(frozen=True)
class Plan:
    """What is run: so many reads by `threads` in each of `processes`."""

    client: str
    retry_after_seconds: int
    announces: bool = True
    reads: int = 1000
    processes: int = 2
    threads: int = 8

    @property
    def ideal_seconds(self) -> float:
        """How long the reads take at least: the bucket is full at first, then everybody waits for what flows in."""
        return (self.reads - CAPACITY) / RATE_PER_SECOND


@dataclass
class Outcome:
    """What happened. `seconds` is None where the run was ended; durations are of the other endpoint's calls."""

    plan: Plan
    seconds: float | None = None
    answered: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    refused: int = 0
    closed: int = 0
    before_seconds: list[float] = field(default_factory=list, repr=False)
    meanwhile_seconds: list[float] = field(default_factory=list, repr=False)

    @property
    def ratio(self) -> float | None:
        """Seconds taken by the ideal."""
        return None if self.seconds is None else self.seconds / self.plan.ideal_seconds

    @property
    def closed_share(self) -> float:
        """Share of the requests that were sent into a closed window."""
        return self.closed / max(self.requests, 1)

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": "limited",
            "client": self.plan.client,
            "retryAfter": self.plan.retry_after_seconds,
            "announces": self.plan.announces,
            "ratio": self.ratio,
            "answered": self.answered,
            "failed": dict(self.failed),
            "requests": self.requests,
            "refused": self.refused,
            "closed": self.closed,
        }


def plans(clients: Collection[str], *, quick: bool) -> list[Plan]:
    """Return the runs: only ours looks at headers of good answers, so that only ours also runs without them."""
    reads = 150 if quick else 1000
    return [
        Plan(client, seconds, announces, reads, threads=4 if quick else 8)
        for client, announces, seconds in itertools.product(clients, (True, False), (1, 5))
        if announces or client.startswith("ours")
    ]


def measure(clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Run everything, a few runs at a time; those that take longest begin first."""
    wanted = plans(clients, quick=quick)
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        longest_first = sorted(wanted, key=lambda plan: (-plan.retry_after_seconds, plan.client.startswith("ours")))
        running = {plan: pool.submit(run, plan) for plan in longest_first}
        return [running[plan].result() for plan in wanted]


def run(plan: Plan) -> Outcome:
    """Run one plan with a full bucket."""
    outcome = Outcome(plan)
    with running_workplace() as place, Crew().working() as crew:
        for _ in range(plan.processes):
            crew.start(_work, plan, place.access, plan.reads // plan.processes)
        crew.gather(60)  # everybody is ready, and has called the other endpoint for a while
        place.simulated.control(
            "limits",
            {
                "method": "GET",
                "template": _TEMPLATE,
                "rate_per_second": RATE_PER_SECOND,
                "capacity": CAPACITY,
                "retry_after_seconds": plan.retry_after_seconds,
                "announces": plan.announces,
            },
        )
        started = time.monotonic()
        crew.say("go")
        if crew.gather(plan.ideal_seconds * _PATIENCE):
            outcome.seconds = time.monotonic() - started
            for worker in crew.workers:
                _add(outcome, worker.said[-1])
        counts = place.simulated.control("summary")["by_operation"].get(_OPERATION, {})
        outcome.requests, outcome.refused = counts.get("requests", 0), counts.get("refused", 0)
        outcome.closed = counts.get("closed_window", 0)
    return outcome


def _add(outcome: Outcome, said: dict[str, Any]) -> None:
    outcome.answered += said["answered"]
    outcome.failed.update(said["failed"])
    outcome.before_seconds += said["before"]
    outcome.meanwhile_seconds += said["meanwhile"]


# ---- in a worker's process ------------------------------------------------------------------


def _work(pipe: Connection, plan: Plan, access: Access, reads: int) -> None:
    """Read in several threads once told to, while one more thread calls another endpoint."""
    *readers, other = KINDS[plan.client].opened(access, plan.threads + 1)
    durations: list[float] = []
    ended = threading.Event()
    side = threading.Thread(target=_call_elsewhere, args=(other, durations, ended))
    side.start()
    time.sleep(_BEFORE_SECONDS)
    pipe.send("ready")
    pipe.recv()
    first = len(durations)
    numbers = iter(range(reads))
    failures: list[str | None] = []
    threads = [threading.Thread(target=_read, args=(client, numbers, failures)) for client in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    meanwhile = durations[first:]
    ended.set()
    side.join()
    failed = Counter(failure for failure in failures if failure is not None)
    answered = len(failures) - failed.total()
    pipe.send({"answered": answered, "failed": failed, "before": durations[1:first], "meanwhile": meanwhile})


def _read(client: Client, numbers: Any, failures: list[str | None]) -> None:
    """Read one issue after the other until there are no more numbers, which all threads take from."""
    for number in numbers:
        key = _ISSUE_KEYS[number % len(_ISSUE_KEYS)]
        failures.append(failure_of(partial(client.read, key)))


def _call_elsewhere(client: Client, durations: list[float], ended: threading.Event) -> None:
    while not ended.wait(_PAUSE_SECONDS):
        started = time.monotonic()
        client.elsewhere()
        durations.append(time.monotonic() - started)


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## A bucket of {rate} requests per second

{reads:,} reads of an issue, {threads} threads in {processes} processes, against an endpoint whose bucket holds
{capacity} and fills at {rate} per second; a refusal closes it for `Retry-After` seconds, and what comes earlier is
refused again. The ideal is {ideal:g} s: the bucket's size at once, the rest as it fills. *Closed* requests were sent
before an announced `Retry-After` had passed, also those that were on their way. One more thread of each process calls
another endpoint all the time: its median and 95th percentile before the reads began, and meanwhile. Peers have their
default retries where nothing else is said. {at_a_time} runs at a time, each with a simulator of its own.

Aim: at most {aim_ratio} times the ideal, at most {aim_closed:.0%} closed; no read fails; the other endpoint does not
wait. *Bare*: successful answers carry no `X-RateLimit` headers; only this connector looks at them. Where reads fail,
the time says little: what failed was not waited for.

{table}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    plan = outcomes[0].plan
    table = Table(
        ("client", "Retry-After", "seconds / ideal", "closed", "refused", "requests", "failed reads", "elsewhere")
    )
    for outcome in sorted(outcomes, key=lambda one: (not one.plan.announces, one.plan.retry_after_seconds)):
        bare = "" if outcome.plan.announces else ", bare"
        table.add(
            KINDS[outcome.plan.client].title,
            f"{outcome.plan.retry_after_seconds} s{bare}",
            _ratio(outcome),
            f"{outcome.closed_share:.1%}{_missed(outcome, outcome.closed_share > AIM_CLOSED)}",
            f"{outcome.refused:,}",
            f"{outcome.requests:,}",
            _failed(outcome),
            f"{_spread(outcome.before_seconds)}, {_spread(outcome.meanwhile_seconds)}",
        )
    return _TEXT.format(
        rate=RATE_PER_SECOND,
        capacity=CAPACITY,
        reads=plan.reads,
        threads=plan.threads * plan.processes,
        processes=plan.processes,
        ideal=plan.ideal_seconds,
        at_a_time=_AT_A_TIME,
        aim_ratio=AIM_RATIO,
        aim_closed=AIM_CLOSED,
        table=table,
    )


def _ratio(outcome: Outcome) -> str:
    if outcome.ratio is None:
        return "not ended"
    return f"{outcome.ratio:.2f}{_missed(outcome, outcome.ratio > AIM_RATIO)}"


def _missed(outcome: Outcome, missed: bool) -> str:  # noqa: FBT001 - one of two words
    """Return a remark where ours is not as aimed at."""
    return " (aim missed)" if missed and outcome.plan.client.startswith("ours") else ""


def _failed(outcome: Outcome) -> str:
    kinds = ", ".join(sorted(outcome.failed))
    return f"{outcome.failed.total():,}" + (f" ({kinds})" if kinds else "")


def _spread(seconds: Sequence[float]) -> str:
    """Return median and 95th percentile, in milliseconds."""
    if len(seconds) < 2:  # noqa: PLR2004 - no percentile of fewer
        return "-"
    return f"{statistics.median(seconds) * 1000:.0f}/{statistics.quantiles(seconds, n=20)[-1] * 1000:.0f} ms"
