from __future__ import annotations

import json
import threading
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest


@pytest.fixture
def person():
    """A browser whose person accepts; ended by the test that started it."""
    threads = []

    def open_browser(url):
        callback = parse_qs(urlsplit(url).query)["redirect_uri"][0]

        def act():
            with urllib.request.urlopen(f"{callback}?code=7&state=s1", timeout=10) as page:  # noqa: S310 - loopback
                page.read()

        threads.append(threading.Thread(target=act))
        threads[-1].start()

    yield open_browser
    for thread in threads:
        thread.join()


def connect(command, person, *more):
    """Run `connect` with that person at the browser."""
    return command("connect", "--connector", "echo", "--port", "0", "--timeout", "10", *more, open_browser=person)


def test_connect_asks_a_person_and_prints_what_came_of_it(command, host, person):
    """The address goes to stderr, the answer to stdout, and the credential is stored."""
    result = connect(command, person, "--credential", "new", "--client-id", "app", "--service", "s", "--format", "json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["status"] == "connected"
    assert "https://auth.atlassian.com/authorize?" in result.stderr
    assert host.credentials.read("new")["accessToken"] == "token of 7"
    assert "token of 7" not in result.output


def test_connect_again_needs_no_client_id(command, host, person):
    """A known credential keeps its names."""
    result = connect(command, person, "--credential", "c1")
    assert result.exit_code == 0, result.output
    assert "displayName  Ada" in result.stdout
    assert (host.credentials.get("c1").service_id, host.credentials.get("c1").client_id) == ("s1", "app1")


def test_a_new_credential_needs_a_client_id(command, host):
    """Without one there is nothing to connect with, and nothing is stored."""
    result = command("connect", "--credential", "new")
    assert result.exit_code == 2
    assert "--client-id" in result.stderr
    assert host.credentials.get("new") is None


def test_without_a_browser_the_address_is_printed_only(command):
    """`--no-browser` opens nothing; when nobody comes, the command fails in words."""

    def open_browser(_url):
        raise AssertionError

    result = command(
        "connect", "--credential", "c1", "--port", "0", "--timeout", "0.01", "--no-browser", open_browser=open_browser
    )
    assert result.exit_code == 1
    assert "open this address" in result.stderr
    assert "nobody came back" in result.stderr


def test_several_sites_are_listed_and_one_can_be_chosen(command, host, person):
    """The answer names the sites and the command that chooses; the choice is kept."""
    host.settings.set_settings("echo", {"voice": "many"})
    result = connect(command, person, "--credential", "c1")
    assert result.exit_code == 1
    assert "Site 2  https://s2.example  c2" in result.stdout
    assert "vantage-jira status --credential c1 --site URL" in result.stderr
    chosen = command("status", "--credential", "c1", "--site", "https://s2.example")
    assert chosen.exit_code == 0
    assert host.credentials.get("c1").settings == {"siteUrl": "https://s2.example"}
    assert command("status", "--credential", "c1").exit_code == 0


def test_status_of_a_credential_without_a_grant(command):
    """A credential that has to be connected again is a failure, with the command that does it."""
    result = command("status", "--credential", "c1", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "reconnect"
    assert "vantage-jira connect --credential c1" in result.stderr


def test_status_that_cannot_be_known_is_an_error(command, host):
    """The plugin's error is JSON on stdout where JSON was asked for, words otherwise."""
    host.settings.set_settings("echo", {"voice": "far"})
    as_json = command("status", "--credential", "c1", "--format", "json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["error"]["code"] == "network"
    in_words = command("status", "--credential", "c1")
    assert (in_words.exit_code, in_words.stdout) == (1, "")
    assert in_words.stderr == "network: the service cannot be reached\n  hint: try later\n"


def test_disconnect_forgets_the_tokens_only(command, host):
    """The record is gone; the credential is still known."""
    with host.credentials.exclusive("c1", timeout_seconds=1) as transaction:
        transaction.save({"accessToken": "a"})
    assert command("disconnect", "--credential", "c1").exit_code == 0
    assert host.credentials.read("c1") is None
    assert host.credentials.get("c1") is not None


@pytest.fixture
def several(host):
    """A credential `c1` whose login reaches two sites, of which the first is kept."""
    host.settings.set_settings("echo", {"voice": "many"})
    with host.credentials.exclusive("c1", timeout_seconds=1) as transaction:
        transaction.save({"accessToken": "a"})
    host.credentials.set_settings("c1", {"siteUrl": "https://s1.example"})


def test_a_site_that_does_not_work_is_not_kept(several, command, host):
    """The site before stays, and people are told so."""
    result = command("status", "--credential", "c1", "--site", "https://typo.example")
    assert result.exit_code == 1
    assert "site https://typo.example is not kept; https://s1.example stays" in result.stderr
    assert host.credentials.get("c1").settings == {"siteUrl": "https://s1.example"}
    assert command("status", "--credential", "c1").exit_code == 0


def test_a_site_that_could_not_be_tried_is_not_kept(several, command, host):
    """An error leaves the site before, as a refusal does."""
    host.settings.set_settings("echo", {"voice": "far"})
    result = command("status", "--credential", "c1", "--site", "https://s2.example")
    assert result.exit_code == 1
    assert "site https://s2.example is not kept" in result.stderr
    assert host.credentials.get("c1").settings == {"siteUrl": "https://s1.example"}


def test_a_site_is_kept_without_its_last_slash(several, command, host):
    """However the address was copied, it looks the same afterwards."""
    assert command("status", "--credential", "c1", "--site", "https://s2.example/").exit_code == 0
    assert host.credentials.get("c1").settings == {"siteUrl": "https://s2.example"}
    assert command("status", "--credential", "c1", "--site", "/").exit_code == 2


def test_connecting_with_a_site_that_does_not_work_keeps_the_one_before(several, command, host, person):
    """The new login is stored; the site is still to be chosen."""
    result = connect(command, person, "--credential", "c1", "--site", "https://typo.example")
    assert result.exit_code == 1
    assert "https://s1.example stays" in result.stderr
    assert host.credentials.get("c1").settings == {"siteUrl": "https://s1.example"}
    assert host.credentials.read("c1") == {"accessToken": "token of 7", "cloudId": None}


def test_a_service_account_stays_one_until_a_person_connects(command, host, person):
    """How a login is made is kept with it."""
    assert command("connect", "--credential", "c1", "--service-account").exit_code == 0
    assert host.credentials.get("c1").settings == {"serviceAccount": True}
    assert command("status", "--credential", "c1").exit_code == 0
    assert connect(command, person, "--credential", "c1").exit_code == 0
    assert host.credentials.get("c1").settings == {}


def test_a_missing_client_secret_is_told_before_the_browser_opens(command, host):
    """Nobody consents in vain; the hint names the variable."""
    host.settings.set_settings("echo", {"voice": "mute"})

    def open_browser(_url):
        raise AssertionError

    arguments = ("connect", "--credential", "c1", "--port", "0")
    words = command(*arguments, open_browser=open_browser)
    assert (words.exit_code, words.stdout) == (1, "")
    assert "takes the secret, one for all credentials, from VANTAGE_JIRA_CLIENT_SECRET" in words.stderr
    as_json = command(*arguments, "--format", "json", open_browser=open_browser)
    error = json.loads(as_json.stdout)["error"]
    assert (as_json.exit_code, error["code"]) == (1, "settings_invalid")
    assert "VANTAGE_JIRA_CLIENT_SECRET" in error["hint"]


def test_a_consent_that_took_too_long_is_json_where_json_was_asked_for(command):
    """Programs can tell it from a refusal."""
    arguments = ("connect", "--credential", "c1", "--port", "0", "--timeout", "0.01", "--no-browser")
    result = command(*arguments, "--format", "json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["code"], error["retryable"]) == (1, "consent_timeout", True)
    assert set(error) == {
        "code", "message", "action", "status", "retryable", "retryAfter", "errors", "hint", "traceId"
    }  # fmt: skip


def test_a_connect_that_comes_to_nothing_leaves_the_login_as_it_is(command, host):
    """Another client id, and nobody consents: the login that works keeps its own app."""
    before = host.credentials.get("c1")
    arguments = (
        "--credential",
        "c1",
        "--client-id",
        "another",
        "--service",
        "other",
        "--port",
        "0",
        "--timeout",
        "0.01",
    )
    assert command("connect", *arguments, open_browser=lambda _url: None).exit_code == 1
    after = host.credentials.get("c1")
    assert (after.client_id, after.service_id) == (before.client_id, before.service_id) == ("app1", "s1")


def test_a_connect_that_works_takes_the_new_client_id(command, host, person):
    """With the consent of the new app its id is kept."""
    assert connect(command, person, "--credential", "c1", "--client-id", "another").exit_code == 0
    assert host.credentials.get("c1").client_id == "another"
