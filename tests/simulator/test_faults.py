from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import time
from collections import Counter

import pytest

from tests.simulator.tiny_jira import send
from vantage_jira_plugin.simulator import Fault


def test_scripted_answer_is_given_instead_of_acting(tiny, client):
    """A 429 without any header is what the client gets, and nothing is done; the next request works."""
    tiny.faults.add(Fault("answer", method="POST", path=r"/issue$", status=429))
    answer = client.call("issue", "POST", body={})
    assert (answer.status, answer.body) == (429, b"")
    assert "retry-after" not in answer.headers
    assert "atl-traceid" not in answer.headers
    assert tiny.site.acts == 0
    assert client.call("issue", "POST", body={}).status == 201
    assert [entry.status for entry in tiny.requests] == [429, 201]
    assert [entry.fault for entry in tiny.requests] == ["answer", None]


@pytest.mark.parametrize(
    ("body", "content_type", "sent"),
    [
        ({"code": 403}, "application/json;charset=UTF-8", b'{"code":403}'),
        ("<html>", "text/html;charset=UTF-8", b"<html>"),
        ("Basic authentication is deprecated.", "text/plain;charset=UTF-8", b"Basic authentication is deprecated."),
        (b"\x00\x01", "application/json;charset=UTF-8", b"\x00\x01"),
        (None, None, b""),
    ],
)
def test_scripted_answer_has_the_type_of_its_body(tiny, client, body, content_type, sent):
    """Data, text, a page and bytes each go out as what they are."""
    tiny.faults.add(Fault("answer", body=body))
    answer = client.call("myself")
    assert (answer.status, answer.body) == (503, sent)
    assert answer.headers.get("content-type") == content_type


def test_scripted_headers_win(tiny, client):
    """Headers of the fault are sent as they are."""
    headers = {"content-type": "application/problem+json", "Retry-After": "7"}
    tiny.faults.add(Fault("answer", status=429, headers=headers, body={}))
    answer = client.call("myself")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "7"


def test_reset_happens_before_anything_is_done(tiny, client):
    """The connection is reset (RST, not closed) and the operation was not called."""
    tiny.faults.add(Fault("reset"))
    with pytest.raises(ConnectionResetError):
        client.call("issue", "POST", body={})
    assert tiny.site.acts == 0
    assert tiny.requests[-1].status is None


def test_lost_answer_happens_after_it_is_done(tiny, client):
    """The operation was called once, and the client gets a reset instead of the answer."""
    tiny.faults.add(Fault("lost_answer"))
    with pytest.raises(ConnectionResetError):
        client.call("issue", "POST", body={})
    assert tiny.site.acts == 1
    assert tiny.requests[-1].status is None


def test_late_failure_is_told_after_it_is_done(tiny, client):
    """The operation was called, and the client is told that the service is unavailable."""
    tiny.faults.add(Fault("late_failure", body="Service Unavailable"))
    answer = client.call("issue", "POST", body={})
    assert (answer.status, answer.body, tiny.site.acts) == (503, b"Service Unavailable", 1)


def test_duplicate_acts_twice_and_answers_the_second(tiny, client):
    """A replaying proxy makes two of one request."""
    tiny.faults.add(Fault("duplicate"))
    assert client.call("issue", "POST", body={}).json()["key"] == "OPS-2"
    assert tiny.site.acts == 2
    assert len(tiny.requests) == 1


def test_slow_answer_waits(tiny, client):
    """The answer is right, but late."""
    tiny.faults.add(Fault("slow", delay_seconds=0.05))
    began = time.monotonic()
    assert client.call("myself").status == 200
    assert time.monotonic() - began >= 0.05


def test_truncated_answer_announces_more_than_it_sends(tiny, client):
    """Content-Length is the whole body's, half of it comes, then the connection is closed."""
    tiny.faults.add(Fault("truncate"))
    with pytest.raises(http.client.IncompleteRead) as caught:
        client.call("myself")
    assert caught.value.partial.startswith(b'{"path"')
    assert abs(len(caught.value.partial) - caught.value.expected) <= 1
    assert tiny.site.acts == 1


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}])
def test_cut_json_is_well_framed_but_no_json(tiny, client, headers):
    """The length is right, the text ends in the middle; compression does not hide that."""
    tiny.faults.add(Fault("cut_json"))
    answer = client.call("project/search", headers=headers)
    text = gzip.decompress(answer.body) if headers else answer.body
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert text.decode().startswith('{"values":[')
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_empty_answer_is_200_without_a_body(tiny, client):
    """The operation was done, and the answer says nothing."""
    tiny.faults.add(Fault("empty"))
    answer = client.call("issue", "POST", body={})
    assert (answer.status, answer.body, tiny.site.acts) == (200, b"", 1)


