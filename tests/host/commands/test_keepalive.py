from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.host.commands import keepalive


def test_it_needs_to_know_which(command):
    """Neither all nor one, or both: wrong use."""
    assert command("keepAlive").exit_code == 2
    assert command("keepAlive", "--all", "--credential", "a").exit_code == 2


def test_no_credentials_is_an_empty_table(command):
    """Where nothing is connected yet, there is nothing to keep alive."""
    done = command("keepAlive", "--all", "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, [])


def test_an_unknown_credential_is_named(command):
    """A credential that the host does not know is wrong use."""
    done = command("keepAlive", "--credential", "nobody")
    assert done.exit_code == 2
    assert "nobody" in done.stderr


def test_one_that_fails_does_not_stop_the_others(monkeypatch, command):
    """Every credential is tried; the exit status tells that one failed."""
    rows = {"a": {"credentialId": "a", "renewed": False, "error": "gone"}, "b": {"credentialId": "b", "error": None}}
    monkeypatch.setattr(keepalive, "_able", lambda _host: ["a", "b"])
    monkeypatch.setattr(keepalive, "_kept_alive", lambda _host, credential_id, _inputs: rows[credential_id])
    done = command("keepAlive", "--all", "--format", "json")
    assert done.exit_code == 1
    assert [row["credentialId"] for row in json.loads(done.stdout)] == ["a", "b"]


@pytest.mark.parametrize("days", ["-1", "90", "soon"])
def test_days_are_checked(command, days):
    """Idle days lie between 0 and 89."""
    assert command("keepAlive", "--all", "--idle-days", days).exit_code == 2
