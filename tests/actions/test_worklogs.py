"""addWorklog: what goes out, what comes back, what Jira refuses."""

from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.simulator import Fault


def _row(envelope):
    assert "error" not in envelope, envelope
    (row,) = envelope["output1"]["data"]
    return row


def _sent(sim):
    return [entry for entry in sim.requests_to("/rest/api/3/issue") if entry.method == "POST"]


def test_work_is_logged_as_it_was_given(run, sim):
    """Every input arrives in Jira, the moment in the one form that it takes, the comment as a document."""
    row = _row(
        run(
            "addWorklog",
            issueKey="dev-1",
            timeSpent="3h 20m",
            started="2026-01-31T09:30:00.5+05:30",
            comment="Found *it*.",
            adjustEstimate="leave",
        )
    )
    (sent,) = _sent(sim)
    assert sent.query == {"adjustEstimate": ["leave"]}
    body = json.loads(sent.body)
    assert (body["timeSpent"], body["started"]) == ("3h 20m", "2026-01-31T04:00:00.500+0000")
    assert body["comment"]["type"] == "doc"
    assert "properties" not in body
    account = sim.site.accounts[sim.site.default_account_id]
    assert row == {
        "id": row["id"],
        "issueKey": "DEV-1",
        "url": f"{sim.site.url}/browse/DEV-1?focusedWorklogId={row['id']}",
        "author": account.display_name,
        "authorAccountId": account.account_id,
        "started": "2026-01-31T04:00:00.500Z",
        "timeSpent": "3h 20m",
        "timeSpentSeconds": 12_000,
        "comment": "Found _it_.",
        "created": row["created"],
        "updated": row["created"],
    }


def test_now_is_when_it_began_by_default(run, sim):
    """Seconds go out as seconds, and nothing that was not given."""
    row = _row(run("addWorklog", issueKey="DEV-1", timeSpentSeconds="90", started="", comment=None))
    body = json.loads(_sent(sim)[0].body)
    assert body.keys() == {"timeSpentSeconds", "started"}
    assert body["timeSpentSeconds"] == 90
    assert row["started"][:16] == row["created"][:16]
    assert _sent(sim)[0].query == {"adjustEstimate": ["auto"]}


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({}, "timeSpent is missing; give it or timeSpentSeconds"),
        ({"timeSpent": " ", "timeSpentSeconds": None}, "timeSpent is missing; give it or timeSpentSeconds"),
        (
            {"timeSpent": "1h", "timeSpentSeconds": 60},
            "timeSpent must not be given together with timeSpentSeconds",
        ),
    ],
    ids=["neither", "both empty", "both"],
)
def test_the_time_is_given_in_one_way(run, sim, inputs, text):
    """Anything else sends nothing."""
    error = run("addWorklog", issueKey="DEV-1", **inputs)["error"]
    assert (error["code"], error["message"]) == ("input_invalid", f"addWorklog cannot run: {text}")
    assert _sent(sim) == []


def test_what_jira_refuses_is_told(run, sim):
    """Its own words come with the name of the field."""
    error = run("addWorklog", issueKey="DEV-1", timeSpent="0m")["error"]
    assert (error["code"], list(error["errors"])) == ("jira_invalid", ["timeLogged"])
    assert run("addWorklog", issueKey="DEV-9999", timeSpent="1h")["error"]["code"] == "not_found"


def test_without_a_key_a_lost_answer_stays_unknown(run, sim):
    """Nothing is sent twice."""
    sim.faults.add(Fault("lost_answer", method="POST", path="/worklog$"))
    error = run("addWorklog", issueKey="DEV-1", timeSpent="1h")["error"]
    assert (error["code"], error["retryable"]) == ("unknown_outcome", False)
    assert len(_sent(sim)) == 1


def test_an_issue_that_was_worked_on_is_found_as_it_is(connect, sim):
    """Logging work is a change that a search right after it sees, however late the index is."""
    connection = connect()
    sim.site.index_lag_seconds = 600
    assert "error" not in connection.execute("addWorklog", {"issueKey": "DEV-1", "timeSpent": "1h"}, {}, {})
    (row,) = connection.execute("searchIssues", {"jql": "key = DEV-1"}, {}, {})["output1"]["data"]
    at = sim.site.find_issue("DEV-1").worklogs[0].created_at
    assert abs(sim.site.find_issue("DEV-1").values["updated"] - at) < 0.001
    searched = json.loads(sim.requests_to("/rest/api/3/search/jql")[-1].body)
    assert searched["reconcileIssues"] == [int(row["id"])]
