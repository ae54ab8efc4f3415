"""Measures how many issues exist after creates whose answers were lost and whose workers were killed."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.clients import KINDS, failure_of
from benchmarks.crew import Crew, Worker
from benchmarks.table import Table
from benchmarks.workplace import Access, running_workplace
from vantage_jira_plugin.writing.entry import LEASE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from multiprocessing.connection import Connection

    from benchmarks.clients import Client
    from benchmarks.simulated import Simulated

_PROJECT_KEY = "OPS"
_OPERATION = "POST /rest/api/3/issue"
#: Share of the creates whose answer is lost after Jira has acted.
LOST = 0.05
#: A run that takes longer has failed.
_PATIENCE_SECONDS = 900.0


@dataclass(frozen=True)
class Plan:
    """What is run: so many issues by `threads` in each of `processes`, of which `kills` are killed and replaced.

    Jira acts at once and answers after `latency_seconds`, so that whoever is killed has mostly created something.
    """

    client: str
    items: int = 1000
    kills: int = 50
    processes: int = 4
    threads: int = 4
    latency_seconds: float = 0.1
    seed: int = 20_261_124

    @property
    def summaries(self) -> list[str]:
        """What is to be created, each once; the summary is also the key."""
        return [f"Nightly check {number:05}" for number in range(self.items)]


@dataclass
class Outcome:
    """What happened. `counts` says how many issues there are of each summary, in the end."""

    plan: Plan
    seconds: float = 0.0
    confirmed: int = 0
    kills: int = 0
    interrupted: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    requests: int = 0
    counts: Counter[str] = field(default_factory=Counter, repr=False)

    @property
    def missing(self) -> int:
        """How many were not created."""
        return self.plan.items - len(self.counts)

    @property
    def twice(self) -> int:
        """How many were created more than once."""
        return sum(count > 1 for count in self.counts.values())

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": "creates",
            "client": self.plan.client,
            "items": self.plan.items,
            "issues": self.counts.total(),
            "missing": self.missing,
            "twice": self.twice,
            "confirmed": self.confirmed,
            "kills": self.kills,
            "interrupted": self.interrupted,
            "lost": self.lost,
            "failed": dict(self.failed),
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
        }


def measure(clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Run every client that can be killed and go on, two at a time; each has a simulator of its own."""
    # A host that keeps everything in one process's memory forgets the ledger with the process.
    killable = [client for client in clients if client != "ours-alone"]
    # The longer an answer takes, the fewer are killed before anything was sent, which takes minutes to settle.
    small = partial(Plan, items=100, kills=5, latency_seconds=0.5)
    plans = [small(client) if quick else Plan(client) for client in killable]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, plans))


def run(plan: Plan) -> Outcome:
    """Run a plan to its end, then count."""
    outcome = Outcome(plan)
    with running_workplace() as place, Crew().working() as crew:
        place.simulated.control("settings", {"latency_seconds": plan.latency_seconds})
        lost = {"kind": "lost_answer", "method": "POST", "path": "/rest/api/3/issue$", "times": None}
        place.simulated.control("faults", {**lost, "probability": LOST})
        started = time.monotonic()
        _Foreman(outcome, crew, place.access).run()
        outcome.seconds = time.monotonic() - started
        _count(outcome, place.simulated)
    return outcome


def _count(outcome: Outcome, simulated: Simulated) -> None:
    counts = simulated.control("summary")["by_operation"].get(_OPERATION, {})
    outcome.requests, outcome.lost = counts.get("requests", 0), counts.get("faults", 0)
    wanted = set(outcome.plan.summaries)
    issues = simulated.control(f"issues?project={_PROJECT_KEY}")
    outcome.counts = Counter(issue["summary"] for issue in issues if issue["summary"] in wanted)


