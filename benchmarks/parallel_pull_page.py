"""The part of the page about a pull of all issues. Nothing is measured here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.parallel_pull import AIM_FLOOR, AIM_POINTS, LATENCY_SECONDS, POINTS_PER_HOUR, ROUNDS
from benchmarks.pulls import title_of
from benchmarks.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.parallel_pull import Outcome
    from benchmarks.pulls import Pulled

_PULL_TEXT = """## A pull of all issues, all fields

The {issues:,} issues of a project with `*all`, newest first, each answer after {latency:g} ms, into a table in memory:
once spread evenly over two years, once with 80 % of the issues created within one week. Every client has a process of
its own, one after the other, against one simulator; the peers once, ours and its floor {rounds} times in turn
(medians).
`jira` reads all by `enhanced_search_issues(maxResults=False)`, in pages of 100, which is the most that Jira gives of
these fields; `atlassian-python-api` would ask for 50 and is given a loop around `enhanced_jql(limit=5000)`. The *floor*
is what bare threads with `requests`, as many as are in flight, need to send the very requests that ours sent, in their
order, to parse the answers and to drop them. *Points* are Jira's, as the simulator counts them, against those of a
sequential read: its pages and its issues; a quota of {quota:,} an hour is in force. *Memory* is
the most above the connected process.

Aim: {aims} times faster than the faster peer, at most {floor} of the floor, at most {points} of the points; every
issue once.

{table}
"""
_FEW_TEXT = """## The same with five fields

{issues:,} issues with {fields}, points not counted. Jira gives up to 1,000 issues of so few fields on a page. By
themselves `jira` asks for 100 and `atlassian-python-api` for 50; with a loop of one's own around
`enhanced_search_issues(maxResults=5000)` and `enhanced_jql(limit=5000)` they get as many as ours.

Aim: {aims} times faster than the faster peer that reads by itself.

{table}
"""


def section(part: str, outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    table = Table(
        (
            "history",
            "client",
            "in flight",
            "seconds",
            "times faster",
            "of the floor",
            "points",
            "requests",
            "CPU",
            "memory",
            "whole",
        )
    )
    for outcome in outcomes:
        for run in outcome.peers:
            table.add(
                outcome.case.history, title_of(run.job.client), 1, f"{run.seconds:.1f}", "", "", *_rest(outcome, run)
            )
        for in_flight, runs in outcome.ours.items():
            _add(table, outcome, in_flight, [run for run, _ in runs])
    case = outcomes[0].case
    return (_PULL_TEXT if part == "pull" else _FEW_TEXT).format(
        issues=outcomes[0].issues,
        latency=LATENCY_SECONDS * 1000,
        rounds=ROUNDS,
        fields=", ".join(f"`{name}`" for name in case.fields),
        aims=" and ".join(f"{aim:g} ({in_flight} in flight)" for in_flight, aim in case.aims.items()),
        floor=AIM_FLOOR,
        points=AIM_POINTS,
        quota=POINTS_PER_HOUR,
        table=table,
    )


def _add(table: Table, outcome: Outcome, in_flight: int, runs: Sequence[Pulled]) -> None:
    """Add the row of ours; the ids of all its rounds must be right, other figures are of the middle one."""
    middle = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
    worst = next((run for run in runs if not run.ids.exact(outcome.expected)), middle)
    alone = outcome.times_faster(in_flight, helped=False)
    helped = outcome.times_faster(in_flight, helped=True)
    ratio = outcome.floor_ratio(in_flight)
    faster = "" if alone is None else f"{alone:.1f}{_missed(alone < outcome.case.aims[in_flight])}"
    if helped is not None and helped != alone:
        faster += f"; than the best loop {helped:.1f}"
    table.add(
        outcome.case.history,
        title_of("ours"),
        in_flight,
        f"{outcome.seconds(in_flight):.2f}",
        faster,
        f"{ratio:.2f}{_missed(outcome.case.points and ratio > AIM_FLOOR)} ({outcome.floor_seconds(in_flight):.2f} s)",
        *_rest(outcome, worst, judged=True),
    )


def _rest(outcome: Outcome, run: Pulled, *, judged: bool = False) -> tuple[str, ...]:
    share = run.points / outcome.plain_points
    points = f"{share:.3f}{_missed(judged and share > AIM_POINTS)}" if outcome.case.points else "-"
    whole = run.failure or ("yes" if run.ids.exact(outcome.expected) else f"no: {run.ids.different:,}")
    return points, f"{run.requests:,}", f"{run.cpu_seconds:.1f} s", f"{run.peak_mb:.0f} MB", whole


def _missed(missed: bool) -> str:  # noqa: FBT001 - one of two words
    return " (aim missed)" if missed else ""
