from __future__ import annotations

import pytest

from tests.memoryhost import MemoryServices
from tests.sharedstate import MemoryShared
from vantage_jira_plugin.errors import CredentialStoreError, ReconnectError
from vantage_jira_plugin.shared import shared_state


@pytest.fixture
def services():
    """A host that gives no more than it must."""
    return MemoryServices("http://auth", "http://api")


def test_a_host_without_it_shares_nothing(services):
    """The attribute is optional, and may be None."""
    assert shared_state(services) is None
    services.shared = None
    assert shared_state(services) is None


def test_the_hosts_state_is_passed_through(services):
    """What is read and replaced is the host's."""
    services.shared = MemoryShared()
    shared = shared_state(services)
    assert shared.read(["a"]) == {}
    assert shared.replace("a", {"x": 1}, version=0, keep_seconds=5)
    assert not shared.replace("a", {"x": 2}, version=0, keep_seconds=5)
    assert shared.read(["a", "b"])["a"].value == {"x": 1}


@pytest.mark.parametrize(("call", "step"), [("read", "read"), ("replace", "written")])
def test_a_failure_of_the_host_is_the_stores(services, call, step):
    """Whatever the host raises says which step failed, and keeps the cause out of the message."""

    class Broken:
        def read(self, names):
            raise OSError("password=hunter2")

        def replace(self, name, value, *, version, keep_seconds):
            raise OSError("password=hunter2")

    services.shared = Broken()
    shared = shared_state(services)
    with pytest.raises(CredentialStoreError, match=rf"could not be {step} \(OSError\)") as caught:
        shared.read(["a"]) if call == "read" else shared.replace("a", {}, version=0, keep_seconds=1)
    assert isinstance(caught.value.__cause__, OSError)
    assert "hunter2" not in caught.value.message


def test_the_plugins_own_errors_stay_what_they_are(services):
    """A host that raises the contract's errors is understood."""

    class Refusing:
        def read(self, names):
            raise ReconnectError("gone")

    services.shared = Refusing()
    with pytest.raises(ReconnectError):
        shared_state(services).read([])
