"""The simulator's answers against Atlassian's OpenAPI file and against recorded answers of Cloud sites."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.simulator.asking import Asking, document, new_asking
from vantage_jira_plugin.simulator.catalogue import Status
from vantage_jira_plugin.simulator.operations import ROUTES

if TYPE_CHECKING:
    from pathlib import Path

    from vantage_jira_plugin.simulator.messages import Response
    from vantage_jira_plugin.simulator.operations import Route

#: Members that real answers have though the file's closed schemas do not know them: recorded 2026-04-28
#: (untranslatedName of fields, types, statuses), 2022-01-09 (defaultLocale), or in the file's own example
#: (isDefault of resolutions).
_BEYOND_THE_FILE = frozenset({"untranslatedName", "defaultLocale", "isDefault"})
#: Ids and texts of a change that are null in every recording, though the file says strings.
_NULL_IN_JIRA = frozenset({"from", "fromString", "to", "toString"})
#: Where the file names no scopes, or an answer (410) that only recordings show.
_WITHOUT_SCOPES = frozenset({"/rest/api/3/priority/search"})
_REMOVED = "/rest/api/3/search"


def _play() -> Asking:
    """Ask every operation, well and badly."""
    ask = new_asking()
    _play_listings(ask)
    _play_issues(ask)
    _play_searches(ask)
    return ask


def _play_listings(ask: Asking) -> None:
    ask("GET", "/myself")
    ask("GET", "/serverInfo")
    ask("GET", "/field")
    ask("GET", "/issuetype")
    ask.site.statuses["10900"] = Status("10900", "Doing", "indeterminate", scope_project_id="10000")
    ask("GET", "/status")
    ask("GET", "/users/search", maxResults="2", startAt="1")
    ask("GET", "/users/search", maxResults="x")
    ask("GET", "/priority")
    ask("GET", "/priority/search", maxResults="2")
    ask("GET", "/resolution/search")
    ask("GET", "/project/search", expand="lead,description,issueTypes,insight", maxResults="1")
    ask("GET", "/project/search", maxResults="x")
    ask("GET", "/project/search", action="fly")
    ask("GET", "/project/DEV")
    ask("GET", "/project/NOPE")
    ask("GET", "/issue/createmeta/DEV/issuetypes")
    ask("GET", "/issue/createmeta/DEV/issuetypes", maxResults="500")
    ask("GET", "/issue/createmeta/OPS/issuetypes/10002")
    ask("GET", "/issue/createmeta/OPS/issuetypes/10001")


def _play_issues(ask: Asking) -> None:
    created = ask.create(
        description=document("Hello"),
        labels=["a"],
        customfield_10010=3,
        customfield_10020=2,
        duedate="2026-12-24",
        assignee={"accountId": ask.person("Priya")},
        components=[{"name": "API"}],
    )
    key = created["key"]
    ask.refused(summary="", description="text", nope=1)
    ask("POST", "/issue", raw=b"not json")
    ask(
        "POST",
        "/issue/bulk",
        {
            "issueUpdates": [
                {"fields": {"project": {"key": "DEV"}, "issuetype": {"name": "Bug"}, "summary": "One"}},
                {"fields": {}},
            ]
        },
    )
    ask("POST", "/issue/bulk", {"issueUpdates": [{"fields": {}}]})
    everything = "names,schema,changelog,transitions,editmeta,operations,renderedFields"
    ask("GET", f"/issue/{key}", expand=everything, properties="*all")
    ask("GET", "/issue/DEV-3")
    ask("GET", "/issue/DEV-999")
    ask("GET", f"/issue/{key}/editmeta")
    ask("PUT", f"/issue/{key}", {"fields": {"summary": "Other"}, "update": {"labels": [{"add": "b"}]}})
    ask("PUT", f"/issue/{key}", {"fields": {"priority": {"name": "Low"}}}, returnIssue="true")
    ask("PUT", f"/issue/{key}", {"fields": {"status": {"name": "Done"}}})
    ask("POST", f"/issue/{key}/comment", {"body": document("Hello"), "properties": [{"key": "k", "value": 1}]})
    ask("POST", f"/issue/{key}/comment", {"body": "plain"})
    comment = ask("GET", f"/issue/{key}/comment", expand="renderedBody", orderBy="-created").body["comments"][0]
    ask("POST", "/comment/list", {"ids": [int(comment["id"]), 1]}, expand="renderedBody,properties")
    ask("POST", "/comment/list", {"ids": []})
    ask("POST", "/comment/list", {"ids": ["1"]})
    ask("GET", f"/issue/{key}/comment/{comment['id']}")
    ask("GET", f"/issue/{key}/comment", maxResults="x")
    ask("PUT", f"/issue/{key}/comment/{comment['id']}", {"body": document("Better")})
    ask("DELETE", f"/issue/{key}/comment/{comment['id']}")
    ask("DELETE", f"/issue/{key}/comment/{comment['id']}")
    _play_parts(ask, key)
    ask("PUT", f"/issue/{key}/properties/vantage", {"run": 1})
    ask("PUT", f"/issue/{key}/properties/vantage", {"run": 2})
    ask("GET", f"/issue/{key}/properties")
    ask("GET", f"/issue/{key}/properties/vantage")
    ask("GET", f"/issue/{key}/properties/other")
    ask("DELETE", f"/issue/{key}/properties/vantage")
    ask("GET", f"/issue/{key}/transitions")
    ask("GET", "/issue/OPS-8/transitions", expand="transitions.fields")
    ask("POST", f"/issue/{key}/transitions", {})
    ask("POST", f"/issue/{key}/transitions", {"transition": {"id": "21"}})
    ask("GET", f"/issue/{key}/changelog", maxResults="1")
    ask("DELETE", f"/issue/{key}")
    ask("DELETE", "/issue/DEV-3")


def _play_parts(ask: Asking, key: str) -> None:
    work = {"timeSpent": "3h 20m", "started": "2021-01-17T12:34:00.000+0000", "comment": document("Done")}
    path = f"/issue/{key}/worklog"
    number = ask("POST", path, {**work, "properties": [{"key": "k", "value": 1}]}, expand="properties").body["id"]
    ask("POST", path, {"started": "yesterday"}, adjustEstimate="new")
    ask("POST", path, work, adjustEstimate="never")
    ask("GET", path, expand="properties")
    ask("GET", path, maxResults="x")
    ask("POST", "/worklog/list", {"ids": [int(number), 1]}, expand="properties")
    ask("POST", "/worklog/list", {"ids": []})
    ask("GET", "/attachment/meta")
    file_id = ask.attach(key, ("file", "a.txt", b"a"), ("file", "b.txt", b"")).body[0]["id"]
    ask.attach(key, ("file", "a.txt", b"a"), token="")
    ask.attach(key, ("other", "a.txt", b"a"))
    ask.attach(key, ("file", "a.txt", bytes(1_000_001)))
    ask("GET", f"/attachment/{file_id}")
    ask("GET", "/attachment/1")
    ask("GET", f"/attachment/content/{file_id}")
    ask("GET", f"/attachment/content/{file_id}", redirect="false")
    ask("GET", "/attachment/content/1")
    ask("GET", f"/issue/{key}", fields="worklog,attachment,timetracking,timespent,progress", expand="changelog")


def _play_searches(ask: Asking) -> None:
    ask("GET", "/search/jql", jql="project = DEV", fields="*all", expand="names,schema", maxResults="3")
    ask("GET", "/search/jql", jql="project = DEV", maxResults="0")
    ask("POST", "/search/jql", {"jql": "project = DEV", "fields": ["summary"], "maxResults": 2})
    ask("POST", "/search/jql", {"jql": "project = DEV AND"})
    ask("POST", "/search/jql", {"jql": "project = DEV", "colour": 1})
    ask("POST", "/search/approximate-count", {"jql": "project = DEV"})
    ask("POST", "/search/approximate-count", {"jql": "order by key"})
    ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["DEV-3", "OPS-2", "HR-1"], "maxResults": 2})
    ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["DEV-3"], "fieldIds": ["status"]})
    ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": []})
    ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["dev-2", "DEV-1", "HR-1"], "fields": ["*all"]})
    ask("PUT", "/issue/DEV-1/properties/vantage", {"run": 1})
    ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["DEV-1"], "fields": ["key"], "properties": ["vantage"]})
    ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": []})
    ask(
        "POST",
        "/jql/parse",
        {
            "queries": [
                "status changed after startOfMonth(-1M) or not a in (b, empty) order by key desc, created",
                "invalid query",
                "project = NOPE",
                "status was Done by currentUser() and labels is not empty",
            ]
        },
        validation="none",
    )
    ask("POST", "/jql/parse", {"queries": []})
    ask("GET", "/search", jql="project = DEV")
    ask("POST", "/search", {"jql": "project = DEV"})
    ask("GET", "/user", accountId=ask.person("Sam"))
    ask("GET", "/user", accountId="nobody")
    ask("GET", "/user/search", query="a")
    ask("GET", "/user/search")
    ask("GET", "/user/assignable/search", project="DEV")
    ask("GET", "/user/assignable/search", project="NOPE")


@pytest.fixture(scope="module")
def openapi(shared_jira: Path) -> dict[str, Any]:
    """Atlassian's OpenAPI file of the platform."""
    loaded: dict[str, Any] = json.loads((shared_jira / "spec" / "jira-platform.v3.json").read_text())
    # The file contradicts itself here: no members at all, and any of four kinds of clauses.
    del loaded["components"]["schemas"]["JqlQueryClause"]["additionalProperties"]
    return loaded


