"""Keyed writes on both kinds of host: with a shared state, and with credential records alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.memoryhost import settings_for
from tests.sharedstate import MemoryShared
from tests.writing.keyed import Keyed
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(params=["record", "shared"])
def host(request, services):
    """A host that gives a shared state, and one that gives no more than the contract demands."""
    if request.param == "shared":
        services.shared = MemoryShared()
    return services


@pytest.fixture
def keyed(host, connect, sim):
    """Keyed writes on one connection whose login and site are known."""
    connection = connect()
    connection.authenticate()
    return Keyed(connection, sim)


@pytest.fixture
def another(host, connect, sim, keyed) -> Callable[[], Keyed]:
    """Return a function that makes another connection of the same login, as another worker has it."""
    return lambda: Keyed(connect(), sim)


@pytest.fixture
def at_once(host, services, sim, keyed) -> Callable[[], Keyed]:
    """Return a function that makes connections for threads: their waits let others run, and skip no time."""

    def make() -> Keyed:
        raw: dict[str, Any] = settings_for(None, sim.client_id)
        settings = load_settings(raw, services.open_record)
        connection = Connection(settings, services, sleep=lambda _: time.sleep(0.002), clock=sim.clock)
        return Keyed(connection, sim)

    return make
