"""Trends and cumulative flow of a simulated site, and the chart of every analysis."""

from __future__ import annotations

import json

import pytest
import vl_convert

from tests.actions.sprint_site import plan_sprints
from tests.actions.test_contract import GOOD
from vantage_jira_plugin.actions import ACTIONS

_CHANGELOGS = "/rest/api/3/changelog/bulkfetch"
_DEV = "project = DEV"
_OVER_TIME = ["issueTrends", "cumulativeFlow"]
#: Calls of every analysis that draw something else each.
_DRAWN = {
    "issueTrends": ("issueTrends", {}),
    "issueTrends by group": ("issueTrends", {"groupBy": "issuetype"}),
    "cumulativeFlow": ("cumulativeFlow", {}),
    "cumulativeFlow by category": ("cumulativeFlow", {"by": "statusCategory"}),
    "sprintReport": ("sprintReport", {}),
    "sprintReport by day": ("sprintReport", {"layout": "burndown"}),
    "projectTimeline": ("projectTimeline", {}),
    "cycleTime": ("cycleTime", {}),
    "cycleTime summary": ("cycleTime", {"summary": True, "groupBy": "issuetype"}),
    "timeInStatus": ("timeInStatus", {}),
    "agingWork": ("agingWork", {}),
    "throughput": ("throughput", {}),
    "throughput by group": ("throughput", {"groupBy": "issuetype"}),
}


@pytest.fixture
def output(run, sim):
    """Return a function that runs an action well and returns its output; sprints of the site have dates."""
    plan_sprints(sim.site)

    def execute(action, **inputs):
        given = {"jql": _DEV, "timeZone": "UTC", **inputs}
        envelope = run(action, **{name: value for name, value in given.items() if value is not None})
        assert "error" not in envelope, envelope
        return envelope["output1"]

    return execute


def _fields_of(chart):
    """Return the columns that a specification reads, without those that it makes itself."""
    stack, found, made = [chart], set(), set()
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            found.update(_listed(node.get("field")), node.get("fold", ()), node.get("groupby", ()))
            made.update(_listed(node.get("as")))
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return found - made


def _listed(names):
    return [names] if isinstance(names, str) else names if isinstance(names, list) else []


@pytest.mark.parametrize(("action", "inputs"), _DRAWN.values(), ids=_DRAWN)
def test_the_chart_draws_the_table(output, action, inputs):
    """A specification reads columns of its table alone, has no rows, and becomes a picture of them."""
    table = output(action, **inputs)
    metadata = table["metadata"]
    columns = {column["name"] for column in metadata["columns"]}
    assert _fields_of(metadata["chart"])
    assert _fields_of(metadata["chart"]) <= columns
    assert metadata["chart"]["data"] == {"name": "rows"}
    drawn = {**metadata["chart"], "data": {"name": "rows", "values": table["data"]}}
    svg = vl_convert.vegalite_to_svg(drawn, vl_version="5.21", allowed_base_urls=[])
    assert "NaN" not in svg
    assert json.loads(json.dumps(metadata["chart"])) == metadata["chart"]


def test_every_analysis_is_drawn():
    """No group of analyses is left out above."""
    analyses = {action.name for action in ACTIONS.values() if "max_issues" in action.inputs().fields}
    assert {action for action, _ in _DRAWN.values()} == analyses


@pytest.mark.parametrize(("action", "inputs"), _DRAWN.values(), ids=_DRAWN)
def test_nothing_found_is_an_empty_picture_of_the_same_columns(output, action, inputs):
    """Columns and chart are the same for an empty result."""
    full, empty = output(action, **inputs), output(action, jql="project = DEV AND created < 1990-01-01", **inputs)
    assert empty["metadata"]["columns"] == full["metadata"]["columns"]
    assert empty["metadata"]["chart"] == full["metadata"]["chart"]
    assert empty["metadata"]["complete"] is True


@pytest.mark.parametrize("resolved_by", ["resolution", "statusCategory"])
def test_trends_add_up_to_what_a_search_finds(output, resolved_by):
    """All issues were created in some interval, and those open at the end are those not resolved, or not done."""
    rows = output("issueTrends", resolvedBy=resolved_by)["data"]
    found = output("searchIssues", timeZone=None, fields="status,statusCategory,resolutiondate")["data"]
    assert sum(row["created"] for row in rows) == len(found)
    unresolved = [row for row in found if row["resolutiondate"] is None]
    not_done = [row for row in found if row["statusCategory"] != "Done"]
    assert len(unresolved) != len(not_done)
    assert rows[-1]["open"] == len(unresolved if resolved_by == "resolution" else not_done)
    assert [row["over"] for row in rows] == [True] * (len(rows) - 1) + [False]


