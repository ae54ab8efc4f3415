from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asking import Asking, document, new_asking

_STARTED = "2026-11-24T09:00:00.000+0000"
_WORK = {"timeSpent": "3h 20m", "started": _STARTED}


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_work_is_logged(ask: Asking) -> None:
    """A worklog comes back with its author, stays with the issue, and moves its `updated`."""
    ask.clock.at += 60
    answer = ask("POST", "/issue/DEV-4/worklog", {**_WORK, "comment": document("Done")})
    assert answer.status == 201
    shown = answer.body
    assert (shown["timeSpent"], shown["timeSpentSeconds"], shown["comment"]) == ("3h 20m", 12_000, document("Done"))
    assert shown["author"]["displayName"] == "Mara Lindqvist"
    assert shown["started"] == "2026-11-24T10:00:00.000+0100"
    page = ask("GET", "/issue/DEV-4/worklog").body
    assert (page["total"], page["worklogs"]) == (1, [shown])
    fields = ask("GET", "/issue/DEV-4").body["fields"]
    assert fields["updated"] == shown["created"]
    assert (fields["worklog"]["worklogs"], fields["worklog"]["total"]) == ([shown], 1)
    assert (fields["timespent"], fields["timetracking"]["timeSpent"]) == (12_000, "3h 20m")
    assert fields["progress"] == {"progress": 12_000, "total": 12_000, "percent": 100}


@pytest.mark.parametrize(
    ("given", "seconds", "text"),
    [
        ({"timeSpent": "90"}, 5_400, "1h 30m"),
        ({"timeSpent": "1w 1d"}, 172_800, "1w 1d"),
        ({"timeSpent": "1.5h"}, 5_400, "1h 30m"),
        ({"timeSpentSeconds": 90}, 90, "1m"),
    ],
)
def test_time_is_read_in_either_way(ask: Asking, given: dict[str, Any], seconds: int, text: str) -> None:
    """In words, where a day has eight hours, or in seconds."""
    answer = ask("POST", "/issue/DEV-4/worklog", {**given, "started": _STARTED})
    assert (answer.body["timeSpentSeconds"], answer.body["timeSpent"]) == (seconds, text)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"started": _STARTED}, "timeLogged"),
        ({**_WORK, "timeSpentSeconds": 60}, "timeLogged"),
        ({**_WORK, "timeSpent": "soon"}, "timeLogged"),
        ({**_WORK, "timeSpent": 3}, "timeLogged"),
        ({**_WORK, "timeSpent": "0m"}, "timeLogged"),
        ({"timeSpentSeconds": 59, "started": _STARTED}, "timeLogged"),
        ({"timeSpentSeconds": True, "started": _STARTED}, "timeLogged"),
        ({"timeSpent": "1h"}, "started"),
        ({"timeSpent": "1h", "started": "2026-11-24T09:00:00.000Z"}, "started"),
        ({"timeSpent": "1h", "started": "2026-11-24T09:00:00+0000"}, "started"),
        ({"timeSpent": "1h", "started": "2026-13-24T09:00:00.000+0000"}, "started"),
        ({**_WORK, "comment": "plain"}, "comment"),
    ],
    ids=str,
)
def test_wrong_values_are_refused(ask: Asking, body: dict[str, Any], name: str) -> None:
    """One way to say the time, one form of the start, a document; the refusal names the member."""
    answer = ask("POST", "/issue/DEV-4/worklog", body)
    assert (answer.status, list(answer.body["errors"])) == (400, [name])
    assert ask("GET", "/issue/DEV-4/worklog").body["total"] == 0


def test_estimates_are_adjusted_in_one_of_four_ways(ask: Asking) -> None:
    """Two of them need a length of time more."""
    path = "/issue/DEV-4/worklog"
    for more in ({}, {"adjustEstimate": "leave"}, {"adjustEstimate": "new", "newEstimate": "2d"}):
        assert ask("POST", path, _WORK, **more).status == 201
    assert ask("POST", path, _WORK, adjustEstimate="manual", reduceBy="2h").status == 201
    assert list(ask("POST", path, _WORK, adjustEstimate="new").body["errors"]) == ["newEstimate"]
    assert list(ask("POST", path, _WORK, adjustEstimate="manual", reduceBy="x").body["errors"]) == ["reduceBy"]
    assert ask("POST", path, _WORK, adjustEstimate="all").status == 400


def test_logging_work_needs_its_permission(ask: Asking) -> None:
    """Who may not work on issues is told so with 400."""
    ask.site.deny(ask.account_id, "WORK_ON_ISSUES", "DEV")
    assert ask("POST", "/issue/DEV-4/worklog", _WORK).status == 400


def test_worklogs_come_in_pages_with_their_properties(ask: Asking) -> None:
    """Oldest first; properties come where they are asked for, in lists by issue and by id."""
    for number in range(4):
        ask("POST", "/issue/DEV-5/worklog", {**_WORK, "properties": [{"key": "k", "value": number}]})
    page = ask("GET", "/issue/DEV-5/worklog", startAt="1", maxResults="2", expand="properties").body
    assert (page["startAt"], page["maxResults"], page["total"]) == (1, 2, 4)
    assert [worklog["properties"] for worklog in page["worklogs"]] == [[{"key": "k", "value": n}] for n in (1, 2)]
    assert "properties" not in ask("GET", "/issue/DEV-5/worklog").body["worklogs"][0]
    ids = [int(worklog["id"]) for worklog in page["worklogs"]]
    listed = ask("POST", "/worklog/list", {"ids": [*reversed(ids), 1]}, expand="properties").body
    assert listed == page["worklogs"]
    assert "properties" not in ask("POST", "/worklog/list", {"ids": ids}).body[0]


def test_worklogs_that_are_gone_or_unseen_are_not_listed(ask: Asking) -> None:
    """A list by id has what the account may browse."""
    number = int(ask("POST", "/issue/OPS-1/worklog", _WORK).body["id"])
    lost = int(ask("POST", "/issue/DEV-23/worklog", _WORK).body["id"])
    ask("DELETE", "/issue/DEV-23")
    assert len(ask("POST", "/worklog/list", {"ids": [number, lost]}).body) == 1
    ask.site.deny(ask.account_id, "BROWSE_PROJECTS", "OPS")
    assert ask("POST", "/worklog/list", {"ids": [number]}).body == []


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": list(range(1_001))}, {"ids": ["1"]}, {"ids": [True]}, {"ids": [1], "x": 1}, [1]]
)
def test_lists_of_ids_are_read_strictly(ask: Asking, body: Any) -> None:
    """1 to 1000 whole numbers and nothing else."""
    assert ask("POST", "/worklog/list", body).status == 400


def test_an_issue_is_full_at_last(ask: Asking) -> None:
    """Beyond 10,000 worklogs the answer is 413."""
    issue = ask.site.find_issue("DEV-4")
    assert issue is not None
    worklog = ask.site.add_worklog(issue, ask.account_id, started_at=0.0, spent_seconds=60)
    issue.worklogs.extend([worklog] * 9_998)
    assert ask("POST", "/issue/DEV-4/worklog", _WORK).status == 201
    assert ask("POST", "/issue/DEV-4/worklog", _WORK).status == 413
