"""Measures a pull of all issues: beside the peers, and beside its own requests sent by bare threads."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks import pulls
from benchmarks.floor import asked, floor
from benchmarks.pulls import Job, pulled, wanted
from benchmarks.workplace import running_workplace

if TYPE_CHECKING:
    from collections.abc import Collection

    from benchmarks.pulls import Ids, Pulled
    from benchmarks.workplace import Workplace

LATENCY_SECONDS = 0.15
#: Times that ours and its floor are measured, in turn.
ROUNDS = 3
#: Jira's pages of these fields. Source: docs/simulator.md, and the bulk fetch it is modelled on.
_PAGE_SIZE = 100
#: A quota in force that all runs together do not use up. Source: the rate limiting page, cap of Tier 2.
POINTS_PER_HOUR = 500_000


@dataclass(frozen=True)
class Case:
    """What is pulled of which history, and what is aimed at.

    Attributes:
        peers: those that read by themselves, and those that are helped by a loop of one's own.
        aims: by requests in flight, how many times faster than the faster peer that reads by itself.
    """

    title: str
    history: str
    fields: tuple[str, ...]
    peers: tuple[str, ...]
    aims: dict[int, float]
    points: bool


_PULL = tuple(
    Case(
        f"{history} history",
        history,
        pulls.ALL_FIELDS,
        ("jira", "atlassian-pages"),
        {8: 6.0, 16: 9.0},
        points=True,
    )
    for history in ("even", "skewed")
)
_FEW = (
    Case(
        "five fields",
        "even",
        pulls.FEW_FIELDS,
        ("jira", "atlassian", "jira-pages", "atlassian-pages"),
        {8: 20.0, 16: 20.0},
        points=False,
    ),
)
CASES = {"pull": _PULL, "few-fields": _FEW}
#: Aims that hold for every case.
AIM_FLOOR = 1.15
AIM_POINTS = 1.03


@dataclass
class Outcome:
    """The runs of one case: of each peer one, of ours some with their floors, by requests in flight."""

    case: Case
    issues: int
    expected: Ids
    peers: list[Pulled] = field(default_factory=list)
    ours: dict[int, list[tuple[Pulled, float]]] = field(default_factory=dict)

    def seconds(self, in_flight: int) -> float:
        """Return the median of what ours took."""
        return statistics.median(run.seconds for run, _ in self.ours[in_flight])

    def floor_seconds(self, in_flight: int) -> float:
        """Return the median of what the floor took."""
        return statistics.median(seconds for _, seconds in self.ours[in_flight])

    def floor_ratio(self, in_flight: int) -> float:
        """Return the median of the ratios within a round."""
        return statistics.median(run.seconds / seconds for run, seconds in self.ours[in_flight])

    def times_faster(self, in_flight: int, *, helped: bool) -> float | None:
        """Return how many times faster ours was than the fastest peer, or than the fastest that reads by itself.

        A peer whose best pages are those that it asks for by itself, or that has no other way here, counts as such.
        """
        alone = [run for run in self.peers if helped or not self._is_helped(run.job.client)]
        seconds = [run.seconds for run in alone if run.ids.exact(self.expected)]
        return min(seconds) / self.seconds(in_flight) if seconds else None

    def _is_helped(self, client: str) -> bool:
        return client.endswith("-pages") and client.removesuffix("-pages") in self.case.peers

    @property
    def plain_points(self) -> int:
        """Points of a sequential read: one for each page, one for each issue."""
        return self.issues + -(-self.issues // _PAGE_SIZE)

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": self.case.title,
            "issues": self.issues,
            "ours": {
                in_flight: {
                    "seconds": [round(run.seconds, 3) for run, _ in runs],
                    "floor": [round(seconds, 3) for _, seconds in runs],
                    "cpu": [round(run.cpu_seconds, 3) for run, _ in runs],
                    "timesFaster": self.times_faster(in_flight, helped=False),
                    "points": [run.points for run, _ in runs],
                    "requests": [run.requests for run, _ in runs],
                    "peakMb": [round(run.peak_mb) for run, _ in runs],
                    "exact": [run.ids.exact(self.expected) for run, _ in runs],
                    "failures": [run.failure for run, _ in runs],
                }
                for in_flight, runs in self.ours.items()
            },
            "peers": {run.job.client: [round(run.seconds, 3), run.requests, run.failure] for run in self.peers},
        }


def measure(part: str, clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Run the cases of a part, one after the other."""
    return [_measured(case, clients, 1_500 if quick else 20_000, rounds=1 if quick else ROUNDS) for case in CASES[part]]


def _measured(case: Case, clients: Collection[str], issues: int, *, rounds: int) -> Outcome:
    with running_workplace("--issues", str(issues), "--history", case.history) as place:
        expected = pulls.expected_ids(place)
        outcome = Outcome(case, expected.read, expected)
        pulled(place, Job("ours", case.fields))  # once for nothing: whoever comes first waits for the simulator
        place.simulated.control("settings", {"latency_seconds": LATENCY_SECONDS, **_points(case)})
        for peer in wanted(case.peers, clients):
            outcome.peers.append(pulled(place, Job(peer, case.fields)))
        for in_flight in case.aims if "ours" in clients else ():
            outcome.ours[in_flight] = [_round(place, Job("ours", case.fields, in_flight)) for _ in range(rounds)]
    return outcome


def _round(place: Workplace, job: Job) -> tuple[Pulled, float]:
    run = pulled(place, job)
    bare = floor(place.access, asked(run.log), job.in_flight)
    if bare.bad:
        raise RuntimeError(f"{bare.bad} requests of the floor were refused")
    return run, bare.seconds


def _points(case: Case) -> dict[str, Any]:
    if not case.points:
        return {}
    return {"points_on": True, "points_per_hour": POINTS_PER_HOUR}
