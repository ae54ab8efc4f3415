from __future__ import annotations

import pytest
from hypothesis import given

from tests.reading.strategies import json_values
from vantage_jira_plugin.reading import shapes, sprints

_BLOCKS = {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": _BLOCKS, "outwardIssue": {"key": "DEV-3"}}, "blocks DEV-3"),
        ({"type": _BLOCKS, "inwardIssue": {"key": "DEV-4"}}, "is blocked by DEV-4"),
        ({"type": {"name": "Blocks"}, "inwardIssue": {"key": "DEV-4"}}, "Blocks DEV-4"),
        ({"outwardIssue": {"key": "DEV-3"}}, "DEV-3"),
        ("DEV-3", "DEV-3"),
        (None, None),
    ],
)
def test_a_link_reads_as_a_sentence(value, expected):
    """A link says what this issue does to the other, in the direction Jira shows."""
    assert shapes.issue_link(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": 3, "name": "Scrum Sprint 3", "state": "active"}, "Scrum Sprint 3"),
        (
            "com.atlassian.greenhopper.service.sprint.Sprint@3[id=1,state=ACTIVE,name=Sprint 1, late,goal=]",
            "Sprint 1, late",
        ),
        ("com.atlassian.greenhopper.service.sprint.Sprint@38c6[id=1,name=Sprint 1]", "Sprint 1"),
        ("com.atlassian.greenhopper.service.sprint.Sprint@38c6[name=Last, first]", "Last, first"),
        ("Sprint 7", "Sprint 7"),
        (7, "7"),
        (None, None),
    ],
)
def test_a_sprint_is_its_name(value, expected):
    """Both the objects of today and the texts of old sites give the sprint's name."""
    assert sprints.sprint(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"progress": 32400, "total": 32400, "percent": 100}, 100),
        ({"progress": 1, "total": 3}, 33),
        ({"progress": 0, "total": 0}, None),
        (50, 50),
        ("x", None),
        (None, None),
    ],
)
def test_progress_is_a_percentage(value, expected):
    """Progress is Jira's percentage, or made of its two sums."""
    assert shapes.percent(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"timeSpent": "1d 1h", "remainingEstimate": "0m"}, "1d 1h spent, 0m left"),
        ({"originalEstimate": "2d"}, "2d estimated"),
        ({}, None),
        (None, None),
    ],
)
def test_time_tracking_is_a_line(value, expected):
    """Time tracking reads as people write it."""
    assert shapes.time_tracking(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"ongoingCycle": {"breached": False, "remainingTime": {"friendly": "3h 20m"}}}, "3h 20m left"),
        (
            {"ongoingCycle": {"breached": True, "paused": True, "remainingTime": {"friendly": "-1h"}}},
            "-1h left, breached, paused",
        ),
        ({"ongoingCycle": {}}, "running"),
        ({"completedCycles": [{"breached": True}, {"elapsedTime": {"friendly": "2h"}}]}, "met in 2h"),
        ({"completedCycles": [{"breached": True}]}, "breached"),
        ({"name": "Time to resolution", "completedCycles": []}, None),
        ({"errorMessage": "no permission"}, '{"errorMessage":"no permission"}'),
        (None, None),
    ],
)
def test_a_service_level_says_how_it_stands(value, expected):
    """The running cycle counts before the completed ones, and the last of those."""
    assert shapes.sla(value) == expected


def test_a_request_type_is_its_name():
    """The request type of a service request is named, not its status."""
    value = {"requestType": {"id": "1", "name": "Get help"}, "currentStatus": {"status": "Open"}}
    assert shapes.request_type(value) == "Get help"
    assert shapes.request_type("it/get-help") == "it/get-help"
    assert shapes.request_type(None) is None


def test_a_parent_link_without_a_parent_is_empty():
    """Jira sends the object also where the product has no parent link."""
    nothing = {"hasEpicLinkFieldDependency": False, "showField": False, "nonEditableReason": {"reason": "x"}}
    assert shapes.parent_link(nothing) is None
    assert shapes.parent_link({**nothing, "data": {"id": 1, "key": "INI-1"}}) == "INI-1"
    assert shapes.parent_link("INI-1") == "INI-1"


def test_a_restriction_is_the_names_of_roles():
    """Nobody needs the ids of the roles that may see an issue."""
    roles = {"projectrole": [{"id": "1", "name": "Developers"}, {"id": "2", "name": "Managers"}]}
    assert shapes.restriction({"issuerestrictions": roles, "shouldDisplay": True}) == [
        "Developers",
        "Managers",
    ]
    assert shapes.restriction({"issuerestrictions": {}}) == []


def test_the_latest_comments_and_worklogs_are_shown():
    """A row shows no more than twenty of each, the latest, oldest first."""
    comments = shapes.comment_bodies({"comments": [{"body": f"c{number}"} for number in range(30)]})
    assert comments == [f"c{number}" for number in range(10, 30)]
    entry = {
        "started": "2026-04-28T15:31:13.533+0200",
        "timeSpent": "1d 1h",
        "author": {"displayName": "Ann Lee"},
    }
    worklogs = shapes.worklogs({"worklogs": [entry] * 25 + [{"timeSpent": "5m"}, {}]})
    assert worklogs[0] == "2026-04-28 1d 1h Ann Lee"
    assert worklogs[-1] == "5m"
    assert len(worklogs) == 19


def test_keys_and_account_ids_are_of_objects():
    """A key is read from an object or a text, an account id from a user alone."""
    assert shapes.key_of({"key": "DEV", "name": "Development"}) == "DEV"
    assert shapes.key_of("DEV") == "DEV"
    assert shapes.account_id({"accountId": "5b10"}) == "5b10"
    assert shapes.account_id("5b10") is None


@given(
    json_values(
        "inwardIssue",
        "outwardIssue",
        "ongoingCycle",
        "completedCycles",
        "comments",
        "worklogs",
        "issuerestrictions",
        "percent",
        "progress",
        "showField",
        "data",
        "requestType",
        "timeSpent",
    )
)
def test_any_value_is_read_as_any_shape(value):
    """No reader raises, and each answers a text, a number or a list of texts."""
    for read in (
        shapes.issue_link,
        sprints.sprint,
        shapes.sla,
        shapes.request_type,
        shapes.parent_link,
        shapes.time_tracking,
        shapes.key_of,
        shapes.account_id,
    ):
        assert isinstance(read(value), str | None)
    assert isinstance(shapes.percent(value), int | None)
    for read_all in (shapes.comment_bodies, shapes.worklogs, shapes.restriction):
        assert all(isinstance(member, str) for member in read_all(value))
