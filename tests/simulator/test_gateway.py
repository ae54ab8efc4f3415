from __future__ import annotations

import gzip
import json

import pytest

from tests.simulator.tiny_jira import ADA, FIRST, SECOND, Client, send


def unauthorized(message="Unauthorized", code=401):
    """Return a refusal in the gateway's shape."""
    return {"code": code, "message": message}


def test_answer_carries_atlassians_headers(client):
    """Trace ids agree with each other, the account is URL-encoded, the type is Jira's."""
    answer = client.call("myself")
    headers = answer.headers
    assert answer.json() == {"path": "/rest/api/3/myself", "account": ADA}
    assert headers["content-type"] == "application/json;charset=UTF-8"
    assert headers["x-aaccountid"] == "712020%3Aada"
    assert len(headers["atl-traceid"]) == 32
    assert headers["atl-request-id"].replace("-", "") == headers["atl-traceid"] == headers["x-trace-id"]
    assert len(headers["x-arequestid"]) == 32
    assert headers["cache-control"] == "no-cache, no-store, no-transform"


def test_request_without_a_known_token_is_refused(tiny, client):
    """No token, another scheme, an unknown token: 401 in the gateway's shape."""
    for authorization in (None, "Basic YTpi", "Bearer", "Bearer unknown"):
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = send(f"{tiny.api_url}/ex/jira/{FIRST}/rest/api/3/myself", headers=headers)
        assert (answer.status, answer.json()) == (401, unauthorized())
    assert tiny.requests[-1].account_id is None


@pytest.mark.parametrize(("status", "message"), [(401, "Unauthorized"), (403, "Forbidden"), (404, "Not Found")])
def test_expired_token_is_answered_as_set(tiny, client, status, message):
    """An expired token gets 401, or 403 or 404 where a test wants that; the others stay with 401."""
    tiny.expired_token_status = status
    assert client.call("myself").status == 200
    tiny.clock.advance(3600)
    answer = client.call("myself")
    assert (answer.status, answer.json()) == (status, unauthorized(message, status))
    client.grant = {"access_token": "unknown"}
    assert client.call("myself").status == 401


def test_missing_scope_is_told_by_its_message(tiny):
    """A good token without the scope gets 401 with a message of its own."""
    reader = Client(tiny, scopes="read:jira-work")
    assert reader.call("issue/OPS-1").status == 200
    answer = reader.call("issue", "POST", body={})
    assert (answer.status, answer.json()) == (401, unauthorized("Unauthorized; scope does not match"))
    assert tiny.site.acts == 1


def test_granular_scopes_do_as_well(tiny):
    """The whole granular set opens an operation, a part of it does not."""
    assert Client(tiny, scopes="read:issue:jira read:user:jira").call("issue/OPS-1").status == 200
    assert Client(tiny, scopes="read:issue:jira").call("issue/OPS-1").status == 401
    assert Client(tiny, scopes="write:issue:jira").call("issue", "POST", body={}).status == 401
    assert Client(tiny, scopes="read:sprint:jira-software").call("sprint").status == 200
    assert Client(tiny).call("sprint").status == 401


def test_unknown_site_is_not_found_before_the_token_is_looked_at(tiny):
    """An unknown cloudId is 404 in the gateway's own shape, with its failure category."""
    answer = send(f"{tiny.api_url}/ex/jira/00000000-0000-0000-0000-000000000000/rest/api/3/myself")
    assert answer.status == 404
    assert answer.headers["x-failure-category"] == "FAILURE_CLIENT_TCS"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["path"].endswith("/rest/api/3/myself")


def test_site_outside_the_grant_is_not_found(tiny):
    """A site that exists but was not picked looks like one that does not exist."""
    narrow = Client(tiny, sites=[SECOND])
    assert narrow.call("myself", cloud_id=SECOND).status == 200
    refused = narrow.call("myself", cloud_id=FIRST)
    assert (refused.status, refused.headers["x-failure-category"]) == (404, "FAILURE_CLIENT_TCS")


def test_unknown_path_and_method_below_a_site(client):
    """What Jira does not have is told with problem details."""
    answer = client.call("nope")
    assert (answer.status, answer.json()["detail"]) == (404, "No endpoint GET /rest/api/3/nope.")
    answer = client.call("issue/OPS-1", "DELETE")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, PUT")
    assert answer.headers["content-type"] == "application/problem+json;charset=UTF-8"


def test_path_outside_every_site_is_not_found(tiny):
    """The API host knows nothing of the authorization server's paths."""
    for path in ("/", "/oauth/token", "/authorize", "/ex/confluence/x"):
        assert send(f"{tiny.api_url}{path}", "POST").status == 404


def test_path_parameters_and_query_reach_the_operation(client):
    """Parameters arrive decoded, the path below the site as it was sent."""
    answer = client.call("issue/OPS%201?expand=names")
    assert answer.json() == {
        "path": "/rest/api/3/issue/OPS%201",
        "account": ADA,
        "issueIdOrKey": "OPS 1",
    }


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""]
)
def test_body_that_is_not_said_to_be_json_is_refused(tiny, client, content_type):
    """A body needs JSON's content type, with or without a charset."""
    headers = {"Content-Type": content_type}
    answer = client.call("issue", "POST", body=b"{}", headers=headers)
    assert (answer.status, answer.json()["title"]) == (415, "Unsupported Media Type")
    assert tiny.site.acts == 0
    good = {"Content-Type": "application/json; charset=utf-8"}
    assert client.call("issue", "POST", body=b"{}", headers=good).status == 201


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"\xff\xfe{",
        b"{",
        rb'{"a": "cut \ud83d"}',
        rb'{"a \ude00": 1}',
        b'{"a": "\xed\xa0\xbd"}',
        '{"a": "\\ud83d"}'.encode("utf-16"),
    ],
)
def test_body_that_is_no_json_is_refused(client, body):
    """JSON that cannot be read, or holds half a character, is told in Jira's words, without `errors`."""
    answer = client.call("issue", "POST", body=body, headers={"Content-Type": "application/json"})
    assert answer.status == 400
    assert answer.json() == {
        "errorMessages": ["There was an error parsing JSON. Check that your request body is valid."]
    }


def test_body_with_a_whole_character_in_escapes_is_read(client):
    """Both halves of a character beyond U+FFFF are one."""
    headers = {"Content-Type": "application/json"}
    assert client.call("issue", "POST", body=rb'{"a": "\ud83d\ude00"}', headers=headers).status == 201


def test_refusal_of_an_operation_is_jiras(client):
    """An operation's refusal comes as an error collection."""
    answer = client.call("search/jql", "POST", body={})
    assert answer.status == 400
    assert answer.json() == {"errorMessages": ["The query is wrong."], "errors": {"jql": "wrong"}}


def test_long_answer_comes_compressed(client):
    """Through the gateway, too, long answers are compressed for those who accept it."""
    answer = client.call("project/search", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(answer.body))["values"]) == 10


def test_log_knows_who_called(tiny, client):
    """The log tells host, account, status, body and headers of a request."""
    client.call("issue?x=1", "POST", body={"a": 1}, headers={"X-Test": "Yes"})
    entry = tiny.requests[-1]
    assert (entry.method, entry.host, entry.account_id, entry.status) == ("POST", "api", ADA, 201)
    assert (entry.query, entry.body, entry.headers["x-test"]) == ({"x": ["1"]}, b'{"a": 1}', "Yes")
    assert entry.path == f"/ex/jira/{FIRST}/rest/api/3/issue"
    assert entry.site_path == "/rest/api/3/issue"
    assert entry.received_at == pytest.approx(tiny.clock(), abs=5)
