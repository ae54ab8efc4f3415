from __future__ import annotations

import json

import pytest

from tests.sharedstate import MemoryShared
from vantage_jira_plugin.errors import CredentialStoreError
from vantage_jira_plugin.writing.recent import RecentWrites, Written, written_issue

_ADDRESS = "https://api.atlassian.com/ex/jira/c/rest/api/3/issue"


class _Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    """A clock that stands still unless it is moved."""
    return _Clock()


def _issue(number, key=None):
    return {"self": f"{_ADDRESS}/{number}", **({"key": key} if key else {})}


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        ({"id": "10", "key": "DEV-1", "self": f"{_ADDRESS}/10"}, Written(10, "DEV-1", 5.0)),
        ({"id": "7", "self": f"{_ADDRESS}/10/comment/7"}, Written(10, None, 5.0)),
        ({"self": f"{_ADDRESS}/DEV-1"}, None),
        ({"self": f"{_ADDRESS}/10x"}, None),
        ({"self": f"{_ADDRESS}/99999999999999999999"}, None),
        ({"self": None, "id": "10"}, None),
        ({"id": "10"}, None),
        (None, None),
        ([], None),
    ],
)
def test_the_issue_of_an_answer(answer, written):
    """It is in the address of the issue or of a part of it; only numeric ids count."""
    assert written_issue(answer, at=5.0) == written


def test_newest_first_each_once_and_fifty_at_most(clock):
    """A search can be asked for fifty issues; the newest matter."""
    recent = RecentWrites(clock=clock)
    for number in range(1, 71):
        recent.note("c", _issue(number))
        clock.now += 1
    recent.note("c", _issue(30))
    ids = recent.ids_for("c", None)
    assert ids == [30, *[number for number in range(70, 20, -1) if number != 30]]
    assert len(ids) == 50


def test_what_is_no_news_is_not_told_again(clock):
    """A write that is noted twice, as one that was looked for is, costs the shared state nothing the second time."""
    shared = MemoryShared()
    recent = RecentWrites(shared, clock=clock)
    recent.note("c", _issue(1, "DEV-1"))
    version = shared.values["recent/c"].version
    recent.note("c", _issue(1, "DEV-1"))
    assert shared.values["recent/c"].version == version
    recent.note("c", _issue(1))
    clock.now += 2
    recent.note("c", _issue(1))
    assert shared.values["recent/c"].version == version + 2


def test_after_ten_minutes_the_index_knows(clock):
    """What was written longer ago is left out, and sites are kept apart."""
    recent = RecentWrites(clock=clock)
    recent.note("c", _issue(1))
    clock.now += 599
    recent.note("c", _issue(2))
    recent.note("d", _issue(3))
    assert (recent.ids_for("c", None), recent.ids_for("d", None)) == ([2, 1], [3])
    clock.now += 2
    assert recent.ids_for("c", None) == [2]
    clock.now += 600
    assert recent.ids_for("c", None) == []


def test_workers_tell_each_other(clock):
    """Two workers that share state know what the other one wrote, newest first."""
    shared = MemoryShared()
    one, other = (RecentWrites(shared, clock=clock) for _ in range(2))
    one.note("c", _issue(1, "DEV-1"))
    clock.now += 1
    other.note("c", _issue(2))
    assert one.ids_for("c", None) == other.ids_for("c", None) == [2, 1]
    assert json.loads(json.dumps(shared.values["recent/c"].value))["issues"][1] == [1, "DEV-1", clock.now - 1]


def test_a_shared_state_that_fails_is_no_failure(clock):
    """Memory goes on alone."""

    class Broken:
        def read(self, names):
            raise CredentialStoreError("gone")

        replace = read

    recent = RecentWrites(Broken(), clock=clock)
    recent.note("c", _issue(1))
    assert recent.ids_for("c", None) == [1]


def test_others_that_are_always_faster_are_let_go_first(clock):
    """The note is tried three times, and then left."""

    class Busy(MemoryShared):
        tried = 0

        def replace(self, *_, **__):
            self.tried += 1
            return False

    busy = Busy()
    recent = RecentWrites(busy, clock=clock)
    recent.note("c", _issue(1))
    assert (busy.tried, recent.ids_for("c", None)) == (3, [1])


