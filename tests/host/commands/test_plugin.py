from __future__ import annotations

import json

import pytest


def test_plugins_are_listed_with_their_state(command, host):
    """Loaded and disabled plugins are told apart."""
    host.settings.set_enabled("other", enabled=False)
    rows = json.loads(command("plugins", "list", "--format", "json").stdout)
    states = {row["name"]: row["state"] for row in rows}
    assert (states["echo"], states["host"], states["other"]) == ("enabled", "enabled", "disabled")


def test_a_plugin_can_be_switched_off_and_on(command, host):
    """The switch is kept; an unknown plugin is wrong use."""
    assert command("plugins", "disable", "echo").exit_code == 0
    assert host.settings.disabled() == {"echo"}
    assert command("run", "say", "--credential", "c1").exit_code == 2
    assert command("plugins", "enable", "echo").exit_code == 0
    assert command("run", "say", "--credential", "c1", "--input", "text=x").exit_code == 0
    assert command("plugins", "disable", "nope").exit_code == 2
    assert command("plugins", "disable", "host").exit_code == 2


def test_settings_are_set_by_the_plugins_schema(command, host):
    """Values are typed, kept, shown, and taken back."""
    result = command("plugins", "settings", "echo", "--set", "loud=true", "--set", "voice=5", "--format", "json")
    assert json.loads(result.stdout) == host.settings.settings("echo") == {"loud": True, "voice": "5"}
    assert command("plugins", "settings", "echo", "--unset", "loud").exit_code == 0
    assert host.settings.settings("echo") == {"voice": "5"}


@pytest.mark.parametrize("text", ["colour=red", "accessToken=CANARY", "clientSecret=CANARY"])
def test_unknown_settings_and_secrets_are_refused(command, host, text):
    """Nothing is kept, and no value is repeated."""
    result = command("plugins", "settings", "echo", "--set", text)
    assert result.exit_code == 2
    assert "CANARY" not in result.output
    assert host.settings.settings("echo") == {}