@pytest.fixture(scope="module")
def exchanges() -> list[tuple[Route, Response]]:
    """Every operation's answers, good and bad."""
    return _play().exchanges


def test_every_operation_is_played(exchanges: list[tuple[Route, Response]]) -> None:
    """No operation is left out of what the other tests look at."""
    played = {(route.method, route.template) for route, _ in exchanges}
    assert played == {(route.method, route.template) for route in ROUTES}
    good = {(route.method, route.template) for route, answer in exchanges if answer.status < 400}
    assert played - good == {("GET", _REMOVED), ("POST", _REMOVED)}


def test_every_operation_is_in_the_file_with_its_scopes(openapi: dict[str, Any]) -> None:
    """Methods, paths, classic and granular scopes are those of the file."""
    for route in ROUTES:
        operation = openapi["paths"][route.template][route.method.lower()]
        scopes = {entry["state"]: entry["scopes"] for entry in operation.get("x-atlassian-oauth2-scopes", [])}
        if route.template in _WITHOUT_SCOPES:
            assert not scopes
            continue
        assert route.scopes == frozenset(scopes["Current"]), route.template
        assert route.granular == frozenset(scopes["Beta"]), route.template


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: _without(member, names)
            for name, member in value.items()
            if name not in names and not (name in _NULL_IN_JIRA and member is None)
        }
    if isinstance(value, list):
        return [_without(member, names) for member in value]
    return value


