"""What tests share: a simulator that lives for the session and is reset for each test, and a host."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.clockhour import EARLY_SECOND, advance_to
from tests.memoryhost import MemoryServices, settings_for
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings
from vantage_jira_plugin.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# How fast the machine is decides no test.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

_SHARED = Path(__file__).parents[2] / "shared" / "jira"


@pytest.fixture(scope="session")
def shared_jira() -> Path:
    """Folder of Atlassian's files and recorded payloads, which is not part of the project."""
    if not _SHARED.is_dir():
        pytest.skip("Atlassian's files and the recorded payloads are not beside the project")
    return _SHARED


@pytest.fixture(autouse=True)
def _no_files_in_memory() -> Iterator[None]:
    """Leave no export of this test for the next one."""
    yield
    if (memory := sys.modules.get("fsspec.implementations.memory")) is not None:
        memory.MemoryFileSystem.store.clear()


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def sim(_simulator: Simulator) -> Simulator:
    """A simulated Jira as it was at the start."""
    _simulator.reset()
    return _simulator


@pytest.fixture
def early_in_the_hour(sim: Simulator) -> None:
    """Move the simulator's clock, so that no hour ends in a test; to be asked for before anything connects."""
    advance_to(sim.clock, EARLY_SECOND)


@pytest.fixture
def services(sim: Simulator) -> MemoryServices:
    """A host in memory whose Atlassian is the simulator."""
    return MemoryServices(sim.auth_url, sim.api_url, secret=sim.client_secret)


@pytest.fixture
def slept() -> list[float]:
    """Seconds that connections of this test would have slept, in order."""
    return []


@pytest.fixture
def connect(sim: Simulator, services: MemoryServices, slept: list[float]) -> Callable[..., Connection]:
    """Return a function that makes a connected connection; its waits move the simulator's clock."""

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        sim.clock.advance(seconds)

    def make(*, grant: dict[str, Any] | None = None, **settings: Any) -> Connection:
        raw = settings_for(sim.grant() if grant is None else grant, sim.client_id, **settings)
        return Connection(
            load_settings(raw, services.open_record),
            services,
            sleep=sleep,
            jitter=lambda: 1.0,
            clock=sim.clock,
        )

    return make


@pytest.fixture
def run(connect: Callable[..., Connection]) -> Callable[..., Any]:
    """Return a function that runs an action on a fresh connection and returns its envelope."""
    connection = connect()

    def execute(action: str, **inputs: Any) -> Any:
        return connection.execute(action, inputs, {}, {})

    return execute
