from __future__ import annotations

import csv
import io
import json

import pytest

from vantage_jira_plugin.host.sealing import SealingKey

RECORD = {"accessToken": "CANARY-a", "refreshToken": "CANARY-r", "cloudId": "cloud1", "tokenExpiry": None}


@pytest.fixture
def imported(command):
    """A credential `c9` that was imported."""
    arguments = ("credential", "import", "--credential", "c9", "--client-id", "app9", "--service", "s9")
    return command(*arguments, "--connector", "echo", stdin=json.dumps(RECORD))


def test_import_stores_what_stdin_holds(imported, host):
    """The record is stored sealed, the word about it goes to stderr."""
    assert (imported.exit_code, imported.stdout, imported.stderr) == (0, "", "credential 'c9' stored\n")
    assert host.credentials.read("c9") == RECORD
    assert (host.credentials.get("c9").service_id, host.credentials.get("c9").client_id) == ("s9", "app9")


def test_importing_again_replaces(imported, command, host):
    """A second import takes the place of the first and says so."""
    arguments = ("credential", "import", "--credential", "c9", "--client-id", "app9")
    result = command(*arguments, stdin='{"refreshToken": "new"}')
    assert (result.exit_code, result.stderr) == (0, "credential 'c9' replaced\n")
    assert host.credentials.read("c9") == {"refreshToken": "new"}
    assert host.credentials.get("c9").connector == "jira"


@pytest.mark.parametrize("text", ["", "CANARY", '["CANARY"]', '{"cloudId": "CANARY"}', '{"accessToken": ""}'])
def test_what_is_no_record_is_wrong_use(command, host, text):
    """Nothing is stored, and nothing of the input is repeated."""
    result = command("credential", "import", "--credential", "c9", "--client-id", "a", stdin=text)
    assert result.exit_code == 2
    assert "CANARY" not in result.output
    assert host.credentials.get("c9") is None


def test_list_shows_every_credential(imported, command, host):
    """One row per credential, whether it holds a record or not."""
    result = command("credential", "list", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["credentialId"], row["connector"], row["hasLogin"]) for row in rows] == [
        ("c1", "echo", "false"),
        ("c9", "echo", "true"),
    ]


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
def test_show_masks_in_every_format(imported, command, form):
    """No token is ever shown; where it belongs is."""
    result = command("credential", "show", "--credential", "c9", "--format", form)
    assert result.exit_code == 0
    assert "CANARY" not in result.output
    assert "********" in result.stdout
    assert "cloud1" in result.stdout


def test_show_masks_what_it_does_not_know(imported, command, host):
    """A plugin's own notes in a record may be secrets too."""
    with host.credentials.exclusive("c9", timeout_seconds=1) as transaction:
        transaction.save({**RECORD, "pending": {"verifier": "CANARY"}})
    result = command("credential", "show", "--credential", "c9", "--format", "json")
    assert json.loads(result.stdout)["pending"] == "********"


def test_remove_forgets_all(imported, command, host):
    """The credential is gone; removing it again is wrong use."""
    assert command("credential", "remove", "--credential", "c9").exit_code == 0
    assert host.credentials.get("c9") is None
    assert command("credential", "remove", "--credential", "c9").exit_code == 2


def test_keys_are_rotated_and_the_old_one_forgotten(imported, command, host):
    """After the rotation only the new key is left, and it opens everything."""
    (old,) = host.keys.newest_first()
    result = command("credential", "rotate-keys", "--new-key", "--forget-old")
    (new,) = host.keys.newest_first()
    assert result.exit_code == 0
    assert new != old
    assert new.id in result.stderr
    assert host.credentials.read("c9") == RECORD


def test_keys_of_the_environment_cannot_be_changed(command, environ):
    """The key file's switches make no sense for keys of the environment."""
    environ["VANTAGE_RECORD_KEYS"] = "A" * 43 + "="
    result = command("credential", "rotate-keys", "--new-key")
    assert result.exit_code == 2
    assert "VANTAGE_RECORD_KEYS" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("credential", "show"), ("status",), ("disconnect",), ("run", "say", "--input", "text=x")]
)
def test_a_record_of_another_host_is_an_error_in_words(imported, command, host, arguments):
    """With another key, every command says which key is missing; the record does not look like no login."""
    (key,) = host.keys.newest_first()
    host.keys.add(SealingKey.generate())
    host.keys._replace(host.keys.newest_first()[:1])  # the older key is lost
    result = command(*arguments, "--credential", "c9")
    assert result.exit_code == 1
    assert f"sealed with key {key.id}, which this host does not have" in result.stderr


