"""Issues that went between the search and the read of their changelog, against the simulator."""

from __future__ import annotations

import pytest

from tests.actions.flowstories import FLOW, tell
from tests.analysis.stories import at, story
from vantage_jira_plugin.analysis import reading
from vantage_jira_plugin.analysis.history import issue_history
from vantage_jira_plugin.analysis.presence import may_lack_changes
from vantage_jira_plugin.simulator import Fault

_MOVED = {"created": "2026-01-05T09:00:00.000+0000", "status": {"id": "5", "name": "Done"}}
_UPDATED = at("2026-01-09 09:00")
_ALL = {
    "cycleTime": {},
    "timeInStatus": {},
    "agingWork": {},
    "throughput": {},
    "issueTrends": {"resolvedBy": "statusCategory"},
    "cumulativeFlow": {},
    "sprintReport": {},
    "projectTimeline": {},
}


@pytest.fixture
def keys(sim):
    """Keys of issues that have a history, by their story."""
    return tell(sim)


@pytest.fixture
def vanishing(monkeypatch, sim):
    """Return a function that lets issues go once they were found, before their changelogs are read."""

    def prepare(*keys, go=None):
        read = reading.read_changelogs

        def vanished(*given):
            for key in keys:
                issue = sim.site.find_issue(key)
                if issue is not None:
                    (go or sim.site.delete_issue)(issue)
            return read(*given)

        monkeypatch.setattr(reading, "read_changelogs", vanished)

    return prepare


@pytest.mark.parametrize(("action", "inputs"), _ALL.items(), ids=_ALL)
def test_an_issue_that_went_is_left_out_and_told(run, keys, vanishing, action, inputs):
    """It does not pass for one that never moved: the table says that it is missing."""
    vanishing(keys["under way"], keys["two days"])
    output = run(action, jql=FLOW, timeZone="UTC", **inputs)["output1"]
    metadata = output["metadata"]
    assert (metadata["complete"], metadata["incompleteReason"]) == (False, "issue_not_found")
    assert any(text.startswith("2 of the issues found were deleted or hidden") for text in metadata["warnings"])
    assert {keys["under way"], keys["two days"]} & {row.get("key") for row in output["data"]} == set()


def test_flow_counts_only_what_is_left(run, keys, vanishing):
    """The issue that went is in no status; the one that really never moved is."""
    vanishing(keys["under way"])
    rows = run("cumulativeFlow", jql=FLOW, timeZone="UTC", by="statusCategory")["output1"]["data"]
    last = {row["statusCategoryKey"]: row["count"] for row in rows if row["date"] == rows[-1]["date"]}
    assert last == {"new": 1, "indeterminate": 0, "done": 3}


def test_a_project_that_was_hidden(run, sim, keys, vanishing):
    """What may not be seen any more is left out too, unless nobody touched it: then it cannot have moved."""
    vanishing(keys["under way"], go=lambda _: sim.site.deny(sim.site.default_account_id, "BROWSE_PROJECTS", "DEV"))
    output = run("timeInStatus", jql=FLOW, timeZone="UTC")["output1"]
    assert [row["key"] for row in output["data"]] == [keys["to do"]]
    assert output["metadata"]["incompleteReason"] == "issue_not_found"


def test_an_issue_that_never_moved_stays(run, sim, keys):
    """It was edited, so that it was asked for, and is there; one that nobody touched is not asked for."""
    sim.site.change_issue(sim.site.find_issue(keys["to do"]), {"summary": "edited"}, sim.site.default_account_id)
    output = run("timeInStatus", jql=FLOW, timeZone="UTC")["output1"]
    assert output["metadata"]["complete"] is True
    assert keys["to do"] in {row["key"] for row in output["data"]}
    assert sim.requests_to("/rest/api/3/issue/bulkfetch") == []


def test_an_issue_that_only_was_commented_on_costs_a_point(run, sim, keys):
    """Without any change it is asked for itself."""
    issue = sim.site.find_issue(keys["to do"])
    issue.values["updated"] = sim.clock()
    before = run("timeInStatus", jql=f"key = {keys['under way']}", timeZone="UTC")["output1"]["metadata"]["usage"]
    output = run("timeInStatus", jql=f"key = {keys['to do']}", timeZone="UTC")["output1"]
    assert (output["metadata"]["complete"], output["metadata"]["count"]) == (True, 1)
    assert len(sim.requests_to("/rest/api/3/issue/bulkfetch")) == 1
    # The second look at changelogs, and the issue: a point for each request, and one for it.
    assert output["metadata"]["usage"]["points"] == before["points"] + 1 + 2


def test_what_jira_cannot_answer_is_kept_and_doubted(run, sim, keys):
    """An issue that Jira says that it could not answer is there as far as anybody knows, and the table says so."""
    issue = sim.site.find_issue(keys["to do"])
    issue.values["updated"] = sim.clock()
    body = {"issues": [], "issueErrors": [{"id": str(issue.id), "errorMessage": "not now"}]}
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", times=2, status=200, body=body))
    output = run("timeInStatus", jql=FLOW, timeZone="UTC")["output1"]
    assert keys["to do"] in {row["key"] for row in output["data"]}
    assert output["metadata"]["incompleteReason"] == "issues_unanswered"
    assert "whether 1 issues without changes are still there" in output["metadata"]["warnings"][0]


def _issue(*moves, status="5"):
    histories = [
        {
            "id": str(number),
            "created": "2026-01-06T09:00:00.000+0000",
            "items": [{"field": "status", "fieldId": "status", "from": before, "to": after}],
        }
        for number, (before, after) in enumerate(moves)
    ]
    return issue_history({"id": "1", "key": "A-1", "fields": {**_MOVED, "status": {"id": status}}}, histories, {})


@pytest.mark.parametrize(
    ("issue", "updated_at", "doubted"),
    [
        (_issue(("1", "3"), ("3", "5")), _UPDATED, False),
        (_issue(("1", "3")), _UPDATED, True),
        (_issue(("1", "3")), None, True),
        (_issue(), _UPDATED, True),
        (_issue(), None, True),
        (_issue(), at("2026-01-05 09:00"), False),
        (story("A-1", "2026-01-05 09:00 To Do", "2026-01-06 09:00 Done"), _UPDATED, False),
    ],
    ids=["leads to its status", "leads elsewhere", "the same", "edited", "unknown", "new", "story"],
)
def test_histories_that_may_lack_changes(issue, updated_at, doubted):
    """Those without any though the issue was updated since, and those that lead to another status than it has."""
    assert may_lack_changes(issue, updated_at) is doubted