def test_trends_by_resolution_read_no_changelog(output, sim):
    """What is not needed is not paid for."""
    output("issueTrends")
    assert sim.requests_to(_CHANGELOGS) == []
    output("issueTrends", resolvedBy="statusCategory")
    assert sim.requests_to(_CHANGELOGS)


def test_the_flow_of_the_last_day_is_the_status_of_every_issue(output):
    """Counted at the end of today, as things are now; on the first day there is what was created on it."""
    rows = output("cumulativeFlow")["data"]
    found = output("searchIssues", timeZone=None, fields="status")["data"]
    last = {row["status"]: row["count"] for row in rows if row["date"] == rows[-1]["date"]}
    now = [issue["status"] for issue in found]
    assert last == {name: now.count(name) for name in last}
    assert sum(row["count"] for row in rows if row["date"] == rows[0]["date"]) == 1


@pytest.mark.parametrize("action", _OVER_TIME)
def test_days_are_those_of_the_account_unless_told(output, sim, action):
    """A time zone that is given saves asking for the account's."""
    output(action, timeZone="Asia/Tokyo")
    assert sim.requests_to("/rest/api/3/myself") == []
    output(action, timeZone=None)
    assert len(sim.requests_to("/rest/api/3/myself")) == 1


@pytest.mark.parametrize("action", _OVER_TIME)
def test_a_range_of_days(output, action):
    """The table has whole intervals from the first day to the last, also before the first issue; none is to come."""
    rows = output(action, interval="day", firstDay="2020-02-28", lastDay="2020-03-01")["data"]
    name = "start" if action == "issueTrends" else "date"
    assert sorted({row[name] for row in rows}) == ["2020-02-28", "2020-02-29", "2020-03-01"]
    late = output(action, firstDay="2126-01-01")
    assert late["data"] == []
    (warning,) = late["metadata"]["warnings"]
    assert warning.startswith("firstDay is after today, which is 20")


@pytest.mark.parametrize("action", _OVER_TIME)
def test_days_in_the_wrong_order_are_refused(run, sim, action):
    """The last day is named, and nothing is sent."""
    error = run(action, jql=_DEV, firstDay="2026-02-01", lastDay="2026-01-31")["error"]
    assert error["errors"] == {"lastDay": ["must not be before firstDay"]}
    assert sim.requests_to("/rest") == []


@pytest.mark.parametrize("action", _OVER_TIME)
@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"maxIssues": 5}, "maxIssues"),
        ({"maxRows": 3}, "maxRows"),
        ({"maxIssues": 5, "maxRows": 3}, "maxIssues, maxRows"),
    ],
)
def test_what_is_cut_says_so(output, action, limits, reason):
    """Fewer issues than there are, and fewer rows than there would be, are both told."""
    table = output(action, **limits)
    assert (table["metadata"]["complete"], table["metadata"]["incompleteReason"]) == (False, reason)
    assert len(table["data"]) <= limits.get("maxRows", 1000)


@pytest.mark.parametrize("action", ["issueTrends", "cumulativeFlow", "sprintReport", "projectTimeline"])
def test_only_allowed_projects_are_read(connect, sim, action):
    """The query is confined, and changes are read of what it finds alone."""
    connection = connect(allowedProjects=["OPS"])
    table = connection.execute(action, {"jql": "created is not empty", "timeZone": "UTC"}, {}, {})["output1"]
    queries = [json.loads(search.body)["jql"] for search in sim.requests_to("/rest/api/3/search/jql")]
    assert queries
    assert all('project in ("OPS") AND (created is not empty' in query for query in queries)
    assert {row["key"].partition("-")[0] for row in table["data"] if "key" in row} <= {"OPS"}


@pytest.mark.parametrize("action", ["issueTrends", "cumulativeFlow", "sprintReport", "projectTimeline"])
def test_jiras_words_on_a_wrong_query(run, action):
    """A query that Jira refuses answers jira_invalid with Jira's text."""
    error = run(action, **{**GOOD[action], "jql": "project = NOPE"})["error"]
    assert error["code"] == "jira_invalid"
    assert "does not exist for the field 'project'" in error["message"]