def test_html_answer_is_a_login_page(tiny, client):
    """The operation was done, and a page comes with 200."""
    tiny.faults.add(Fault("html"))
    answer = client.call("myself")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_times_and_after_count_matching_requests_only(tiny, client):
    """`after` lets that many matching requests through, `times` meets that many; others do not count."""
    tiny.faults.add(Fault("answer", path="/myself", after=1, times=2, status=500))
    paths = ("myself", "issue/OPS-1", "myself", "myself", "myself")
    assert [client.call(path).status for path in paths] == [200, 200, 500, 500, 200]
    assert tiny.faults.pending == []


def test_fault_without_times_stays_until_cleared(tiny, client):
    """`times=None` meets every request; clear lifts it."""
    tiny.faults.add(Fault("answer", times=None, status=500))
    assert [client.call("myself").status for _ in range(3)] == [500] * 3
    assert len(tiny.faults.pending) == 1
    tiny.faults.clear()
    assert client.call("myself").status == 200


def test_first_fault_that_fits_is_met(tiny, client):
    """Faults are met in the order in which they were added, each in its turn."""
    tiny.faults.add(Fault("answer", status=500), Fault("answer", status=502))
    assert [client.call("myself").status for _ in range(3)] == [500, 502, 200]


def test_method_narrows_a_fault(tiny, client):
    """A fault for POST does not meet GET."""
    tiny.faults.add(Fault("answer", method="post", status=500))
    assert client.call("issue/OPS-1").status == 200
    assert client.call("issue", "POST", body={}).status == 500


def test_faults_meet_the_authorization_server_too(tiny, client):
    """A token request can be lost after the refresh token was rotated."""
    tiny.faults.add(Fault("lost_answer", path="^/oauth/token$"))
    with pytest.raises(ConnectionResetError):
        client.refresh()
    assert tiny.authorization.refreshes == 1
    assert client.refresh().status == 200


def test_probability_is_repeatable(tiny, client):
    """The same dice roll after every reset."""
    rolls = []
    for _ in range(2):
        tiny.faults.clear()
        tiny.faults.add(Fault("answer", times=None, status=500, probability=0.5))
        rolls.append([send(f"{tiny.api_url}/me").status for _ in range(20)])
    assert rolls[0] == rolls[1]
    assert set(rolls[0]) == {500, 401}


def test_request_before_a_scripted_retry_after_is_noted(tiny, client):
    """A request that matches before the announced wait has passed is marked; after it, it is not."""
    tiny.faults.add(Fault("answer", path="/myself", status=429, headers={"retry-after": "5"}))
    for path in ("myself", "myself", "issue/OPS-1"):
        client.call(path)
    tiny.clock.advance(5)
    client.call("myself")
    assert [entry.closed_window for entry in tiny.requests] == [False, True, False, False]


def test_unavailability_is_no_closed_window(tiny, client):
    """A 503 asks to wait, but requests that come earlier are not counted as sent into a closed window."""
    tiny.faults.add(Fault("answer", status=503, headers={"Retry-After": "5"}))
    assert [client.call("myself").status for _ in range(2)] == [503, 200]
    assert [entry.closed_window for entry in tiny.requests] == [False, False]


def test_a_scripted_refusal_closes_its_endpoint_only(tiny, client):
    """A fault for all paths that answers 429 closes the endpoint that it met, not those that it might have met."""
    tiny.faults.add(Fault("answer", status=429, headers={"Retry-After": "5"}))
    for path in ("issue/OPS-1", "myself", "issue/OPS-2"):
        client.call(path)
    assert [entry.closed_window for entry in tiny.requests] == [False, False, True]


def test_faults_combine(tiny, client):
    """Several faults by chance meet about as many requests as they say, and each does its own."""
    chance = {"times": None, "probability": 0.1, "path": "/project/search"}
    tiny.faults.add(
        Fault("answer", status=503, headers={"Retry-After": "1"}, **chance),
        Fault("answer", status=503, **chance),
        *(Fault(kind, **chance) for kind in ("reset", "lost_answer", "truncate", "cut_json", "slow")),
    )
    tiny.limits.off()
    for _ in range(400):
        with contextlib.suppress(ConnectionError, http.client.IncompleteRead):
            client.call("project/search")
    met = Counter(entry.fault for entry in tiny.requests)
    assert set(met) == {None, "answer", "reset", "lost_answer", "truncate", "cut_json", "slow"}
    assert 150 <= met[None] <= 230  # 0.9 ** 7 = 48 % of 400
    assert all(10 <= met[kind] <= 60 for kind in ("reset", "lost_answer", "truncate", "cut_json", "slow"))
    assert not any(entry.closed_window for entry in tiny.requests)
    assert tiny.site.acts == 400 - met["answer"] - met["reset"]


def test_unknown_kind_and_bad_pattern_are_refused():
    """A fault that could never work is not accepted."""
    with pytest.raises(ValueError, match="unknown kind of fault 'explode'"):
        Fault("explode")
    with pytest.raises(ValueError, match="path is no regular expression"):
        Fault("reset", path="(")
