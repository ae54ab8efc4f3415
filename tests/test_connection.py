"""What a connection does with what its host gives it: settings, inputs, contexts, a login."""

from __future__ import annotations

import json

import pytest

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}


@pytest.mark.parametrize("value", [0, -1, "soon", True, float("nan"), 1e9])
def test_a_wrong_timeout_is_refused(connect, sim, value):
    """context.timeoutSeconds is checked like an input."""
    error = connect().execute("listSites", {}, {}, {"timeoutSeconds": value})["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", ["timeoutSeconds"])
    assert sim.requests == []


def test_unknown_actions_are_named(connect, sim):
    """An unknown action answers unknown_action with the nearest name."""
    error = connect().execute("getIssues", {}, {}, {})["error"]
    assert error["code"] == "unknown_action"
    assert "did you mean getIssue?" in error["message"]


def test_inputs_win_over_config(connect):
    """Inputs win key by key; keys of the host in config are passed over, near misses warned about."""
    envelope = connect().execute(
        "getIssue",
        {"issueKey": "DEV-2"},
        {"issueKey": "DEV-1", "fields": "summary", "credentialId": "x", "label": "Read", "field": "status"},
        {},
    )
    output = envelope["output1"]
    assert output["data"][0]["key"] == "DEV-2"
    assert list(output["data"][0]) == ["id", "key", "url", "summary"]
    assert output["metadata"]["warnings"] == ["config.field is not an input of getIssue; did you mean fields?"]


def test_read_only_refuses_writes(connect, sim):
    """readOnly refuses every action that writes, before anything is sent."""
    connection = connect(readOnly=True)
    assert connection.execute("createIssue", _CREATE, {}, {})["error"]["code"] == "read_only"
    assert sim.requests == []
    assert "output1" in connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})


def test_allowed_projects_confine_every_action(connect, sim):
    """allowedProjects refuses writes and reads elsewhere, and searches find nothing elsewhere."""
    connection = connect(allowedProjects=["OPS"])
    for action, inputs in {
        "createIssue": _CREATE,
        "getIssue": {"issueKey": "DEV-1"},
        "updateIssue": {"issueKey": "DEV-1", "summary": "x"},
        "addComment": {"issueKey": "DEV-1", "body": "x"},
    }.items():
        assert connection.execute(action, inputs, {}, {})["error"]["code"] == "project_not_allowed"
    assert all(entry.method == "GET" for entry in sim.requests)
    found = connection.execute("searchIssues", {"jql": "created > -52w OR project = DEV", "fields": "project"}, {}, {})
    assert {row["projectKey"] for row in found["output1"]["data"]} == {"OPS"}
    broken = connection.execute("searchIssues", {"jql": "project = OPS) OR (project = DEV"}, {}, {})
    assert broken["error"]["code"] == "input_invalid"
    projects = connection.execute("getAccessibleProjects", {}, {}, {})["output1"]["data"]
    assert [row["key"] for row in projects] == ["OPS"]


def test_an_idempotency_key_travels_with_the_write(connect, sim):
    """The key, given or made of run and node, is written with the issue and with the comment."""
    connection = connect()
    context = {"runId": "run-7", "nodeId": "file-bug"}
    created = connection.execute("createIssue", _CREATE, {}, context)["output1"]["data"][0]
    connection.execute("addComment", {"issueKey": created["key"], "body": "x", "idempotencyKey": "mine"}, {}, context)
    create, comment = (
        json.loads(entry.body) for entry in sim.requests if entry.method == "POST" and b'"properties"' in entry.body
    )
    assert create["properties"] == [{"key": "vantage.idempotencyKey", "value": {"key": "run-7/file-bug"}}]
    assert comment["properties"] == [{"key": "vantage.idempotencyKey", "value": {"key": "mine"}}]
    connection.execute("createIssue", _CREATE, {}, {"runId": "run-8"})
    assert "properties" not in json.loads(sim.requests[-1].body)


def test_usage_counts_requests_and_points(connect):
    """usage tells requests and points as Atlassian counts them: a read of one issue is two points."""
    connection = connect()
    connection.authenticate()
    usage = connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})["output1"]["metadata"]["usage"]
    assert usage == {"requests": 1, "points": 2, "retries": 0, "waitedSeconds": 0.0, "cacheHits": 0}
    created = connection.execute("createIssue", _CREATE, {}, {})["output1"]["metadata"]["usage"]
    assert created["points"] == 1
    found = connection.execute("searchIssues", {"jql": "project = DEV", "maxRows": 5}, {}, {})["output1"]
    assert found["metadata"]["usage"]["points"] == 6


def test_authenticate_says_what_is_missing(connect, sim):
    """A grant with fewer scopes is connected, and the missing scopes are named."""
    answer = connect(grant=sim.grant(scopes=["read:jira-work", "read:jira-user", "offline_access"])).authenticate()
    assert (answer["status"], answer["missingScopes"]) == ("connected", ["write:jira-work"])


def test_authenticate_proves_it(connect, sim):
    """authenticate tells account, time zone, site and scopes, after one call to Jira."""
    answer = connect().authenticate()
    assert answer["status"] == "connected"
    assert answer["displayName"]
    assert answer["timeZone"]
    assert answer["siteName"] == sim.site.name
    assert sim.requests_to("/rest/api/3/myself")[0].status == 200


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (([1], {}, {}), "inputs"),
        (("abc", {}, {}), "inputs"),
        ((5, {}, {}), "inputs"),
        (({}, [1], {}), "config"),
        (({}, {}, "context"), "context"),
    ],
)
def test_a_host_that_keeps_no_contract_gets_an_error_in_words(connect, sim, given, name):
    """Inputs, config and context that are no objects are refused by name."""
    error = connect().execute("listSites", *given)["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", [name])
    assert sim.requests == []


@pytest.mark.parametrize("action", [None, 5, ["getIssue"], {}])
def test_an_action_that_is_no_name_is_unknown(connect, action):
    """What is no text names no action."""
    error = connect().execute(action, {}, {}, {})["error"]
    assert (error["code"], error["action"]) == ("unknown_action", None)


def test_nothing_for_inputs_config_and_context_is_empty(connect):
    """None means nothing was given."""
    assert "output1" in connect().execute("listSites", None, None, None)


def test_small_letters_outside_ascii_are_no_keys(connect, sim):
    """A sharp s is not a double S."""
    error = connect().execute("getIssue", {"issueKey": "ß-1"}, {}, {})["error"]
    assert error["code"] == "input_invalid"
    assert sim.requests == []


def test_authenticate_tells_the_connections_own_limits(connect):
    """readOnly and allowedProjects are told beside what the scopes permit."""
    warnings = connect(readOnly=True, allowedProjects=["OPS"]).authenticate()["warnings"]
    assert ["read only" in warnings[0], "OPS" in warnings[1]] == [True, True]
