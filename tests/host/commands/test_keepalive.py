from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.host.commands import keepalive
from vantage_jira_plugin.host.sealing import SealingKey


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


@pytest.fixture
def able(host, monkeypatch):
    """The echo plugin offers the action; `c1` has a login, `c2` a consent that was only begun."""
    monkeypatch.setattr(keepalive, "action_schemas", lambda _host, connector: {"keepAlive": {}} if connector else {})
    host.credentials.register("c2", connector="echo", service_id="s", client_id="a")
    for credential_id, token in (("c1", "a"), ("c2", None)):
        with host.credentials.exclusive(credential_id, timeout_seconds=1) as transaction:
            transaction.save({"accessToken": token, "refreshToken": None, "cloudId": None, "tokenExpiry": None})


def test_a_credential_without_a_login_is_left_out(able, command):
    """It is named on stderr, is no row, and no failure of its own."""
    done = command("keepAlive", "--all", "--format", "json")
    assert [row["credentialId"] for row in json.loads(done.stdout)] == ["c1"]
    assert "without a login, nothing to keep alive: c2" in done.stderr


def test_a_failed_row_has_every_column(able, command):
    """What the plugin answered is a row as others are, with code and hint."""
    done = command("keepAlive", "--credential", "c1", "--format", "json")
    (row,) = json.loads(done.stdout)
    assert done.exit_code == 1
    assert tuple(row) == keepalive.COLUMNS
    assert (row["code"], row["renewed"], row["hint"]) == ("unknown_action", False, None)


def test_settings_that_are_refused_are_a_row_too(able, command, host):
    """What a plugin raises does not keep the others from being tried, nor does a record that does not open."""
    host.settings.set_settings("echo", {"voice": "none"})
    (row,) = json.loads(command("keepAlive", "--all", "--format", "json").stdout)
    assert (row["code"], row["hint"]) == ("settings_invalid", "pick another")
    host.keys.add(SealingKey.generate())
    host.keys._replace(host.keys.newest_first()[:1])  # the older key is lost
    rows = json.loads(command("keepAlive", "--all", "--format", "json").stdout)
    assert [row["code"] for row in rows] == ["credential_store", "credential_store"]
