"""One connection for the tests that must send nothing, and issues that have a history."""

from __future__ import annotations

import pytest

from tests.actions.flowstories import FLOW, tell
from tests.memoryhost import MemoryServices, settings_for
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings


@pytest.fixture(scope="module")
def shared_connection(_simulator):
    """A connection of the whole module and the simulator it must not call."""
    services = MemoryServices(_simulator.auth_url, _simulator.api_url, secret=_simulator.client_secret)
    raw = settings_for(_simulator.grant(), _simulator.client_id)
    return Connection(load_settings(raw, services.open_record), services), _simulator


@pytest.fixture
def keys(sim):
    """Keys of issues that have a history, by their story."""
    return tell(sim)


@pytest.fixture
def table(run, keys):
    """Return a function that runs an action over these issues and returns its output."""

    def execute(action, **inputs):
        envelope = run(action, **{"jql": FLOW, "timeZone": "UTC", **inputs})
        assert "error" not in envelope, envelope
        return envelope["output1"]

    return execute
