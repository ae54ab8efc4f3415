"""The judge of requests lets good ones through and is strict with wrong ones: that it can fail is shown here."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.openapifile import OpenApiFile
from vantage_jira_plugin.simulator.requestlog import LoggedRequest


@pytest.fixture(scope="module")
def openapi(shared_jira):
    """Atlassian's file, read once."""
    return OpenApiFile(shared_jira)


_DOCUMENT = {
    "version": 1,
    "type": "doc",
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "a"}]}],
}
_PROPERTY = {"key": "k", "value": {"key": "v"}}
_NEW = {"project": {"key": "DEV"}, "issuetype": {"name": "Bug"}, "summary": "It breaks"}
_WORK = {"timeSpent": "3h 20m", "started": "2021-01-17T12:34:00.000+0000"}
_FORM = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n\x00\xff\r\n--cut--\r\n'
_FORM_HEADERS = {"content-type": "multipart/form-data; boundary=cut", "x-atlassian-token": "no-check"}
_ISSUES = "/rest/api/3/issue"
_SEARCH = "/rest/api/3/search/jql"
_PROJECTS = "/rest/api/3/project/search"


def _request(method, path, body=None, headers=None, raw=None, **query):
    """Return a request as the simulator would have logged it."""
    headers = {"authorization": "Bearer token", "accept": "application/json", **(headers or {})}
    if body is not None or raw is not None:
        headers.setdefault("content-type", "application/json")
    return LoggedRequest(
        method=method,
        path=f"/ex/jira/11111111-2222{path}",
        query={name: value if isinstance(value, tuple) else (value,) for name, value in query.items()},
        headers={name: value for name, value in headers.items() if value is not None},
        body=raw if raw is not None else b"" if body is None else json.dumps(body).encode(),
        received_at=0.0,
    )


_GOOD_REQUESTS = {
    "read": _request("GET", f"{_ISSUES}/DEV-1", fields="summary,-comment,customfield_10010"),
    "search": _request("POST", _SEARCH, {"jql": "project = DEV", "fields": ["*all", "-comment"], "maxResults": 5000}),
    "projects": _request("GET", _PROJECTS, expand="lead,description", orderBy="key", startAt="0", maxResults="100"),
    "create": _request("POST", _ISSUES, {"fields": _NEW, "properties": [_PROPERTY]}),
    "edit": _request("PUT", f"{_ISSUES}/DEV-1", {"fields": {"assignee": None}}, returnIssue="true"),
    "comment": _request("POST", f"{_ISSUES}/DEV-1/comment", {"body": _DOCUMENT, "properties": [_PROPERTY]}),
    "fields": _request("GET", "/rest/api/3/field"),
    "worklog": _request("POST", f"{_ISSUES}/DEV-1/worklog", {**_WORK, "comment": _DOCUMENT, "properties": [_PROPERTY]}),
    "attachment": _request("POST", f"{_ISSUES}/DEV-1/attachments", raw=_FORM, headers=_FORM_HEADERS),
    "file": _request("GET", "/rest/api/3/attachment/content/1", headers={"accept": "*/*"}, redirect="false"),
}


def _create(**fields):
    return _request("POST", _ISSUES, {"fields": {**_NEW, **fields}})


