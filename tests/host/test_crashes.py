"""A worker that dies or hangs in a refresh leaves a login that works: the real host, plugin and simulator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.host.conftest import REPOSITORY
from tests.host.crashing import CREDENTIAL_ID, POINTS
from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.simulator.faults import Fault

#: Of these points the new token reaches the store; at the others the old one has to be exchanged again.
SAVED = ("after-saving",)
#: Points at which the token endpoint has not been asked yet.
NOT_SENT = ("while-noting", "before-sending")


@pytest.fixture
def environ(tmp_path, database_url, sim):
    """A host with an expired access token and a good refresh token, on either kind of database."""
    environ = {
        "VANTAGE_HOME": str(tmp_path / "home"),
        "VANTAGE_DATABASE_URL": database_url,
        "VANTAGE_JIRA_AUTH_URL": sim.auth_url,
        "VANTAGE_JIRA_API_URL": sim.api_url,
        "VANTAGE_JIRA_CLIENT_SECRET": sim.client_secret,
    }
    host = Host.open(environ)
    host.credentials.register(CREDENTIAL_ID, connector="jira", service_id="s", client_id=sim.client_id)
    grant = sim.grant()
    record = {"accessToken": grant["access_token"], "refreshToken": grant["refresh_token"], "cloudId": None}
    with host.credentials.exclusive(CREDENTIAL_ID, timeout_seconds=1) as transaction:
        transaction.save({**record, "tokenExpiry": "2026-01-01T00:00:00.000Z"})
    host.close()
    return environ


def start(environ, *arguments):
    """Start a worker."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.host.crashing", *arguments],
        env={**os.environ, **environ},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


def check_that_the_next_worker_goes_on(environ, sim):
    """The next worker answers, and so does one after the reuse interval: the newest token is in the store."""
    for seconds in (0, 4000):
        sim.clock.advance(seconds)  # an hour: the access token expires, and no spent refresh token works any more
        worker = start(environ)
        envelope = json.loads(worker.communicate(timeout=60)[0])
        assert envelope["output1"]["data"][0]["key"] == "DEV-1"
    assert sim.authorization.replays == 0
    assert [family.revoked for family in sim.authorization.families] == [False]


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_a_point_of_a_refresh_costs_nobody_the_login(environ, sim, point):
    """Whatever was sent, received or saved, the next worker has a working token."""
    worker = start(environ, point)
    output, _ = worker.communicate(timeout=60)
    assert (worker.returncode, output) == (-signal.SIGKILL, "")
    assert sim.authorization.refreshes == (0 if point in NOT_SENT else 1)
    check_that_the_next_worker_goes_on(environ, sim)
    assert sim.authorization.reuses == (0 if point in (*NOT_SENT, *SAVED) else 1)


def test_a_worker_killed_while_it_waits_for_the_answer_costs_nobody_the_login(environ, sim):
    """The token was exchanged, and the answer came to nobody."""
    sim.faults.add(Fault("slow", path="^/oauth/token$", delay_seconds=60))
    worker = start(environ)
    while not sim.authorization.refreshes:
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=60)
    check_that_the_next_worker_goes_on(environ, sim)
    assert sim.authorization.reuses == 1


def test_a_lost_answer_is_asked_for_again_by_the_same_worker(environ, sim):
    """The connection breaks after the exchange: the worker itself exchanges the token once more."""
    sim.faults.add(Fault("lost_answer", path="^/oauth/token$"))
    check_that_the_next_worker_goes_on(environ, sim)
    assert sim.authorization.reuses == 1


def test_a_worker_that_hangs_costs_the_others_a_clear_error_and_no_login(environ, sim):
    """Waiting for the credential ends with `credential_store` when the caller's time is up."""
    hanging, waiting = Host.open(environ), Host.open(environ)
    link = waiting.link(CREDENTIAL_ID)
    with hanging.credentials.exclusive(CREDENTIAL_ID, timeout_seconds=5):
        error = link.execute("getIssue", {"issueKey": "DEV-1"}, {"timeoutSeconds": 0.2})["error"]
    assert (error["code"], error["retryable"]) == ("credential_store", True)
    assert "in time" in error["message"]
    assert not sim.token_requests
    assert "error" not in link.execute("getIssue", {"issueKey": "DEV-1"}, {})
    hanging.close()
    waiting.close()
