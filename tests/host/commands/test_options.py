from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.host.command import vantage_jira
from vantage_jira_plugin.host.commands.options import Setup, with_own_hint


def test_a_host_is_opened_on_first_use_only(environ, tmp_path):
    """Commands that need no database make no home folder."""
    setup = Setup(environ=environ)
    assert not (tmp_path / "home").exists()
    assert setup.host is setup.host
    assert (tmp_path / "home").is_dir()


def test_a_host_is_closed_with_its_command(environ, monkeypatch):
    """No connection stays open behind a command, and one that opened no host closes none."""
    closed = []

    def close(host):
        closed.append(host)

    monkeypatch.setattr(Host, "close", close)
    setup = Setup(environ=environ)
    for arguments in (["simulator", "--help"], ["credential", "list"]):
        assert CliRunner().invoke(vantage_jira, arguments, obj=setup).exit_code == 0
        assert len(closed) == (arguments == ["credential", "list"])
    assert setup.host not in closed


def test_what_is_wrong_with_the_environment_is_told_in_words(bare_command, environ):
    """A broken environment is wrong use, without a traceback or the secret in it."""
    environ["VANTAGE_RECORD_KEYS"] = "CANARY"
    result = bare_command("credential", "list")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("vantage-jira: VANTAGE_RECORD_KEYS: ")
    assert "CANARY" not in result.output


def test_a_database_that_cannot_be_used_is_a_failure(bare_command, environ, tmp_path):
    """A damaged database ends in words."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "vantage.db").write_text("x" * 5000, encoding="ascii")
    result = bare_command("credential", "list")
    assert result.exit_code == 1
    assert "the host's database cannot be used" in result.stderr


def test_failures_of_the_host_are_json_where_json_was_asked_for(bare_command, environ, tmp_path):
    """Wrong use keeps its exit status, a database that cannot be used has its own code."""
    wrong = bare_command("status", "--credential", "nope", "--format", "json")
    assert (wrong.exit_code, json.loads(wrong.stdout)["error"]["code"]) == (2, "wrong_use")
    assert "vantage-jira connect" in json.loads(wrong.stdout)["error"]["hint"]
    (tmp_path / "home" / "vantage.db").write_text("x" * 5000, encoding="ascii")
    broken = bare_command("credential", "list", "--format", "json")
    assert (broken.exit_code, json.loads(broken.stdout)["error"]["code"]) == (1, "credential_store")


def test_a_home_folder_that_others_can_use_is_warned_about(bare_command, tmp_path):
    """A folder that holds other files too is not touched."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o755)
    (tmp_path / "home" / "letter.txt").touch()
    result = bare_command("credential", "list")
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: others can use the home folder")
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("code", "hint", "said"),
    [
        (
            "reconnect",
            "Connect the site again.",
            "Connect the site again. Here that is: vantage-jira connect --credential ID",
        ),
        ("choose_site", None, "Here that is: vantage-jira status --credential ID --site URL"),
        ("not_found", None, None),
    ],
)
def test_a_hint_names_the_command_that_does_it_here(code, hint, said):
    """What a plugin asks of an administrator has a command in this host."""
    assert with_own_hint({"code": code, "message": "no", "hint": hint})["hint"] == said
