from __future__ import annotations

import csv
import io
import json

import pytest

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
    assert [(row["credentialId"], row["connector"], row["stored"]) for row in rows] == [
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


def test_a_record_of_another_host_is_an_error_in_words(imported, command, host):
    """With the key lost, the command says which key is missing, without a traceback."""
    host.keys.path.unlink()
    result = command("credential", "show", "--credential", "c9")
    assert result.exit_code == 1
    assert "which this host does not have" in result.stderr


def test_a_token_is_never_an_option(command):
    """There is no way to give a record on the command line."""
    result = command("credential", "import", "--credential", "c9", "--client-id", "a", "--access-token", "CANARY")
    assert result.exit_code == 2
