"""Every request that the plugin sends is valid against Atlassian's OpenAPI file."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pytest

from tests.actions.test_contract import GOOD
from tests.memoryhost import settings_for
from tests.openapifile import OpenApiFile
from vantage_jira_plugin.actions import ACTIONS
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.schemas import json_schema
from vantage_jira_plugin.settings import load_settings
from vantage_jira_plugin.simulator import Fault

#: What each action is there to send; it may read before and after.
_SENDS = {
    "listSites": None,
    "keepAlive": None,
    "getAccessibleProjects": "GET /rest/api/3/project/search",
    "createIssue": "POST /rest/api/3/issue",
    "getIssue": "GET /rest/api/3/issue/{issueIdOrKey}",
    "updateIssue": "PUT /rest/api/3/issue/{issueIdOrKey}",
    "addComment": "POST /rest/api/3/issue/{issueIdOrKey}/comment",
    "addWorklog": "POST /rest/api/3/issue/{issueIdOrKey}/worklog",
    "addAttachment": "POST /rest/api/3/issue/{issueIdOrKey}/attachments",
    "listComments": "POST /rest/api/3/search/jql",
    "listWorklogs": "POST /rest/api/3/search/jql",
    "listChangelog": "POST /rest/api/3/changelog/bulkfetch",
    "listIssueLinks": "POST /rest/api/3/search/jql",
    "listSprints": "POST /rest/api/3/search/jql",
    "listUsers": "GET /rest/api/3/users/search",
    "cycleTime": "POST /rest/api/3/changelog/bulkfetch",
    "timeInStatus": "POST /rest/api/3/changelog/bulkfetch",
    "agingWork": "POST /rest/api/3/changelog/bulkfetch",
    "throughput": "POST /rest/api/3/changelog/bulkfetch",
    "issueTrends": "POST /rest/api/3/search/jql",
    "cumulativeFlow": "POST /rest/api/3/changelog/bulkfetch",
    "sprintReport": "POST /rest/api/3/changelog/bulkfetch",
    "projectTimeline": "POST /rest/api/3/changelog/bulkfetch",
    "searchIssues": "POST /rest/api/3/search/jql",
    "syncIssues": "POST /rest/api/3/search/jql",
    "exportIssues": "POST /rest/api/3/search/jql",
}
#: Requests that are not Jira's, and so not in its file.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26).
_LOGIN = {("POST", "/oauth/token"), ("GET", "/oauth/token/accessible-resources")}
#: Names in the body of a token request, by grant. Source: the same.
_TOKEN_NAMES = {
    # The last is PKCE's, of RFC 7636, and not in Atlassian's list.
    "authorization_code": {"grant_type", "client_id", "client_secret", "code", "redirect_uri", "code_verifier"},
    "refresh_token": {"grant_type", "client_id", "client_secret", "refresh_token"},
}
#: Inputs of which an action needs exactly one, beside those that it always needs.
_ONE_OF = {"addWorklog": ("timeSpent", "timeSpentSeconds"), "addAttachment": ("text", "contentBase64")}
#: Markdown that is long, nested, broken or foreign.
_TEXTS = {
    "plain": "Seen again on the night run.",
    "headings": "# One\n\n## Two\n\n####### Seven\n\nUnder\n=====",
    "lists": "1. a\n   - b\n     1. c\n        - [ ] d\n        - [x] e\n2. f\n\n- g\n\n      code in g",
    "quotes": "> a\n>\n> > b\n> >\n> > - c\n\n> ```\n> d\n> ```",
    "code": "```python\nassert 1 == 2  # <b>&amp;</b>\n```\n\n    indented\n\n~~~\n```\n~~~\n\n```\n```",
    "table": "| a | b |\n|---|:-:|\n| `x|y` | **z** |\n| only one |\n\n| h |\n|---|",
    "marks": "***all*** ~~gone~~ **bold `code` bold** _a_ *b*c __d__ \\*no\\* <u>html</u> &copy; &#x1F600;",
    "links": '[a](https://example.com/a_(b)?c=d&e=f#g "t") <https://example.com> ![alt](https://example.com/i.png)',
    "odd links": "[a](javascript:alert(1)) [b](data:text/html,x) [c]() [d](<a b>) [e](\\\\server\\share) [f](//host)",
    "mention": "[~accountid:712020:aaaa-bbbb] please look, [~nobody] too",
    "html": '<div onclick="x()">\n<!-- note -->\n<br>\n</div>\n\n<script>alert(1)</script>',
    "unicode": "Grüße 日本語 العربية \u202eרtl\u202c 👩‍👩‍👧‍👦 \u200bzero\u200bwidth e\u0301",
    "windows lines": "a\r\nb\r\n\r\n- c\r\n- d\r\n",
    "blank ends": "  \n\n  text  \n\n\t\n",
    "rules": "---\n\n***\n\n- - -\n\nText\n---",
    "deep": "> " * 60 + "deep",
    "deep list": "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(12)),
    "longest": ("All work and no play. " * 1490)[:32_767],
    "longest code": "```\n" + "0123456789abcde\n" * 2047 + "```",
    "many marks": "*a* `b` " * 30,
    "many blocks": "- a\n" * 30,
}
#: Ways to name fields that go out as they are, as others, or as wildcards.
_FIELDS: dict[str, Any] = {
    "ids": "summary,status",
    "list": ["summary", "assignee", "labels"],
    "custom by name": "Story Points, Severity",
    "custom by id": ["customfield_10010", "summary"],
    "jql name": "cf[10012]",
    "english names": "Due date, Fix versions",
    "key only": "key",
    "issue key": "issuekey, url",
    "all": "*all",
    "navigable": "*navigable",
    "all but one": "*all,-comment",
    "all but one by name": "*navigable,-Story Points",
    "only an exclusion": "-description",
    "twice": "summary, Summary, summary",
    "every wildcard": "*all,*navigable,summary",
}
_QUERIES = {
    "plain": "project = DEV",
    "ordered": "project = DEV ORDER BY priority DESC, created ASC",
    "quoted": 'project = DEV AND summary ~ "it \\"breaks\\""',
    "lines": "project = DEV\n  AND status != Done\n",
    "foreign": 'project = DEV AND summary ~ "Grüße 日本語"',
    "nothing found": 'project = DEV AND summary ~ "nosuchword"',
}


@dataclass(frozen=True)
class Call:
    """One call of an action."""

    action: str
    inputs: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    #: Jira's refusal that is expected; what was sent is judged all the same.
    refused: str | None = None

    @property
    def sends(self) -> str | None:
        """What it is there to send; an edit that changes nothing sends nothing, and a dry run no more than it needs."""
        given = {name for name, value in self.inputs.items() if value != ""}
        idle = self.action == "updateIssue" and given <= {"issueKey", "idempotencyKey", "dryRun"}
        return None if idle or self.inputs.get("dryRun") else _SENDS[self.action]


def _combinations():
    """Every action with all inputs, the required ones, each one more, each one less, and each cleared."""
    for action, good in GOOD.items():
        schema = json_schema(ACTIONS[action].inputs)
        required = {name: good[name] for name in schema.get("required", ())}
        one_of = _ONE_OF.get(action, ())
        required |= {name: good[name] for name in one_of if name in good}
        optional = [name for name in schema["properties"] if name not in {*required, *one_of}]
        nullable = [name for name in optional if "null" in schema["properties"][name].get("type", ())]
        yield f"{action}-good", Call(action, good)
        yield f"{action}-required", Call(action, required)
        for name in optional:
            if name in good:
                yield f"{action}-with-{name}", Call(action, {**required, name: good[name]})
                yield f"{action}-without-{name}", Call(action, {key: good[key] for key in good if key != name})
            yield f"{action}-empty-{name}", Call(action, {**good, name: ""})
        for name in nullable:
            yield f"{action}-clear-{name}", Call(action, {**required, name: None})
        if nullable:
            yield f"{action}-clear-everything", Call(action, {**good, **dict.fromkeys(nullable)})


def _texts():
    """Every text as description and as comment."""
    for name, text in _TEXTS.items():
        yield f"text-create-{name}", Call("createIssue", {**GOOD["createIssue"], "description": text})
        yield f"text-update-{name}", Call("updateIssue", {"issueKey": "DEV-1", "description": text})
        yield f"text-comment-{name}", Call("addComment", {"issueKey": "DEV-1", "body": text})
        work = {"issueKey": "DEV-1", "timeSpentSeconds": 60, "comment": text}
        yield f"text-worklog-{name}", Call("addWorklog", work)
        yield f"text-attachment-{name}", Call("addAttachment", {"issueKey": "DEV-1", "fileName": "a.txt", "text": text})


def _fields():
    """Every way to name fields, for one issue and for many."""
    for name, fields in _FIELDS.items():
        yield f"fields-get-{name}", Call("getIssue", {"issueKey": "DEV-1", "fields": fields, "raw": True})
        yield f"fields-search-{name}", Call("searchIssues", {"jql": "project = DEV", "fields": fields, "maxRows": 3})


def _more():
    """What is left: queries, limits, ids in place of names, allowed projects, keys of runs."""
    for name, jql in _QUERIES.items():
        yield f"jql-{name}", Call("searchIssues", {"jql": jql})
        yield f"jql-confined-{name}", Call("searchIssues", {"jql": jql}, settings={"allowedProjects": ["DEV", "OPS"]})
    for rows in (1, 50, 100_000):
        yield f"search-maxRows-{rows}", Call("searchIssues", {"jql": "project = DEV", "maxRows": rows})
    for rows in (1, 100, 10_000):
        yield f"projects-maxRows-{rows}", Call("getAccessibleProjects", {"maxRows": rows, "raw": True})
    yield "projects-query-odd", Call("getAccessibleProjects", {"query": "a&b=c #d%2f+é"})
    yield "issue-by-id", Call("getIssue", {"issueKey": "999999"}, refused="not_found")
    yield "issue-small-letters", Call("getIssue", {"issueKey": "dev-1"})
    yield "names-as-ids", Call("createIssue", {**GOOD["createIssue"], "issueType": "10002", "priority": "2"})
    yield "update-names-as-ids", Call("updateIssue", {"issueKey": "DEV-1", "issueType": "10002", "priority": "2"})
    yield "labels-as-text", Call("createIssue", {**GOOD["createIssue"], "labels": "a, b,a"})
    yield "no-labels", Call("updateIssue", {"issueKey": "DEV-1", "labels": []})
    yield "refused-type", Call("createIssue", {**GOOD["createIssue"], "issueType": "Nonsense"}, refused="jira_invalid")
    yield "worklog-at-night", Call("addWorklog", {**GOOD["addWorklog"], "started": "2026-10-25 02:30+0200"})
    yield "worklog-in-days", Call("addWorklog", {**GOOD["addWorklog"], "timeSpent": "1w 2.5d 3h 4m"})
    file = {
        "issueKey": "DEV-1",
        "fileName": "ü & 日本.bin",
        "contentBase64": base64.b64encode(bytes(range(256))).decode(),
    }
    yield "attachment-bytes", Call("addAttachment", file)
    yield "long-key", Call("createIssue", {**GOOD["createIssue"], "idempotencyKey": "é" * 255})
    run = {"runId": "run 1", "nodeId": "node/ü", "timeoutSeconds": 30, "companyId": "c", "userId": "u"}
    only_dev = {"allowedProjects": ["DEV"]}
    for action, good in GOOD.items():
        plain = {name: value for name, value in good.items() if name != "idempotencyKey"}
        yield f"in-a-run-{action}", Call(action, plain, context=run)
        yield f"allowed-{action}", Call(action, good, settings=only_dev)
        yield f"dry-run-{action}", Call(action, {**good, "dryRun": True}, settings=only_dev)
        if "raw" in json_schema(ACTIONS[action].inputs)["properties"]:
            yield f"raw-{action}", Call(action, {**good, "raw": True})
            yield f"raw-allowed-{action}", Call(action, {**good, "raw": True}, settings=only_dev)


_CALLS = dict(chain(_combinations(), _texts(), _fields(), _more()))


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


@pytest.mark.parametrize("call", _CALLS.values(), ids=_CALLS)
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
    assert set(_SENDS) == set(ACTIONS) == {call.action for call in _CALLS.values()}


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
        assert _judge(openapi, sim.requests).count(_SENDS[action]) == 3


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
