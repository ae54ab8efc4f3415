"""Runs many workers on one login against the simulator, kills some, and tells whether the login survived.

What a worker does is in `login_worker`; the page about it is written by `lost_login`.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import login_worker
from benchmarks.login_worker import CREDENTIAL_ID, Work
from benchmarks.simulated import Simulated, running_simulator
from tests.postgres import running_postgres
from vantage_jira_plugin.host.application import Host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import ForkServerProcess

#: Life of an access token, in seconds; the shortest that the token endpoint can announce.
TOKEN_SECONDS = 1
#: The connector renews when a tenth of a short life is left, so that a token serves this long, in seconds.
SERVICE_SECONDS = 0.9
#: How long a spent refresh token is still taken, in seconds. Atlassian's ten minutes are a sixth of a token's hour;
#: a killed worker's successor has to be there in time, and a record that was lost shows soon.
REUSE_SECONDS = 10
#: How long the token endpoint takes to answer while workers are killed, in seconds, so that some die waiting.
EXCHANGE_SECONDS = 0.05
#: Longest wait for a worker to hold the credential before any worker is killed instead, in seconds.
AIM_SECONDS = 2.0
#: A worker that has just got hold of the credential is killed at a random moment of so many seconds.
AIM_SPREAD_SECONDS = 0.06
#: How long workers may take to end, in seconds.
END_SECONDS = 60.0
#: A run that takes so many times longer than its tokens live has failed.
PATIENCE = 4


@dataclass(frozen=True)
class Plan:
    """What is run. `kills` are spread over the run; every other one aims at a worker that holds the credential."""

    database: str
    lifetimes: int
    kills: int = 0
    processes: int = 8
    threads: int = 4
    pause_seconds: float = 0.25
    seed: int = 20_261_124


@dataclass
class Outcome:
    """What happened. `refreshes` counts exchanges that were granted, `reuses` those of a spent token among them."""

    plan: Plan
    seconds: float = 0.0
    answered: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    kills: int = 0
    kills_of_holders: int = 0
    refreshes: int = 0
    reuses: int = 0
    replays: int = 0
    revoked: int = 0
    status_afterwards: str = "unknown"

    @property
    def lifetimes(self) -> int:
        """How many access tokens ran out and were replaced."""
        return self.refreshes - self.reuses

    @property
    def problems(self) -> list[str]:
        """What is not as claimed; empty where the login survived."""
        most = self.seconds / SERVICE_SECONDS + 1
        claims = {
            f"{sum(self.failed.values())} calls failed: {dict(self.failed)}": not self.failed,
            "nothing was answered": self.answered > 0,
            f"only {self.lifetimes} tokens ran out": self.lifetimes >= self.plan.lifetimes,
            f"{self.lifetimes} tokens were replaced where {most:.0f} can have run out": self.lifetimes <= most,
            f"{self.reuses} expiries were refreshed again after {self.kills} kills": self.reuses <= self.kills,
            f"only {self.kills} workers were killed": self.kills >= self.plan.kills,
            f"{self.replays} dead refresh tokens were replayed": not self.replays,
            "the grant was revoked": not self.revoked,
            f"afterwards the login is {self.status_afterwards!r}": self.status_afterwards == "connected",
        }
        return [text for text, holds in claims.items() if not holds]


def run(plan: Plan) -> Outcome:
    """Run a plan from an empty database to the last check."""
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        running_simulator("--access-token-seconds", str(TOKEN_SECONDS)) as simulated,
        _database(plan.database, Path(folder)) as url,
    ):
        simulated.control("settings", {"reuse_seconds": REUSE_SECONDS})
        if plan.kills:
            slow = {"kind": "slow", "path": "^/oauth/token$", "times": None, "delay_seconds": EXCHANGE_SECONDS}
            simulated.control("faults", slow)
        environ = {
            "VANTAGE_HOME": folder,
            "VANTAGE_DATABASE_URL": url,
            "VANTAGE_JIRA_AUTH_URL": simulated.auth_url,
            "VANTAGE_JIRA_API_URL": simulated.api_url,
            "VANTAGE_JIRA_CLIENT_SECRET": simulated.client_secret,
        }
        _store_grant(environ, simulated)
        outcome = Outcome(plan)
        started = time.monotonic()
        with _Crew(outcome, environ).working() as crew:
            _watch(crew, outcome, simulated, started)
        outcome.seconds = time.monotonic() - started
        _count(outcome, simulated)
        outcome.status_afterwards = _status_afterwards(environ, simulated)
        outcome.replays = simulated.control("authorization")["replays"]
        return outcome


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/vantage.db"
    else:
        with running_postgres(durable=True) as server:
            yield server.new_database()


def _store_grant(environ: dict[str, str], simulated: Simulated) -> None:
    host = Host.open(environ)
    host.credentials.register(CREDENTIAL_ID, connector="jira", service_id="soak", client_id=simulated.client_id)
    grant = simulated.grant
    record = {"accessToken": grant["access_token"], "refreshToken": grant["refresh_token"], "cloudId": None}
    with host.credentials.exclusive(CREDENTIAL_ID, timeout_seconds=1) as transaction:
        transaction.save({**record, "tokenExpiry": int(time.time() * 1000)})
    host.close()


def _count(outcome: Outcome, simulated: Simulated) -> None:
    told = simulated.control("authorization")
    outcome.refreshes, outcome.reuses, outcome.replays = told["refreshes"], told["reuses"], told["replays"]
    outcome.revoked = sum(family["revoked"] for family in told["families"])


def _status_afterwards(environ: dict[str, str], simulated: Simulated) -> str:
    """Ask once more when every spent refresh token is dead: only the newest one can be in the store now."""
    simulated.control("clock", {"advance_seconds": REUSE_SECONDS * 2})
    host = Host.open(environ)
    status = host.link(CREDENTIAL_ID).authenticate()["status"]
    host.close()
    return status


# ---- the workers ----------------------------------------------------------------------------------


@dataclass
class _Worker:
    process: ForkServerProcess
    reports: Connection
    number: int
    killed: bool = False


class _Crew:
    """The workers of a run, each a process of its own; a killed one is replaced."""

    def __init__(self, outcome: Outcome, environ: dict[str, str]) -> None:
        self._outcome = outcome
        self._environ = environ
        # Forked from a process that has loaded everything: starting anew costs little, however many are killed.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([login_worker.__name__, "vantage_jira_plugin.connection"])
        self._workers: dict[Connection, _Worker] = {}
        self._finishing = False
        self._dice = random.Random(outcome.plan.seed)  # noqa: S311 - whom to kill, nothing secret

    @contextmanager
    def working(self) -> Iterator[_Crew]:
        """Start everybody; at the end let everybody finish."""
        try:
            for number in range(self._outcome.plan.processes):
                self._start(number)
            yield self
            self._finish()
        finally:
            for worker in self._workers.values():
                worker.process.kill()

    def hear(self, seconds: float) -> _Worker | None:
        """Take in what the workers say for so long; return early where one holds the credential."""
        ends_at = time.monotonic() + seconds
        while (left_seconds := ends_at - time.monotonic()) > 0:
            for connection in wait(list(self._workers), left_seconds):
                worker = self._workers[connection]
                if self._take(worker):
                    return worker
        return None

    def kill(self, holder: _Worker | None) -> None:
        """Kill a worker, a little after it got hold of the credential or at random, and start another."""
        if holder is None:
            holder = self._dice.choice(list(self._workers.values()))
        else:
            self._outcome.kills_of_holders += 1
            time.sleep(self._dice.uniform(0, AIM_SPREAD_SECONDS))
        holder.killed = True
        holder.process.kill()
        while holder.reports in self._workers:
            self._take(holder)  # what it had said before
        holder.process.join()
        self._outcome.kills += 1
        self._start(holder.number)

    def _start(self, number: int) -> None:
        plan = self._outcome.plan
        ours, theirs = self._context.Pipe()
        what = Work(self._environ, plan.threads, plan.pause_seconds, shared=number % 2 == 0, announces=plan.kills > 0)
        process = self._context.Process(target=login_worker.work, args=(theirs, what))
        process.start()
        theirs.close()
        self._workers[ours] = _Worker(process, ours, number)

    def _take(self, worker: _Worker) -> bool:
        """Add one message to the outcome; True where it says that the worker holds the credential."""
        try:
            message: dict[str, Any] = worker.reports.recv()
        except (EOFError, OSError):
            del self._workers[worker.reports]
            worker.reports.close()
            if not (self._finishing or worker.killed):
                raise RuntimeError("a worker died by itself; what it said is above") from None
            return False
        if "holds" in message:
            return True
        self._outcome.answered += message["answered"]
        self._outcome.failed.update(message["failed"])
        self._outcome.slowest_seconds = max(self._outcome.slowest_seconds, message["slowest_seconds"])
        return False

    def _finish(self) -> None:
        ends_at = time.monotonic() + END_SECONDS
        self._finishing = True
        for worker in list(self._workers.values()):
            worker.reports.send("end")
        while self._workers and time.monotonic() < ends_at:
            self.hear(0.1)
        if self._workers:
            self._outcome.failed["a worker did not end"] += len(self._workers)


def _watch(crew: _Crew, outcome: Outcome, simulated: Simulated, started: float) -> None:
    """Kill as planned until enough tokens have run out."""
    plan = outcome.plan
    ends_at = started + plan.lifetimes * TOKEN_SECONDS * PATIENCE
    pause_seconds = min(plan.lifetimes * TOKEN_SECONDS / (plan.kills + 1), TOKEN_SECONDS)
    due_at = started + TOKEN_SECONDS
    while time.monotonic() < ends_at and (outcome.lifetimes < plan.lifetimes or outcome.kills < plan.kills):
        while time.monotonic() < due_at:
            crew.hear(due_at - time.monotonic())
        due_at += pause_seconds
        if outcome.kills < plan.kills:
            crew.kill(crew.hear(AIM_SECONDS) if outcome.kills % 2 else None)
        _count(outcome, simulated)