def test_a_lost_key_file_is_not_made_anew(imported, command, host):
    """Records wait for the lost key: it is named, and no new one takes its place until they are given up."""
    (key,) = host.keys.newest_first()
    host.keys.path.unlink()
    for arguments in (("status", "--credential", "c9"), ("credential", "rotate-keys", "--new-key")):
        result = command(*arguments)
        assert result.exit_code == 2
        assert f"record.keys is missing, and records are sealed with key {key.id}" in result.stderr
    assert not host.keys.path.exists()
    listed = command("credential", "list")
    assert (listed.exit_code, key.id in listed.stderr) == (0, True)
    assert command("credential", "remove", "--credential", "c9").exit_code == 0
    assert command("credential", "rotate-keys").exit_code == 0
    assert host.keys.path.exists()


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"accessToken": "CANARY", "tokenExpiry": "soon-CANARY"}, "tokenExpiry must be"),
        ({"accessToken": "CANARY", "refreshToken": 5}, "refreshToken must be text or null"),
        ({"accessToken": "CANARY", "cloudId": ["CANARY"]}, "cloudId must be text or null"),
    ],
)
def test_a_record_that_the_plugin_cannot_use_is_refused(command, host, record, text):
    """The plugin's own check tells the wrong entries, no value is repeated, and nothing is stored."""
    result = command("credential", "import", "--credential", "c9", "--client-id", "a", stdin=json.dumps(record))
    assert result.exit_code == 2
    assert text in result.stderr
    assert "CANARY" not in result.output
    assert host.credentials.get("c9") is None


def test_a_record_for_a_plugin_that_is_not_there_is_refused(command, host):
    """Nobody could check it."""
    names = ("--credential", "c9", "--client-id", "a", "--connector", "nope")
    result = command("credential", "import", *names, stdin=json.dumps(RECORD))
    assert (result.exit_code, host.credentials.get("c9")) == (2, None)


def test_list_shows_the_site_that_is_used(imported, command, host):
    """A chosen site wins over the one that the plugin keeps in its record."""

    def sites():
        rows = json.loads(command("credential", "list", "--format", "json").stdout)
        return {row["credentialId"]: row["site"] for row in rows}

    with host.credentials.exclusive("c9", timeout_seconds=1) as transaction:
        transaction.save({**RECORD, "siteUrl": "https://kept.example"})
    assert sites() == {"c1": None, "c9": "https://kept.example"}
    host.credentials.set_settings("c9", {"siteUrl": "https://chosen.example"})
    assert sites() == {"c1": None, "c9": "https://chosen.example"}


def test_a_record_without_tokens_is_no_login(command, host):
    """A consent that was only begun leaves a record, but no login."""
    with host.credentials.exclusive("c1", timeout_seconds=1) as transaction:
        transaction.save({"accessToken": None, "refreshToken": None, "pendingConsent": {"state": "CANARY"}})
    (row,) = json.loads(command("credential", "list", "--format", "json").stdout)
    assert row["hasLogin"] is False


def test_times_are_shown_in_one_form(imported, command, host):
    """Plain times are no secrets and look alike, whatever form the record has; what is no time stays masked."""
    times = {"tokenExpiry": 1_790_000_000_000, "obtainedAt": "2026-09-21T14:13:20+00:00", "startedAt": "CANARY"}
    with host.credentials.exclusive("c9", timeout_seconds=1) as transaction:
        transaction.save({**RECORD, **times})
    shown = json.loads(command("credential", "show", "--credential", "c9", "--format", "json").stdout)
    assert (shown["tokenExpiry"], shown["obtainedAt"]) == ("2026-09-21T14:13:20.000Z",) * 2
    assert shown["startedAt"] == "********"
    assert all(shown[name].endswith("Z") for name in ("createdAt", "updatedAt"))


def test_a_token_is_never_an_option(command):
    """There is no way to give a record on the command line."""
    result = command("credential", "import", "--credential", "c9", "--client-id", "a", "--access-token", "CANARY")
    assert result.exit_code == 2
