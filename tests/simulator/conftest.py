"""One simulator of the tiny sites per process, brought back to the start for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clockhour import EARLY_SECOND, advance_to
from tests.simulator.tiny_jira import TINY_ROUTES, Client, tiny_sites
from vantage_jira_plugin.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def running_tiny() -> Iterator[Simulator]:
    """Run a simulator of the tiny sites."""
    with Simulator(sites=tiny_sites, routes=TINY_ROUTES) as simulator:
        yield simulator


@pytest.fixture
def tiny(running_tiny: Simulator) -> Simulator:
    """Return the simulator of the tiny sites, as at the start but early in an hour, so that none ends in a test."""
    running_tiny.reset()
    advance_to(running_tiny.clock, EARLY_SECOND)
    return running_tiny


@pytest.fixture
def client(tiny: Simulator) -> Client:
    """Return an app that was granted the default scopes on both sites."""
    return Client(tiny)
