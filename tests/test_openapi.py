"""Every request that the plugin sends is valid against Atlassian's OpenAPI file."""

from __future__ import annotations

import json

import pytest

from tests.actions.test_contract import GOOD
from tests.memoryhost import settings_for
from tests.openapicalls import CALLS, SENDS
from tests.openapifile import OpenApiFile
from vantage_jira_plugin.actions import ACTIONS
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings
from vantage_jira_plugin.simulator import Fault

#: Requests that are not Jira's, and so not in its file.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26).
_LOGIN = {("POST", "/oauth/token"), ("GET", "/oauth/token/accessible-resources")}
#: Names in the body of a token request, by grant. Source: the same.
_TOKEN_NAMES = {
    # The last is PKCE's, of RFC 7636, and not in Atlassian's list.
    "authorization_code": {"grant_type", "client_id", "client_secret", "code", "redirect_uri", "code_verifier"},
    "refresh_token": {"grant_type", "client_id", "client_secret", "refresh_token"},
}


@pytest.fixture(scope="module")
def openapi(shared_jira):
    """Atlassian's file, read once."""
    return OpenApiFile(shared_jira)


def _judge(openapi, requests):
    """Check every request; return `METHOD template` of those that went to Jira."""
    sent = []
    for request in requests:
        if (request.method, request.path) in _LOGIN:
            continue
        assert request.path.startswith("/ex/jira/"), request
        assert openapi.complaints(request) == [], f"{request.method} {request.site_path}"
        sent.append(f"{request.method} {openapi.template(request)}")
    return sent


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_request_is_valid(openapi, connect, sim, call):
    """Whatever an action is called with, what it sends is in the file: path, query, body, documents."""
    connection = connect(**call.settings)
    envelope = connection.execute(call.action, call.inputs, {}, call.context)
    assert envelope.get("error", {}).get("code") == call.refused, envelope
    sent = _judge(openapi, sim.requests)
    if call.sends is not None:
        assert call.sends in sent


def test_every_action_is_judged():
    """No action is left out."""
    assert set(SENDS) == set(ACTIONS) == {call.action for call in CALLS.values()}


def test_a_whole_login_is_valid(openapi, services, sim):
    """Consent, site, account, refresh: all but the login's own two addresses is in the file."""
    connection = Connection(
        load_settings(settings_for(None, sim.client_id), services.open_record), services, clock=sim.clock
    )
    started = connection.authorize("http://127.0.0.1:8735/callback")
    callback = sim.consent(started["url"])
    browser = len(sim.requests)
    assert connection.authorized(callback, started["state"])["status"] == "connected"
    sim.clock.advance(2 * sim.access_token_seconds)
    assert connection.authenticate()["status"] == "connected"
    own = sim.requests[browser:]
    assert "GET /rest/api/3/myself" in _judge(openapi, own)
    assert {(entry.method, entry.path) for entry in own if not entry.path.startswith("/ex/jira/")} == _LOGIN


def test_token_requests_are_as_documented(services, sim):
    """Both grants are asked for with JSON, with all the documented names and no others but PKCE's."""
    connection = Connection(
        load_settings(settings_for(None, sim.client_id), services.open_record), services, clock=sim.clock
    )
    started = connection.authorize("http://127.0.0.1:8735/callback")
    connection.authorized(sim.consent(started["url"]), started["state"])
    sim.clock.advance(2 * sim.access_token_seconds)
    connection.authenticate()
    bodies = [json.loads(entry.body) for entry in sim.token_requests]
    assert [body["grant_type"] for body in bodies] == ["authorization_code", "refresh_token"]
    assert [set(body) for body in bodies] == [_TOKEN_NAMES[body["grant_type"]] for body in bodies]
    assert {entry.headers["content-type"] for entry in sim.token_requests} == {"application/json"}