class _Foreman:
    """Hands out what is to be created, and hands it out again where a create failed or its worker was killed.

    What is tried again goes to the end of the queue. Workers are killed at even distances of what is confirmed, each at
    some moment of the time that an answer takes.
    """

    def __init__(self, outcome: Outcome, crew: Crew, access: Access) -> None:
        self._outcome = outcome
        self._plan = outcome.plan
        self._crew = crew
        self._access = access
        self._waiting = deque(outcome.plan.summaries)
        self._handed: dict[Worker, set[str]] = {}
        self._ready: set[Worker] = set()
        self._dice = random.Random(outcome.plan.seed)  # noqa: S311 - whom to kill and when, nothing secret
        self._kill_at: float | None = None

    def run(self) -> None:
        """Work until everything is confirmed, or patience is over."""
        plan, outcome = self._plan, self._outcome
        ends_at = time.monotonic() + _PATIENCE_SECONDS
        for _ in range(plan.processes):
            self._enlist(self._crew.start(_work, plan, self._access))
        while outcome.confirmed < plan.items and (now := time.monotonic()) < ends_at:
            wake_at = ends_at if self._kill_at is None else self._kill_at
            for worker, message in self._crew.hear(wake_at - now):
                if message is None:
                    raise RuntimeError("a worker died by itself; what it said is above")
                self._settle(worker, *message)
            self._hand_out()
            self._kill_in_time()

    def _kill_in_time(self) -> None:
        """Kill a worker where it is time, or decide when the next is."""
        plan, outcome = self._plan, self._outcome
        step = plan.items / (plan.kills + 1)
        if self._kill_at is not None:
            if time.monotonic() >= self._kill_at:
                self._kill_at = None
                self._kill()
        elif outcome.kills < plan.kills and outcome.confirmed >= step * (outcome.kills + 1):
            self._kill_at = time.monotonic() + self._dice.uniform(0, plan.latency_seconds)

    def _enlist(self, worker: Worker) -> None:
        self._handed[worker] = set()

    def _settle(self, worker: Worker, summary: str, failure: str | None) -> None:
        """Take in what became of one summary; without one, that a worker is ready."""
        self._ready.add(worker)
        if not summary:
            return
        self._handed[worker].remove(summary)
        if failure is None:
            self._outcome.confirmed += 1
        else:
            self._outcome.failed[failure] += 1
            self._waiting.append(summary)

    def _hand_out(self) -> None:
        """Give every thread that has nothing to do the next one."""
        for worker in self._ready:
            handed = self._handed[worker]
            while self._waiting and len(handed) < self._plan.threads:
                summary = self._waiting.popleft()
                handed.add(summary)
                worker.pipe.send(summary)

    def _kill(self) -> None:
        """Kill a worker that is at work, and start another in its place."""
        busy = [worker for worker in self._crew.workers if self._handed[worker]]
        if not busy:
            return
        victim = self._dice.choice(busy)
        victim.kill()
        while victim.pipe.poll():  # what it had said before
            try:
                summary, failure = victim.pipe.recv()
            except (EOFError, OSError):
                break
            self._settle(victim, summary, failure)
        self._ready.remove(victim)
        handed = self._handed.pop(victim)
        self._outcome.kills += 1
        self._outcome.interrupted += len(handed)
        self._waiting.extend(sorted(handed))
        self._enlist(self._crew.replace(victim, _work, self._plan, self._access))


# ---- in a worker's process ------------------------------------------------------------------


def _work(pipe: Connection, plan: Plan, access: Access) -> None:
    """Create what comes through the pipe, in several threads, and say what became of each."""
    clients = KINDS[plan.client].opened(access, plan.threads)
    given: queue.Queue[str] = queue.Queue()
    sending = threading.Lock()
    for client in clients:
        threading.Thread(target=_create, args=(client, given, pipe, sending), daemon=True).start()
    with sending:
        pipe.send(("", None))  # ready
    while True:
        given.put(pipe.recv())


def _create(client: Client, given: queue.Queue[str], pipe: Connection, sending: threading.Lock) -> None:
    while True:
        summary = given.get()
        failure = failure_of(partial(client.create, _PROJECT_KEY, summary))
        with sending:
            pipe.send((summary, failure))


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## {items:,} creates, answers lost, workers killed

{items:,} issues are created by {processes} processes of {threads} threads. The answer to {lost:.0%} of the creates
is lost after Jira has acted; every answer takes {latency:g} s. {kills} times a process is killed (SIGKILL) in the
middle and another takes its place. What failed, or was in the hands of a killed worker, is tried again later: with this
connector under the same `idempotencyKey`, with the peers by the same plain create, since they have no keys. Counted is
what the site holds in the end. Aim: exactly {items:,}, none twice, none missing.

Where a worker is killed between reserving a key and sending, nobody may send it for {lease:g} s; such a key makes a
run of this connector last at least as long.

{table}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    plan = outcomes[0].plan
    table = Table(
        (
            "client",
            "issues in the end",
            "missing",
            "made more than once",
            "answers lost",
            "killed (creates in hand)",
            "calls failed",
            "creates sent",
            "seconds",
        )
    )
    for outcome in outcomes:
        failures = ", ".join(f"{count} {name}" for name, count in outcome.failed.items())
        table.add(
            KINDS[outcome.plan.client].title,
            f"{outcome.counts.total():,}",
            outcome.missing,
            outcome.twice,
            outcome.lost,
            f"{outcome.kills} ({outcome.interrupted})",
            failures or 0,
            f"{outcome.requests:,}",
            f"{outcome.seconds:.0f}",
        )
    return _TEXT.format(
        items=plan.items,
        processes=plan.processes,
        threads=plan.threads,
        kills=plan.kills,
        lost=LOST,
        latency=plan.latency_seconds,
        lease=LEASE_SECONDS,
        table=table,
    )
