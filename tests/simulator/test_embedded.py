from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import pytest

from tests.simulator.tiny_jira import FIRST, TINY_ROUTES, Client, send, tiny_sites
from vantage_jira_plugin.simulator import Fault, Simulator
from vantage_jira_plugin.simulator.scopes import DEFAULT_SCOPES


def test_two_hosts_on_two_ports(tiny):
    """The authorization server and the API have bases of their own, without a slash at the end."""
    assert tiny.auth_url != tiny.api_url
    for url in (tiny.auth_url, tiny.api_url):
        assert url.startswith("http://127.0.0.1:")
        assert not url.endswith("/")


def test_grant_takes_scopes_as_text_or_names(tiny):
    """A grant without words has the default scopes, else those given."""
    assert frozenset(tiny.grant()["scope"].split()) == DEFAULT_SCOPES
    assert tiny.grant(scopes=["read:jira-work"])["scope"] == "read:jira-work"
    grant = tiny.grant("712020:grace", "read:jira-work", [tiny.site])
    family = tiny.authorization.families[-1]
    assert "refresh_token" not in grant
    assert (family.account_id, family.cloud_ids) == ("712020:grace", {FIRST})


def test_requests_can_be_picked(tiny, client):
    """Requests to a path and those below it, and those to the token endpoint."""
    client.call("issue", "POST", body={})
    client.call("issue/OPS-1")
    client.call("myself")
    client.refresh()
    assert [entry.method for entry in tiny.requests_to("/rest/api/3/issue")] == ["POST", "GET"]
    assert [entry.status for entry in tiny.token_requests] == [200]


def test_reset_brings_everything_back(tiny, client):
    """Clock, faults, limits, tokens, sites, knobs and log are as at the start."""
    old_site = tiny.site
    tiny.clock.advance(100)
    tiny.faults.add(Fault("reset", times=None))
    tiny.limits.off()
    tiny.access_token_seconds = 5
    tiny.expired_token_status = 404
    tiny.auto_consent = True
    tiny.reset()
    assert tiny.site is not old_site
    assert tiny.clock.offset_seconds == 0
    assert client.call("myself").status == 401
    assert [entry.status for entry in tiny.requests] == [401]
    assert (tiny.access_token_seconds, tiny.expired_token_status, tiny.auto_consent) == (3600, 401, False)
    assert Client(tiny).call("myself").headers["x-ratelimit-limit"] == "350"


def test_reset_is_cheap(tiny):
    """A reset takes a few milliseconds at most, as every test pays for it."""
    began = time.perf_counter()
    for _ in range(20):
        tiny.reset()
    assert (time.perf_counter() - began) / 20 < 0.02


def test_wrong_expired_status_is_refused(tiny):
    """Only what was seen in the wild can be set."""
    with pytest.raises(ValueError, match="401, 403, 404"):
        tiny.expired_token_status = 500


def test_options_survive_a_reset():
    """What the constructor was told holds after a reset, too."""
    with Simulator(sites=tiny_sites, routes=TINY_ROUTES, auto_consent=True, access_token_seconds=9) as simulator:
        simulator.access_token_seconds = 1
        simulator.auto_consent = False
        simulator.reset()
        assert (simulator.access_token_seconds, simulator.auto_consent) == (9, True)
        assert simulator.grant()["expires_in"] == 9


def test_taken_port_leaves_nothing_behind(tiny):
    """Where the second port is taken, the first is given back."""
    taken = int(tiny.auth_url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        Simulator(sites=tiny_sites, routes=TINY_ROUTES, auth_port=taken)


def test_demo_sites_are_served_by_default():
    """Without further words the simulator has the demonstration's site and all of Jira's operations."""
    with Simulator() as simulator:
        client = Client(simulator)
        cloud_id = simulator.site.cloud_id
        myself = client.call("myself", cloud_id=cloud_id).json()
        assert myself["accountId"] == simulator.site.default_account_id
        assert client.call("project/search", cloud_id=cloud_id).json()["values"]
        began = time.perf_counter()
        simulator.reset()
        assert simulator.site.cloud_id == cloud_id
        assert time.perf_counter() - began < 0.02


def test_answers_are_dated_by_the_simulators_clock(tiny, client):
    """`Date` jumps with the clock, on both hosts, so that it agrees with other times in headers."""
    tiny.clock.advance(30 * 86_400)
    for url in (tiny.api_url, tiny.auth_url):
        dated = parsedate_to_datetime(send(f"{url}/nope").headers["date"]).timestamp()
        assert dated == pytest.approx(tiny.clock(), abs=5)
