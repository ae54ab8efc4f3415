"""What other connectors got wrong about logins and sites: one named test for each failure.

Each test names the public issue (owner/repository#number) whose failure must not happen here.
"""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vantage_jira_plugin.simulator import Fault, Simulator
from vantage_jira_plugin.simulator.seed import demo_sites, second_site

_HOUR = 3600
_ISSUE = {"issueKey": "DEV-1", "fields": "summary"}


def _get_issue(connection):
    return connection.execute("getIssue", _ISSUE, {}, {})


@pytest.mark.parametrize("status", [401, 403, 404])
def test_n8n_37776_any_answer_to_an_expired_token_renews_it(connect, sim, status):
    """n8n-io/n8n#37776: the gateway answers 403 or 404 instead of 401, and the token was never refreshed."""
    sim.expired_token_status = status
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    assert "output1" in _get_issue(connection)


def test_posthog_49714_the_rotated_refresh_token_is_kept(connect, sim):
    """PostHog/posthog#49714: the new refresh token was thrown away, so that the next refresh failed."""
    connection = connect()
    for _ in range(5):
        sim.clock.advance(2 * _HOUR)
        assert "output1" in _get_issue(connection)
    used = [json.loads(entry.body)["refresh_token"] for entry in sim.token_requests]
    assert len(set(used)) == 5
    assert sim.authorization.replays == 0


def test_tap_jira_77_consumers_of_one_grant_do_not_end_each_others(connect, sim):
    """singer-io/tap-jira#77: one tool's refresh invalidated the grant of every other consumer of the token."""
    grant = sim.grant()
    first, second = connect(grant=grant), connect(grant=grant)
    first.authenticate()
    for _ in range(4):
        sim.clock.advance(2 * _HOUR)
        assert "output1" in _get_issue(first)
        assert "output1" in _get_issue(second)
    assert len(sim.token_requests) == 4
    assert sim.authorization.replays == 0


def test_cometline_80_racing_refreshes_revoke_nothing_and_wipe_nothing(connect, sim, services):
    """Cometline/cometline#80: two refreshed at once, the family was revoked, the loser wiped the winner's."""
    grant = sim.grant()
    workers = [connect(grant=grant) for _ in range(6)]
    workers[0].authenticate()
    sim.clock.advance(2 * _HOUR)
    start = threading.Barrier(len(workers))

    def call(connection):
        start.wait()
        return _get_issue(connection)

    with ThreadPoolExecutor(len(workers)) as pool:
        assert all("output1" in envelope for envelope in pool.map(call, workers))
    assert len(sim.token_requests) == 1
    assert services.credentials.records["credential_123456"]["refreshToken"] != grant["refresh_token"]
    sim.clock.advance(2 * _HOUR)
    assert "output1" in _get_issue(workers[-1])


def test_airbyte_38926_a_refused_login_is_never_an_empty_table(connect, sim):
    """airbytehq/airbyte#38926: 401, and yet the sync ended as a success with no records."""
    connection = connect()
    sim.faults.add(Fault("answer", path="/search/jql", status=401, body={"code": 401, "message": "no"}, times=None))
    envelope = connection.execute("searchIssues", {"jql": "project = DEV"}, {}, {})
    assert envelope["error"]["code"] == "reconnect"
    assert "output1" not in envelope


def test_devlake_7758_the_end_of_a_grant_is_told_beforehand(connect, sim):
    """apache/incubator-devlake#7758: users want a warning before a login ends."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    assert connection.authenticate()["grantExpiry"] is not None
    without = connect(grant=sim.grant(scopes=["read:jira-work", "read:jira-user"]), credentialId="other")
    assert "offline_access" in without.authenticate()["warnings"][0]


def test_jirametrics_74_calls_go_through_the_gateway(connect, sim):
    """mikebowler/jirametrics#74: tokens work on the gateway only; the site's own address says just 401."""
    _get_issue(connect())
    jira = [entry for entry in sim.requests if "/rest/" in entry.path]
    assert jira
    assert all(entry.path.startswith(f"/ex/jira/{sim.site.cloud_id}/rest/") for entry in jira)


def test_pipedream_20210_the_missing_scope_is_named(connect, sim):
    """PipedreamHQ/pipedream#20210: "scope does not match", and no word about which scope or what needs it."""
    connection = connect(grant=sim.grant(scopes=["read:jira-work", "read:jira-user", "offline_access"]))
    envelope = connection.execute("addComment", {"issueKey": "DEV-1", "body": "x"}, {}, {})
    error = envelope["error"]
    assert error["code"] == "scope_missing"
    assert "write:jira-work" in error["hint"]
    doctor = {action["name"]: action for action in connection.authenticate()["actions"]}
    assert doctor["addComment"] == {"name": "addComment", "usable": False, "missingScopes": ["write:jira-work"]}
    assert doctor["getIssue"]["usable"] is True


def test_pipedream_4858_the_first_site_is_never_taken(connect, services):
    """PipedreamHQ/pipedream#4858: the first accessible resource was taken although the login reaches several."""
    with Simulator(sites=lambda clock: [*demo_sites(clock), second_site(clock)]) as sim:
        services.auth_url, services.api_url, services.secret = sim.auth_url, sim.api_url, sim.client_secret
        connection = connect(grant=sim.grant())
        answer = connection.authenticate()
        assert answer["status"] == "choose_site"
        assert len(answer["sites"]) == 2
        assert _get_issue(connection)["error"]["code"] == "choose_site"
        assert not any("/rest/api/3/issue" in entry.path for entry in sim.requests)
        chosen = connect(grant=sim.grant(), siteUrl=sim.sites[1].url, credentialId="chosen").authenticate()
        assert chosen["siteUrl"] == sim.sites[1].url
