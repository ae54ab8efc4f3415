from __future__ import annotations

from click.testing import CliRunner

from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.host.command import vantage_jira
from vantage_jira_plugin.host.commands.options import Setup


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