def test_answers_fit_the_file(openapi: dict[str, Any], exchanges: list[tuple[Route, Response]]) -> None:
    """Every answer has a status of its operation and fits the schema that the file gives for it."""
    registry: Registry[Any] = Registry().with_resource(
        "urn:jira", Resource.from_contents(openapi, default_specification=DRAFT202012)
    )
    for route, answer in exchanges:
        name = f"{route.method} {route.template} {answer.status}"
        responses = openapi["paths"][route.template][route.method.lower()]["responses"]
        if route.template == _REMOVED:
            assert answer.status == 410
            continue
        problem = "problem+json" in answer.headers.get("Content-Type", "")
        expected = responses.get(str(answer.status))
        # Recorded answers show 400 and 404 on operations whose file entry leaves them out.
        assert expected is not None or answer.status in {400, 404}, name
        content = (expected or {}).get("content")
        schema = next(iter(content.values())).get("schema", {}) if content else {}
        if isinstance(answer.body, bytes):
            assert answer.status in {200, 403}, name
            continue
        if answer.status >= 400 and not problem:
            assert set(answer.body) <= {"errorMessages", "errors", "issues"}, name
            if "issues" not in answer.body:
                schema = {"$ref": "#/components/schemas/ErrorCollection"}
        if answer.status in {204, 303}:
            assert answer.body is None, name
            continue
        if problem:
            assert set(answer.body) == {"type", "title", "status", "detail", "instance"}
            continue
        schema = json.loads(json.dumps(schema).replace('"#/components', '"urn:jira#/components'))
        errors = Draft202012Validator(schema, registry=registry).iter_errors(_without(answer.body, _BEYOND_THE_FILE))
        found = [f"{name} {list(error.absolute_path)} {error.message[:200]}" for error in errors]
        assert not found, found[0]


# ---- recorded answers -----------------------------------------------------------------------


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
