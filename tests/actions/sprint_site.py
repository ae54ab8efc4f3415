"""Puts sprints with dates, and issues that go through them, on a simulated site."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.catalogue import Sprint

if TYPE_CHECKING:
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["DAY_SECONDS", "plan_sprints"]

DAY_SECONDS = 86_400
_SPRINT, _POINTS = "customfield_10020", "customfield_10010"
#: When sprints began and end, in days from now: one that is over, and one under way.
_CLOSED, _ACTIVE = (-20, -10), (-8, 6)
#: What happened to issues, in days from now: with which values they were created, and what was changed when.
_ISSUES: dict[str, tuple[dict[str, Any], tuple[tuple[float, dict[str, Any]], ...]]] = {
    "done in the first": (
        {"at": -30, _POINTS: 3.0},
        ((-21, {_SPRINT: (11,)}), (-15, {"status": "Done"})),
    ),
    "carried over": (
        {"at": -30, _POINTS: 5.0},
        ((-21, {_SPRINT: (11,)}), (-12, {_POINTS: 8.0}), (-9, {_SPRINT: (11, 12)})),
    ),
    "added to the first, done in it": (
        {"at": -18, _POINTS: 2.0, _SPRINT: (11,)},
        ((-14, {"status": "In Progress"}), (-12, {"status": "Done"})),
    ),
    "removed from the first": (
        {"at": -30, _POINTS: 1.0},
        ((-21, {_SPRINT: (11,)}), (-16, {_SPRINT: ()})),
    ),
    "done in the second": (
        {"at": -30, _POINTS: 13.0},
        ((-9, {_SPRINT: (12,)}), (-2, {"status": "Done"})),
    ),
}


def plan_sprints(site: Site) -> None:
    """Add the sprints `Blue 1` (closed) and `Blue 2` (active) to DEV, and five issues labelled `planned`."""
    now = site.clock()

    def iso(days: float) -> str:
        return datetime.fromtimestamp(now + days * DAY_SECONDS, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    site.sprints = {
        **site.sprints,
        11: Sprint(11, "Blue 1", "closed", 1, "One", iso(_CLOSED[0]), iso(_CLOSED[1]), iso(_CLOSED[1])),
        12: Sprint(12, "Blue 2", "active", 1, "Two", iso(_ACTIVE[0]), iso(_ACTIVE[1])),
    }
    project = site.project("DEV")
    assert project is not None
    status_ids = {status.name: status.id for status in site.statuses.values()}
    for summary, (values, changes) in _ISSUES.items():
        created = {name: value for name, value in values.items() if name != "at"}
        issue = site.create_issue(
            project,
            {"issuetype": "10001", "summary": summary, "labels": ("planned",), **created},
            site.default_account_id,
            at=now + values["at"] * DAY_SECONDS,
        )
        for days, change in changes:
            settled = {name: status_ids[value] if name == "status" else value for name, value in change.items()}
            site.change_issue(issue, settled, site.default_account_id, at=now + days * DAY_SECONDS)
