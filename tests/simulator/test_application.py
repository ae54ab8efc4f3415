from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.simulator.tiny_jira import TINY_ROUTES, Client, send, tiny_sites
from vantage_jira_plugin.simulator import Fault, Simulator


def test_hosts_do_not_know_each_others_paths(tiny, client):
    """A token cannot be asked for at the API host, nor Jira be called at the authorization server."""
    body = {"grant_type": "refresh_token", "refresh_token": client.grant["refresh_token"]}
    assert send(f"{tiny.api_url}/oauth/token", "POST", body=body).status == 404
    assert send(f"{tiny.auth_url}/oauth/token/accessible-resources").status == 404
    assert [entry.host for entry in tiny.requests] == ["api", "auth"]


def test_trace_ids_differ_per_request(client):
    """No two answers have the same trace id."""
    traces = {client.call("myself").headers["atl-traceid"] for _ in range(3)}
    assert len(traces) == 3


def test_control_requests_are_neither_logged_nor_met_by_faults(tiny):
    """The simulator's own paths stay out of what a test looks at."""
    tiny.faults.add(Fault("answer", times=None, status=500))
    assert send(f"{tiny.api_url}/_simulator/app").status == 200
    assert tiny.requests == []


def test_bug_of_the_simulator_shows_as_500(capfd):
    """An operation that fails is answered with 500, logged so, and told on standard error."""
    with Simulator(sites=tiny_sites, routes=TINY_ROUTES) as simulator:
        answer = Client(simulator).call("broken")
        assert (answer.status, answer.body) == (500, b"the simulator failed")
        assert simulator.requests[-1].status == 500
    assert "ZeroDivisionError" in capfd.readouterr().err  # close waited for the thread that tells it


def test_status_of_a_spoilt_answer_is_logged(tiny, client):
    """Where an answer was begun, the log has its status."""
    tiny.faults.add(Fault("truncate"))
    with pytest.raises(http.client.IncompleteRead):
        client.call("issue/OPS-1")
    assert tiny.requests[-1].status == 200


def test_a_slow_site_is_slow_for_each_request_alone(tiny, client):
    """With a latency, answers of sites come at least that late, requests side by side do not wait for each other."""
    tiny.gateway.latency_seconds = 0.2
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: client.call("myself").status, range(16)))
    assert statuses == [200] * 16
    assert 0.2 <= time.monotonic() - began < 2.0  # one after the other they would take 3.2
    tiny.gateway.latency_seconds = 60.0  # longer than the client waits: what is not the site's does not take it
    assert client.refresh().status == 200
    assert send(f"{tiny.api_url}/_simulator/app").status == 200


def test_log_names_the_operation(tiny, client):
    """The log has the template that was matched, own paths as they are, and one name for all that is unknown."""
    for path, method in (("issue/OPS-1", "GET"), ("issue/OPS-1", "PUT"), ("issue/OPS-1", "PATCH"), ("nope", "GET")):
        client.call(path, method, body=None if method == "GET" else {})
    client.refresh()
    send(f"{tiny.api_url}/me")
    send(f"{tiny.auth_url}/me")
    assert [entry.operation for entry in tiny.requests] == [
        "GET /rest/api/3/issue/{issueIdOrKey}",
        "PUT /rest/api/3/issue/{issueIdOrKey}",
        "PATCH (unknown)",
        "GET (unknown)",
        "POST /oauth/token",
        "GET /me",
        "GET (unknown)",
    ]
