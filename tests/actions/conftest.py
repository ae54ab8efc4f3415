"""One connection for the tests that must send nothing."""

from __future__ import annotations

import pytest

from tests.memoryhost import MemoryServices, settings_for
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings


@pytest.fixture(scope="module")
def shared_connection(_simulator):
    """A connection of the whole module and the simulator it must not call."""
    services = MemoryServices(_simulator.auth_url, _simulator.api_url, secret=_simulator.client_secret)
    raw = settings_for(_simulator.grant(), _simulator.client_id)
    return Connection(load_settings(raw, services.open_record), services), _simulator
