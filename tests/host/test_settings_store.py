from __future__ import annotations

import pytest

from vantage_jira_plugin.host.errors import HostError


def test_a_plugin_is_enabled_and_without_settings_at_first(host):
    """What nobody has touched needs no row."""
    assert host.settings.disabled() == frozenset()
    assert host.settings.settings("echo") == {}


def test_switching_off_keeps_the_settings(host):
    """The flag and the settings do not touch each other."""
    host.settings.set_settings("echo", {"voice": "low"})
    host.settings.set_enabled("echo", enabled=False)
    assert (host.settings.disabled(), host.settings.settings("echo")) == ({"echo"}, {"voice": "low"})
    host.settings.set_enabled("echo", enabled=True)
    host.settings.set_settings("echo", {})
    assert (host.settings.disabled(), host.settings.settings("echo")) == (frozenset(), {})


@pytest.mark.parametrize(
    "name", ["clientSecret", "accessToken", "refresh_token", "API_KEY", "password", "encryptedRecord", "clientId"]
)
def test_secrets_and_what_belongs_to_one_credential_are_refused(host, name):
    """No secret gets into the settings, on any level; the error names the setting, not the value."""
    for settings in ({name: "CANARY"}, {"deep": [{name: "CANARY"}]}):
        with pytest.raises(HostError, match=name) as caught:
            host.settings.set_settings("echo", settings)
        assert "CANARY" not in str(caught.value)
    assert host.settings.settings("echo") == {}
