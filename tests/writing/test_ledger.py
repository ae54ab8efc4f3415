from __future__ import annotations

import pytest

from tests.sharedstate import MemoryShared
from vantage_jira_plugin.errors import CredentialStoreError
from vantage_jira_plugin.operations import ADD_COMMENT, CREATE_ISSUE
from vantage_jira_plugin.writing.entry import Entry
from vantage_jira_plugin.writing.ledger import Ledger, digest_of, name_of

_ENTRY = Entry.reserved(owner="a", digest="d", place="DEV", now=1_800_000_000.0)


def test_an_entry_is_replaced_by_version():
    """Of two that have read the same, one replaces it."""
    ledger = Ledger(MemoryShared())
    assert ledger.read("w") == (None, 0)
    assert ledger.replace("w", _ENTRY, version=0)
    assert not ledger.replace("w", _ENTRY, version=0)
    entry, version = ledger.read("w")
    assert entry == _ENTRY
    assert ledger.replace("w", None, version=version)
    assert ledger.read("w") == (None, 0)


def test_names_tell_writes_apart():
    """Site, operation and key are in the name; the key is not to be read there."""
    names = {
        name_of(cloud, operation, key)
        for cloud in ("c1", "c2")
        for operation in (CREATE_ISSUE, ADD_COMMENT)
        for key in ("k", "K", "k ", "\ud800", "é")
    }
    assert len(names) == 20
    assert name_of("c1", CREATE_ISSUE, "secret plan") not in str(names)
    assert all("secret" not in name for name in names)


def test_digests_tell_inputs_apart():
    """The order of names does not matter, everything else does."""
    one = digest_of({"issueIdOrKey": "DEV-1"}, {"a": 1, "b": [1, 2]})
    assert one == digest_of({"issueIdOrKey": "DEV-1"}, {"b": [1, 2], "a": 1})
    others = {digest_of(None, {"a": 1, "b": [1, 2]}), digest_of({"issueIdOrKey": "DEV-1"}, {"a": 1, "b": [2, 1]})}
    assert len({one, *others}) == 3
    assert len(digest_of(None, {"summary": "\ud800"})) == 16


@pytest.mark.parametrize("value", [{}, {"state": "gone"}, {"state": "sending", "sentAt": None}, ["sending"], None])
def test_what_cannot_be_read_is_a_failure(value):
    """Something else under the name of a write is never taken for "nothing known"."""
    shared = MemoryShared()
    shared.replace("w", {"x": 1}, version=0, keep_seconds=1)
    shared.values["w"] = shared.values["w"]._replace(value=value)
    with pytest.raises(CredentialStoreError, match="cannot be read"):
        Ledger(shared).read("w")


def test_a_state_that_forgets_nothing_has_no_traces():
    """Only a state that makes room is asked for what it gave up."""
    ledger = Ledger(MemoryShared())
    assert (list(ledger.traces("w")), ledger.forgot_at()) == ([], None)
