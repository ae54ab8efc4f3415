"""The simulator's answers against recorded answers of Cloud sites."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.asking import new_asking

if TYPE_CHECKING:
    from pathlib import Path


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _differences(own: Any, recorded: Any, path: str) -> list[str]:
    """Return where two values differ in shape: members and types, wherever both have something."""
    if _kind(own) == "null" or _kind(recorded) == "null":
        return []
    if _kind(own) != _kind(recorded):
        return [f"{path}: {_kind(own)} is {_kind(recorded)} in Jira"]
    if isinstance(own, dict):
        found = [f"{path}: lacks {name}" for name in recorded if name not in own]
        for name, member in own.items():
            if name in recorded:
                found += _differences(member, recorded[name], f"{path}.{name}")
        return found
    if isinstance(own, list) and own and recorded:
        return _differences(own[0], recorded[0], f"{path}[]")
    return []


#: Recorded file, its exchange, what to ask the simulator, and members that need not be there: people
#: without an address, fields of other apps, projects managed by a team.
_RECORDED = [
    ("nango-get-myself", "GET", "/myself", {}, ""),
    ("nango-issue-types", "GET", "/issuetype", {}, "scope entityId"),
    (
        "nango-get-issue",
        "GET",
        "/issue/DEV-19",
        {},
        "customfield entityId timespent percent remainingEstimate timeSpent remainingEstimateSeconds timeSpentSeconds",
    ),
    ("nango-list-projects", "GET", "/project/search", {"maxResults": "50"}, "entityId uuid"),
    ("nango-get-project", "GET", "/project/DEV", {}, "entityId uuid .roles"),
    ("nango-list-priorities", "GET", "/priority/search", {}, ""),
    ("nango-list-transitions", "GET", "/issue/DEV-3/transitions", {}, ""),
    ("nango-get-issue-changelog", "GET", "/issue/DEV-3/changelog", {}, ""),
    ("nango-list-issue-comments", "GET", "/issue/DEV-3/comment", {}, ""),
    ("nango-get-user", "GET", "/user", {"accountId": "*"}, ""),
]


@pytest.mark.parametrize(("name", "method", "path", "query", "missing"), _RECORDED)
def test_answers_have_the_shape_of_recorded_ones(
    shared_jira: Path, name: str, method: str, path: str, query: dict[str, str], missing: str
) -> None:
    """Whatever a recorded answer of a Cloud site has, the simulator's has too, with the same types."""
    ask = new_asking()
    recorded = json.loads((shared_jira / "recorded" / "cloud-v3-oauth-gateway" / f"{name}.json").read_text())[-1]
    given = {key: ask.account_id if value == "*" else value for key, value in query.items()}
    answer = ask(method, path, **given)
    assert answer.status == recorded["status"]
    differences = [
        difference
        for difference in _differences(answer.body, recorded["body"], "")
        if not any(word in difference for word in missing.split())
    ]
    assert differences == []


def test_issues_of_a_search_have_the_shape_of_recorded_ones(shared_jira: Path) -> None:
    """Issues of a search page are as in a recorded one, fields and all."""
    exchange = json.loads((shared_jira / "recorded" / "cloud-v3-oauth-gateway" / "nango-issues.json").read_text())[0]
    ask = new_asking()
    answer = ask("GET", "/search/jql", jql="project = DEV", fields=exchange["request"]["params"]["fields"])
    own, recorded = answer.body["issues"][0], exchange["body"]["issues"][0]
    assert set(own) == set(recorded)
    assert set(own["fields"]) == set(recorded["fields"])
    ignored = ("entityId", "emailAddress")  # one person of the seed hides the address
    assert [line for line in _differences(own, recorded, "") if not line.endswith(ignored)] == []


def test_created_issues_and_comments_have_the_shape_of_recorded_ones(shared_jira: Path) -> None:
    """What writes answer is as recorded."""
    folder = shared_jira / "recorded" / "cloud-v3-oauth-gateway"
    created = json.loads((folder / "nango-create-issue.json").read_text())[0]
    commented = json.loads((folder / "nango-add-comment.json").read_text())[0]
    ask = new_asking()
    own = ask.create()
    assert set(own) == set(created["body"])
    answer = ask("POST", f"/issue/{own['key']}/comment", commented["request"]["data"])
    assert (answer.status, set(answer.body)) == (201, set(commented["body"]))
    assert _differences(answer.body, commented["body"], "") == []