_WRONG_REQUESTS = {
    "no such path": _request("GET", "/rest/api/3/isue/DEV-1"),
    "removed path": _request("POST", "/rest/api/3/search", {"jql": "project = DEV"}),
    "no such method": _request("PATCH", f"{_ISSUES}/DEV-1", {"fields": {}}),
    "an id of two segments": _request("GET", f"{_ISSUES}/DEV-1/x"),
    "unknown parameter": _request("GET", f"{_ISSUES}/DEV-1", filds="summary"),
    "parameter of another operation": _request("GET", "/rest/api/3/field", startAt="0"),
    "parameter twice": _request("GET", _PROJECTS, startAt=("0", "50")),
    "page too large": _request("GET", _PROJECTS, maxResults="101"),
    "no number": _request("GET", _PROJECTS, startAt="first"),
    "unknown order": _request("GET", _PROJECTS, orderBy="created"),
    "unknown expansion": _request("GET", _PROJECTS, expand="lead,owner"),
    "no boolean": _request("PUT", f"{_ISSUES}/DEV-1", {"fields": {"assignee": None}}, returnIssue="maybe"),
    "unknown field asked for": _request("GET", f"{_ISSUES}/DEV-1", fields="summary,sumary"),
    "name of a custom field asked for": _request("POST", _SEARCH, {"jql": "a = b", "fields": ["Story Points"]}),
    "field asked for twice": _request("POST", _SEARCH, {"jql": "a = b", "fields": ["status", "status"]}),
    "a body to a read": _request("GET", f"{_ISSUES}/DEV-1", {"fields": ["summary"]}),
    "time spent in both ways": _request("POST", f"{_ISSUES}/DEV-1/worklog", {**_WORK, "timeSpentSeconds": 60}),
    "no time spent": _request("POST", f"{_ISSUES}/DEV-1/worklog", {"started": _WORK["started"]}),
    "work without a start": _request("POST", f"{_ISSUES}/DEV-1/worklog", {"timeSpentSeconds": 60}),
    "another start": _request("POST", f"{_ISSUES}/DEV-1/worklog", {**_WORK, "started": "2021-01-17T12:34:00Z"}),
    "plain text of a worklog": _request("POST", f"{_ISSUES}/DEV-1/worklog", {**_WORK, "comment": "a"}),
    "an estimate to leave alone": _request("POST", f"{_ISSUES}/DEV-1/worklog", _WORK, adjustEstimate="never"),
    "a form without its header": _request(
        "POST", f"{_ISSUES}/DEV-1/attachments", raw=_FORM, headers={**_FORM_HEADERS, "x-atlassian-token": None}
    ),
    "the header without a form": _request("GET", _PROJECTS, headers={"x-atlassian-token": "no-check"}),
    "a form of another part": _request(
        "POST", f"{_ISSUES}/DEV-1/attachments", raw=_FORM.replace(b'"file"', b'"data"'), headers=_FORM_HEADERS
    ),
    "a file as JSON": _request("POST", f"{_ISSUES}/DEV-1/attachments", {}, {"x-atlassian-token": "no-check"}),
    "no body": _request("POST", _SEARCH),
    "no JSON": _request("POST", _SEARCH, raw=b"jql=project"),
    "a form": _request("POST", _SEARCH, raw=b"jql=a", headers={"content-type": "application/x-www-form-urlencoded"}),
    "no content type": _request("POST", _SEARCH, {"jql": "a = b"}, headers={"content-type": None}),
    "unknown name in a body": _request("POST", _SEARCH, {"jql": "a = b", "startAt": 0}),
    "wrong type in a body": _request("POST", _SEARCH, {"jql": "a = b", "fields": "summary"}),
    "a list where a text is": _request("POST", _SEARCH, {"jql": "a = b", "expand": ["names"]}),
    "null in a body": _request("POST", _SEARCH, {"jql": "a = b", "nextPageToken": None}),
    "no query": _request("POST", _SEARCH, {"fields": ["summary"]}),
    "page of none": _request("POST", _SEARCH, {"jql": "a = b", "maxResults": 0}),
    "page over the limit": _request("POST", _SEARCH, {"jql": "a = b", "maxResults": 5001}),
    "anonymous": _request("POST", _SEARCH, {"jql": "a = b"}, headers={"authorization": None}),
    "a password": _request("POST", _SEARCH, {"jql": "a = b"}, headers={"authorization": "Basic YTpi"}),
    "anonymous myself": _request("GET", "/rest/api/3/myself", headers={"authorization": None}),
    "any answer": _request("GET", f"{_ISSUES}/DEV-1", headers={"accept": "*/*"}),
    "create without a type": _request("POST", _ISSUES, {"fields": {"project": {"key": "DEV"}, "summary": "a"}}),
    "create with null": _create(assignee=None),
    "create without fields": _request("POST", _ISSUES, {"update": {}}),
    "unknown part of an edit": _request("PUT", f"{_ISSUES}/DEV-1", {"feilds": {"summary": "a"}, "fields": {}}),
    "field of no issue": _create(prioritty={"name": "High"}),
    "a priority as text": _create(priority="High"),
    "a type by both": _create(issuetype={"id": "1", "name": "Bug"}),
    "an id as number": _create(priority={"id": 2}),
    "a label with a space": _create(labels=["two words"]),
    "labels as text": _create(labels="a,b"),
    "an assignee by name": _create(assignee={"name": "mara"}),
    "a date of another kind": _create(duedate="31.12.2026"),
    "a summary of two lines": _create(summary="a\nb"),
    "a description as text": _create(description="It breaks."),
    "a description that is no document": _create(description={**_DOCUMENT, "content": [{"type": "para"}]}),
    "an empty text node": _create(description={**_DOCUMENT, "content": [{"type": "text", "text": ""}]}),
    "field in both parts": _request(
        "PUT", f"{_ISSUES}/DEV-1", {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}}
    ),
    "operations as an object": _request("PUT", f"{_ISSUES}/DEV-1", {"fields": {}, "update": {"labels": {"add": "b"}}}),
    "property with another name": _request("POST", _ISSUES, {"fields": _NEW, "properties": [{**_PROPERTY, "id": 1}]}),
    "property without a value": _request("POST", _ISSUES, {"fields": _NEW, "properties": [{"key": "k"}]}),
    "property with a long key": _request(
        "POST", _ISSUES, {"fields": _NEW, "properties": [{**_PROPERTY, "key": "k" * 256}]}
    ),
    "property with a long value": _request(
        "POST", _ISSUES, {"fields": _NEW, "properties": [{"key": "k", "value": "v" * 32_767}]}
    ),
    "comment as text": _request("POST", f"{_ISSUES}/DEV-1/comment", {"body": "Seen."}),
    "comment without a body": _request("POST", f"{_ISSUES}/DEV-1/comment", {"properties": [_PROPERTY]}),
    "comment with what answers have": _request("POST", f"{_ISSUES}/DEV-1/comment", {"body": _DOCUMENT, "id": "1"}),
    "comment with another name": _request("POST", f"{_ISSUES}/DEV-1/comment", {"body": _DOCUMENT, "public": False}),
}


@pytest.mark.parametrize("request_", _GOOD_REQUESTS.values(), ids=_GOOD_REQUESTS)
def test_a_good_request_is_not_complained_about(openapi, request_):
    """What the documentation shows is let through, so that the wrong ones below fail for their own reason."""
    assert openapi.complaints(request_) == []


@pytest.mark.parametrize("request_", _WRONG_REQUESTS.values(), ids=_WRONG_REQUESTS)
def test_a_wrong_request_is_complained_about(openapi, request_):
    """Each of these would be refused, or misunderstood, by Jira."""
    assert openapi.complaints(request_) != []


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/token/accessible-resources", "/me"])
def test_the_login_is_not_in_the_file(openapi, path):
    """The addresses that are excused are not Jira's."""
    assert openapi.template(replace(_GOOD_REQUESTS["fields"], path=path)) is None


def test_a_literal_path_wins(openapi):
    """A path that could be an issue's key is taken for what it says."""
    assert openapi.template(_request("POST", f"{_ISSUES}/bulkfetch")) == f"{_ISSUES}/bulkfetch"
    assert openapi.template(_request("GET", f"{_ISSUES}/DEV-1")) == f"{_ISSUES}/{{issueIdOrKey}}"
