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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "loud=yes"], "loud: must be true or false"),
        (["--set", "loud=1"], "loud: must be true or false"),
        (["--set", "voice="], "--unset voice"),
        (["--set", "noequals"], "a setting is written name=value"),
        (["--set", "voice=none"], "voice: must not be none"),
        (["--set", "voice=a", "--unset", "voice"], "name the same setting: voice"),
        (["--set", "voice=a", "--set", "voice=b"], "setting 'voice' is given twice"),
        (["--unset", "colour"], "there is no setting colour"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(command, host, arguments, words):
    """The schema's types and the plugin itself decide; the words name the setting, and nothing is kept."""
    host.settings.set_settings("echo", {"loud": False})
    result = command("plugins", "settings", "echo", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert host.settings.settings("echo") == {"loud": False}


def test_a_refused_setting_is_json_where_json_was_asked_for(command):
    """Programs get the fields and the plugin's hint."""
    result = command("plugins", "settings", "echo", "--set", "voice=none", "--format", "json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, result.stderr, error["code"]) == (2, "", "wrong_use")
    assert (error["errors"], error["hint"]) == ({"voice": ["must not be none"]}, "pick another")


def test_a_setting_can_be_changed_beside_one_that_is_wrong(command, host):
    """What the plugin says of a setting that was kept before does not stop another."""
    host.settings.set_settings("echo", {"voice": "none"})
    assert command("plugins", "settings", "echo", "--set", "loud=true").exit_code == 0
    assert command("plugins", "settings", "echo", "--unset", "voice").exit_code == 0
    assert host.settings.settings("echo") == {"loud": True}


def test_the_real_plugin_names_what_a_setting_may_have_meant(command):
    """An unknown name is told by the plugin, with the nearest one."""
    wrong = command("plugins", "settings", "jira", "--set", "readonly=true")
    assert wrong.exit_code == 2
    assert "readOnly" in wrong.stderr
    assert command("plugins", "settings", "jira", "--set", "readOnly=true").exit_code == 0


def test_an_empty_list_and_null_look_different(command, host):
    """People see values as JSON, so that text, lists and null are told apart."""
    host.settings.set_settings("echo", {"a": [], "b": None, "c": "null", "d": 5, "e": "5"})
    lines = command("plugins", "settings", "echo").stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["a", "[]"],
        ["b", "null"],
        ["c", '"null"'],
        ["d", "5"],
        ["e", '"5"'],
    ]


def test_where_nothing_is_set_it_says_what_can_be(command):
    """An empty table alone would leave open which settings there are."""
    said = "nothing is set; vantage-jira manifest echo lists the settings with their defaults\n"
    assert command("plugins", "settings", "echo").stderr == said
    assert command("plugins", "settings", "echo", "--format", "json").stderr == ""


@pytest.mark.parametrize("text", ["colour=red", "accessToken=CANARY", "clientSecret=CANARY"])
def test_unknown_settings_and_secrets_are_refused(command, host, text):
    """Nothing is kept, and no value is repeated."""
    result = command("plugins", "settings", "echo", "--set", text)
    assert result.exit_code == 2
    assert "CANARY" not in result.output
    assert host.settings.settings("echo") == {}