def test_worklogs_have_the_shape_of_recorded_ones(shared_jira: Path) -> None:
    """A list of worklogs has all that a recorded one of a Cloud site has."""
    recorded = json.loads((shared_jira / "recorded" / "cloud-v3" / "airbyteio-issue_worklogs.json").read_text())
    (worklog,) = recorded["worklogs"]
    ask = new_asking()
    names = ("comment", "started", "timeSpent", "visibility")
    assert ask("POST", "/issue/DEV-5/worklog", {name: worklog[name] for name in names}).status == 201
    own = ask("GET", "/issue/DEV-5/worklog").body
    assert _differences(own, recorded, "") == []
    kept = ("started", "timeSpent", "timeSpentSeconds", "comment", "visibility")
    shown = {**own["worklogs"][0], "started": "2021-01-17T12:34:00.000+0000"}  # it has the site's time zone
    assert {name: shown[name] for name in kept} == {name: worklog[name] for name in kept}


def test_fields_are_described_as_recorded(shared_jira: Path) -> None:
    """System fields that the simulator has are described as in a recorded list, word for word."""
    exchange = json.loads((shared_jira / "recorded" / "cloud-v3-oauth-gateway" / "nango-get-field.json").read_text())[0]
    own = {field["id"]: field for field in new_asking()("GET", "/field").body}
    system = {field["id"]: field for field in exchange["body"] if not field["custom"]}
    assert set(system) <= set(own)
    for field_id, field in system.items():
        described = {**own[field_id], "clauseNames": sorted(own[field_id]["clauseNames"])}
        assert described == {**field, "clauseNames": sorted(field["clauseNames"])}


#: Recorded errors: file, method, path, body, query. The recorder was anonymous, so that the comment's
#: permission text is missing here.
_ERRORS = [
    ("comments_max_results_not_a_number", "GET", "/issue/PUB-1/comment", None, {"maxResults": "x"}),
    ("issue_create_no_project", "POST", "/issue", {"fields": {}}, {}),
    ("issue_create_not_json", "POST", "/issue", b"not json", {}),
    ("jql_expecting_field", "GET", "/search/jql", None, {"jql": "project = PUB AND"}),
    ("jql_unbounded", "GET", "/search/jql", None, {"jql": "order by key"}),
    ("search_body_unknown_property", "POST", "/search/jql", {"jql": "project = PUB", "colour": 1}, {}),
    ("search_max_results_zero", "GET", "/search/jql", None, {"jql": "project = PUB", "maxResults": "0"}),
    ("search_page_token_invalid", "GET", "/search/jql", None, {"jql": "project = PUB", "nextPageToken": "garbage"}),
    ("search_retired", "GET", "/search", None, {}),
    ("transition_missing", "POST", "/issue/DEV-1/transitions", {}, {}),
    ("unknown_issue", "GET", "/issue/NOPE-999999", None, {}),
]


@pytest.mark.parametrize(("name", "method", "path", "body", "query"), _ERRORS)
def test_errors_equal_recorded_ones(
    shared_jira: Path, name: str, method: str, path: str, body: Any, query: dict[str, str]
) -> None:
    """Refusals have the status, type and text that a public Cloud site gave on 2026-10-08."""
    recorded = json.loads((shared_jira / "recorded" / "observed-2026-10-08" / f"{name}.json").read_text())
    ask = new_asking()
    raw = body if isinstance(body, bytes) else None
    answer = ask(method, path, None if raw else body, raw=raw, **query)
    assert (answer.status, answer.body) == (recorded["status"], recorded["body"])
    if "problem" in recorded["headers"]["content-type"]:
        assert answer.headers["Content-Type"] == recorded["headers"]["content-type"]


def test_a_comment_that_is_no_document_is_refused_as_recorded(shared_jira: Path) -> None:
    """The recorder may not comment; whoever may not here gets the very same answer."""
    recorded = json.loads(
        (shared_jira / "recorded" / "observed-2026-10-08" / "comment_body_not_a_document.json").read_text()
    )
    ask = new_asking()
    ask.site.deny(ask.account_id, "ADD_COMMENTS", "DEV")
    answer = ask("POST", "/issue/DEV-1/comment", recorded["request"]["body"])
    assert (answer.status, answer.body) == (recorded["status"], recorded["body"])
