from __future__ import annotations

import pytest

from vantage_jira_plugin.host.application import EMPTY_RECORD
from vantage_jira_plugin.host.errors import HostError


def test_settings_are_the_administrators_and_the_credentials(host):
    """A plugin gets the admin's settings, the credential's over them, and the four names of the credential."""
    host.settings.set_settings("echo", {"voice": "low", "loud": True})
    host.credentials.set_settings("c1", {"voice": "high"})
    assert host.link("c1").connection.settings == {
        "voice": "high",
        "loud": True,
        "encryptedRecord": EMPTY_RECORD,
        "serviceId": "s1",
        "clientId": "app1",
        "credentialId": "c1",
    }


def test_a_stored_record_travels_sealed(host):
    """The plugin gets the sealed text, which its services open."""
    with host.credentials.exclusive("c1", timeout_seconds=1) as transaction:
        transaction.save({"accessToken": "CANARY"})
    link = host.link("c1")
    sealed = link.connection.settings["encryptedRecord"]
    assert sealed.startswith("vantage1.")
    assert link.connection.services.open_record(sealed) == {"accessToken": "CANARY"}
    assert "CANARY" not in repr(link)


def test_an_unknown_credential_is_answered_with_the_known_ones(host):
    """The error lists what is stored and says how to connect."""
    with pytest.raises(HostError, match="no credential 'c2'; known: c1") as caught:
        host.link("c2")
    assert "connect --credential c2" in caught.value.hint
