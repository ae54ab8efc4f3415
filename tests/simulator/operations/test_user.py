from __future__ import annotations

from dataclasses import replace

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


def test_all_accounts_are_listed(ask: Asking) -> None:
    """People and apps, active or not, page by page; a page has at most a thousand."""
    names = _names(ask, "/users/search")
    assert names == [account.display_name for account in ask.site.accounts.values()]
    assert {"Sam Okoro", "Vantage Automation"} <= set(names)
    assert _names(ask, "/users/search", startAt="1", maxResults="2") == names[1:3]
    assert _names(ask, "/users/search", startAt="100") == []
    assert ask("GET", "/users/search", maxResults="many").status == 400
    for number in range(1_100):
        ask.site.accounts[str(number)] = replace(ask.site.accounts[ask.account_id], account_id=str(number))
    assert len(_names(ask, "/users/search", maxResults="5000")) == 1_000
    assert len(_names(ask, "/users/search")) == 50


def test_listed_accounts_cost_two_points_each(ask: Asking) -> None:
    """They say who somebody is."""
    ask("GET", "/users/search", maxResults="3")
    route, answer = ask.exchanges[-1]
    assert route.objects(answer) == 6
