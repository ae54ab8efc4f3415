from __future__ import annotations

import http.client

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
