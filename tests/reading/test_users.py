from __future__ import annotations

from hypothesis import given

from tests.reading.recorded import needs_recordings, recorded
from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.users import USER_COLUMNS, read_users, user_row

_SITE = "https://example.atlassian.net"


class _Jira:
    """A site whose list of users has these pages."""

    def __init__(self, *pages, stop=None):
        self.starts = []
        self._pages = list(pages)
        self._stop = stop

    def rows_afforded(self, wanted):
        return wanted

    def why_stop(self):
        return self._stop

    def progress(self, done, total, message):
        pass

    def call(self, _operation, *, query):
        self.starts.append(query["startAt"])
        return self._pages.pop(0) if self._pages else []


def _users(*numbers):
    return [{"accountId": str(number), "active": number % 2 == 0} for number in numbers]


def _read(jira, max_rows=100, keep=lambda _: True):
    users, reason = read_users(jira, max_rows=max_rows, keep=keep)
    return [user["accountId"] for user in users], reason


def test_short_pages_are_not_the_end():
    """Only an empty page ends the list, and a user that comes twice is one."""
    jira = _Jira(_users(1, 2), _users(2, 3), _users(4))
    assert _read(jira) == (["1", "2", "3", "4"], None)
    assert jira.starts == [0, 2, 4, 5]


def test_half_a_character_in_an_account_id_is_no_failure():
    """It is replaced in the address, and left in its own column."""
    row = user_row({"accountId": "5b\ud800"}, _SITE)
    assert (row["accountId"], row["url"]) == ("5b\ud800", f"{_SITE}/jira/people/5b%3F")


def test_what_is_cut_says_so():
    """More users than are wanted are told, and exactly as many are whole."""
    assert _read(_Jira(_users(1, 2), _users(3)), max_rows=2) == (["1", "2"], "maxRows")
    assert _read(_Jira(_users(1, 2)), max_rows=2) == (["1", "2"], None)


def test_only_some_are_kept():
    """Those that are not wanted do not count as rows."""
    assert _read(_Jira(_users(1, 2, 3, 4)), max_rows=2, keep=lambda user: user["active"]) == (["2", "4"], None)


def test_no_user_at_all_is_not_a_whole_list():
    """Whoever asks is a user; Jira answers nothing where it may not tell."""
    assert _read(_Jira()) == ([], "permission")


def test_a_server_that_begins_again_is_left():
    """The same page time after time ends, and is told."""
    assert _read(_Jira(_users(1), _users(1), _users(1))) == (["1"], "page_repeated")


def test_time_or_points_that_are_spent_end_it():
    """What was read is answered with the reason."""
    assert _read(_Jira(_users(1), _users(2), stop="timeout")) == (["1"], "timeout")


def test_a_user_is_a_row():
    """An address that is kept private is none."""
    user = {
        "accountId": "712020:8ad1",
        "displayName": "Ann",
        "emailAddress": "",
        "accountType": "atlassian",
        "active": True,
    }
    assert user_row(user, f"{_SITE}/") == {
        "accountId": "712020:8ad1",
        "displayName": "Ann",
        "emailAddress": None,
        "accountType": "atlassian",
        "active": True,
        "timeZone": None,
        "url": f"{_SITE}/jira/people/712020:8ad1",
    }


@given(json_values("displayName", "active", "timeZone"))
def test_any_user_is_a_row_of_the_declared_columns(value):
    """Whatever Jira answers, cells are flat."""
    row = user_row(value if isinstance(value, dict) else {"accountId": value}, _SITE)
    assert list(row) == [column["name"] for column in USER_COLUMNS]
    assert all(cell is None or isinstance(cell, str | bool) for cell in row.values())


@needs_recordings
def test_recorded_users_are_rows():
    """Live users, people and apps."""
    rows = [user_row(user, _SITE) for user in recorded("cloud-v3-oauth-gateway/nango-users.json")[0]["body"]]
    assert {row["accountType"] for row in rows} >= {"app", "atlassian"}
    assert all(row["accountId"] and row["displayName"] for row in rows)
