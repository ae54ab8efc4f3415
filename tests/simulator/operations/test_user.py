from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def _names(ask: Asking, path: str, **query: str) -> list[str]:
    return [account["displayName"] for account in ask("GET", path, **query).body]


def test_myself(ask: Asking) -> None:
    """The caller, with time zone and address."""
    body = ask("GET", "/myself").body
    assert (body["displayName"], body["timeZone"]) == ("Mara Lindqvist", "America/New_York")
    ask.account_id = ask.person("Elena")
    assert "emailAddress" not in ask("GET", "/myself").body
    ask.account_id = "nobody"
    assert ask("GET", "/myself").status == 401


def test_accounts_are_found(ask: Asking) -> None:
    """By part of the name, beginning of the address or account id, never by two at once."""
    assert _names(ask, "/user/search", query="an") == ["Priya Raman", "Jun Watanabe", "Vantage Automation"]
    assert _names(ask, "/user/search", query="tomas.b") == ["Tomas Becker"]
    assert _names(ask, "/user/search", accountId=ask.person("Sam")) == ["Sam Okoro"]
    assert _names(ask, "/user/search", query="", startAt="1", maxResults="2") == ["Tomas Becker", "Priya Raman"]
    assert ask("GET", "/user/search", query="a", accountId="b").status == 400
    assert ask("GET", "/user/search").status == 400


def test_assignable_people(ask: Asking) -> None:
    """Apps and inactive accounts are left out."""
    names = _names(ask, "/user/assignable/search", project="DEV")
    assert names == ["Mara Lindqvist", "Tomas Becker", "Priya Raman", "Jun Watanabe", "Elena Petrova", "Ruth Adler"]
    assert _names(ask, "/user/assignable/search", issueKey="DEV-1") == names
    ask.site.deny(ask.person("Jun"), "ASSIGNABLE_USER", "DEV")
    assert "Jun Watanabe" not in _names(ask, "/user/assignable/search", project="DEV")
    assert ask("GET", "/user/assignable/search").status == 400
    assert ask("GET", "/user/assignable/search", project="HR").status == 404


def test_one_account(ask: Asking) -> None:
    """An account by id; unknown ones are not found."""
    assert ask("GET", "/user", accountId=ask.person("Sam")).body["active"] is False
    assert ask("GET", "/user", accountId="nobody").status == 404
    assert ask("GET", "/user").status == 400
