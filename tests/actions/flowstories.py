"""Issues of the simulated site that have a history, for tests of what is made of histories."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vantage_jira_plugin.simulator import Simulator

FLOW = "project = DEV AND labels = flow ORDER BY key ASC"
_DAY = 86_400
#: What happened to issues of the simulated site: days ago, and the status that they came into then.
STORIES = {
    "two days": [(20, "To Do"), (18, "In Progress"), (16, "Done")],
    "six days, reopened": [(20, "To Do"), (15, "In Progress"), (13, "Done"), (11, "In Progress"), (9, "Done")],
    "straight to done": [(19, "To Do"), (9, "Done")],
    "under way": [(12, "To Do"), (10, "In Progress"), (4, "In Review")],
    "to do": [(5, "To Do")],
}


def tell(sim: Simulator) -> dict[str, str]:
    """Let the stories happen, up to now; return the keys of their issues, by story."""
    site = sim.site
    status_ids = {status.name: status.id for status in site.statuses.values()}
    now = sim.clock()
    found = {}
    for summary, ((created, _), *moves) in STORIES.items():
        issue = site.create_issue(
            site.project("DEV"),
            {"issuetype": "10001", "summary": summary, "labels": ("flow",), "status": status_ids["To Do"]},
            site.default_account_id,
            at=now - created * _DAY,
        )
        for days, name in moves:
            site.change_issue(issue, {"status": status_ids[name]}, site.default_account_id, at=now - days * _DAY)
        found[summary] = issue.key
    return found