@pytest.mark.parametrize("value", [{}, {"issues": 5}, {"issues": [5, [1], ["1", None, 5], [1, 2, 3], [True]]}])
def test_a_note_that_cannot_be_read_says_nothing(clock, value):
    """What another version may have written is passed over."""
    shared = MemoryShared()
    shared.replace("recent/c", value, version=0, keep_seconds=1)
    assert RecentWrites(shared, clock=clock).ids_for("c", None) == []


def test_a_token_keeps_the_list_of_its_first_page(clock):
    """Jira wants the same ids on every page: a search that goes on uses those it began with."""
    recent = RecentWrites(clock=clock)
    recent.note("c", _issue(1))
    recent.keep_for("t", recent.ids_for("c", None))
    recent.note("c", _issue(2))
    assert recent.ids_for("c", "t") == [1]
    for number in range(300):
        recent.keep_for(f"t{number}", [number])
    assert recent.ids_for("c", "t") is None
    assert recent.ids_for("c", "t299") == [299]


def test_a_token_of_which_nothing_can_be_known(clock):
    """Where nobody tells, a token of another worker may have a list; one of this worker without a list has none."""
    recent = RecentWrites(clock=clock)
    recent.keep_for(None, [1])
    recent.keep_for("t", [])
    assert (recent.ids_for("c", "t"), recent.ids_for("c", "another")) == ([], None)


def test_workers_tell_each_other_the_list_of_a_token(clock):
    """A search that one worker began goes on at another with the same list; the token itself is stored nowhere."""
    shared = MemoryShared()
    one, other = (RecentWrites(shared, clock=clock) for _ in range(2))
    one.keep_for("secret token", [3, 1])
    one.keep_for("empty", [])
    assert [other.ids_for("c", token) for token in ("secret token", "empty", "another")] == [[3, 1], [], []]
    assert "secret" not in str(shared.values)
    shared.replace(*shared.values, {"issues": 5}, version=1, keep_seconds=1)
    assert other.ids_for("c", "secret token") == []


def test_a_shared_state_that_fails_leaves_a_token_unknown(clock):
    """What is in memory is known all the same."""

    class Broken:
        def read(self, names):
            raise CredentialStoreError("gone")

        def replace(self, *_, **__):
            raise CredentialStoreError("gone")

    recent = RecentWrites(Broken(), clock=clock)
    recent.keep_for("t", [1])
    assert (recent.ids_for("c", "t"), recent.ids_for("c", "another")) == ([1], None)


def test_the_newest_number_of_a_project(clock):
    """The highest number of an issue that was just created, of that project alone; an edit of an old one says less."""
    recent = RecentWrites(clock=clock)
    assert recent.newest_number("c", "DEV") is None
    for number, key in enumerate(("DEV-9", "DEV-10", "DEV-2", "OPS-99", "DEVX-50", "DEV-x", None), start=1):
        recent.note("c", _issue(number, key), created=True)
    recent.note("c", _issue(20, "DEV-12"))
    assert recent.newest_number("c", "DEV") == 10
    assert recent.newest_number("d", "DEV") is None


def test_a_number_that_was_seen_serves_for_an_hour(clock):
    """After that too many issues may be behind it; a higher one serves anew, a lower one does not."""
    recent = RecentWrites(clock=clock)
    recent.keep_number("c", "DEV", 0)
    assert recent.newest_number("c", "DEV") == 0
    recent.keep_number("c", "DEV", 7)
    clock.now += 3000
    recent.keep_number("c", "DEV", 5)
    assert recent.newest_number("c", "DEV") == 7
    clock.now += 601
    assert recent.newest_number("c", "DEV") is None
    recent.keep_number("c", "DEV", 5)
    assert recent.newest_number("c", "DEV") == 5


def test_the_numbers_of_so_many_projects_are_remembered(clock):
    """The one that was seen longest ago is forgotten first."""
    recent = RecentWrites(clock=clock)
    for number in range(1001):
        recent.keep_number("c", f"P{number}", 1)
    assert (recent.newest_number("c", "P0"), recent.newest_number("c", "P1")) == (None, 1)