def test_repeated_requests_are_valid(openapi, connect, sim):
    """A request that is sent again, after a wait or with another token, is as valid as the first."""
    connection = connect()
    for path in ("/issue$", "/comment$", "/worklog$", "/attachments$", "/search/jql"):
        sim.faults.add(Fault("answer", path=path, status=429, headers={"Retry-After": "1"}))
        sim.faults.add(Fault("answer", path=path, status=401, body={"code": 401, "message": "Unauthorized"}))
    for action in ("searchIssues", "createIssue", "addComment", "addWorklog", "addAttachment"):
        assert "error" not in connection.execute(action, GOOD[action], {}, {})
        assert _judge(openapi, sim.requests).count(SENDS[action]) == 3


def test_looking_for_lost_writes_is_valid(openapi, connect, sim):
    """What is asked to find out about a lost answer, an earlier call or a comment that is known is in the file."""
    connection = connect()
    writes = "/issue$|/comment$|/worklog$|/attachments$"
    for action in ("createIssue", "addComment", "addWorklog", "addAttachment"):
        sim.faults.add(Fault("lost_answer", method="POST", path=writes))
        assert "error" not in connection.execute(action, GOOD[action], {}, {})
        assert "error" not in connection.execute(action, GOOD[action], {}, {})
        sim.faults.add(Fault("reset", method="POST", path=writes))
        again = {**GOOD[action], "idempotencyKey": "another"}
        if action == "addAttachment":  # the same file would be taken for the one
            again["text"] = "2 failed"
        assert connection.execute(action, again, {}, {})["error"]["code"] == "unknown_outcome"
        sim.clock.advance(3000)
        assert "error" not in connection.execute(action, again, {}, {})
    sent = set(_judge(openapi, sim.requests))
    assert sent >= {
        "POST /rest/api/3/search/jql",
        "POST /rest/api/3/issue/bulkfetch",
        "GET /rest/api/3/issue/{issueIdOrKey}/comment",
        "POST /rest/api/3/comment/list",
        "GET /rest/api/3/issue/{issueIdOrKey}/worklog",
        "POST /rest/api/3/worklog/list",
        "GET /rest/api/3/issue/{issueIdOrKey}",
        "GET /rest/api/3/myself",
        "GET /rest/api/3/attachment/content/{id}",
    }


def test_searches_after_writes_are_valid(openapi, connect, sim):
    """The ids of what was just written travel as the file has them."""
    connection = connect()
    for action in ("createIssue", "updateIssue", "addComment", "searchIssues"):
        assert "error" not in connection.execute(action, GOOD[action], {}, {})
    _judge(openapi, sim.requests)
    assert len(json.loads(sim.requests_to("/rest/api/3/search/jql")[-1].body)["reconcileIssues"]) == 2


def test_pages_by_token_are_valid(openapi, run, sim):
    """Later pages of a search are asked for with the token in the body."""
    first = run("searchIssues", jql="project = DEV", fields="summary", maxRows=3)
    token = first["output1"]["metadata"]["nextPageToken"]
    page = {"issues": [{"id": "1", "key": "DEV-1", "fields": {}}], "nextPageToken": token, "isLast": False}
    sim.faults.add(Fault("answer", path="/search/jql", status=200, body=page))
    assert "error" not in run("searchIssues", jql="project = DEV", fields="summary", maxRows=3)
    assert "error" not in run("searchIssues", jql="project = DEV", fields="summary", nextPageToken=token)
    assert _judge(openapi, sim.requests) == ["POST /rest/api/3/search/jql"] * 4
    bodies = [json.loads(entry.body) for entry in sim.requests_to("/rest/api/3/search/jql")]
    assert [body.get("nextPageToken") for body in bodies] == [None, None, token, token]


def test_pages_by_offset_are_valid(openapi, run, sim):
    """Later pages of the projects are asked for by startAt."""
    page = {"values": [{"id": "1", "key": "AAA"}], "startAt": 0, "maxResults": 1, "total": 3, "isLast": False}
    sim.faults.add(Fault("answer", path="/project/search", status=200, body=page))
    assert "error" not in run("getAccessibleProjects", maxRows=1000)
    assert _judge(openapi, sim.requests) == ["GET /rest/api/3/project/search"] * 2
    starts = [entry.query["startAt"] for entry in sim.requests_to("/rest/api/3/project/search")]
    assert [list(start) for start in starts] == [["0"], ["1"]]
