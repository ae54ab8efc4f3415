from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.errors import PluginError
from vantage_jira_plugin.operations import SEARCH_PROJECTS
from vantage_jira_plugin.reading.pages import Page, offset_pages, take, warnings_of


class _Budget:
    remaining_seconds = 300.0


class _Jira:
    """Answers one call after another, and notes what was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.budget = _Budget()
        self.warnings = []
        self.told = []

    def progress(self, done, total, message):
        self.told.append(done)

    def rows_afforded(self, wanted):
        return wanted

    def why_stop(self):
        return "timeout" if self.budget.remaining_seconds <= 0 else None

    def call(self, operation, path=None, *, query=None, body=None):
        self.asked.append(query if body is None else body)
        return self.answers.pop(0)


class _Projects(_Jira):
    """A list that really pages: by offset, in pages of at most so many objects."""

    def __init__(self, count, page_size, *, says):
        super().__init__()
        self.count = count
        self.page_size = page_size
        self.says = says

    def call(self, operation, path=None, *, query=None, body=None):
        self.asked.append(query)
        start = query["startAt"]
        end = min(start + min(query["maxResults"], self.page_size), self.count)
        known = {"total": self.count, "isLast": end >= self.count}
        return {"values": _objects(*range(start, end)), **{name: known[name] for name in self.says}}


def _objects(*ids):
    return [{"id": str(number)} for number in ids]


def _ids(items):
    return [int(item["id"]) for item in items]


def _list(jira, *, page_size=50):
    return offset_pages(jira, SEARCH_PROJECTS, query={"orderBy": "key"}, values="values", page_size=page_size)


def test_jiras_warnings_are_handed_on():
    """Whatever form they have; without any, nothing is said."""
    jira = _Jira()
    warning = {"type": "CLAUSE_LIMIT_EXCEEDED", "message": "The result was truncated."}
    assert warnings_of(jira, {"warnings": [warning, "short"]})
    assert jira.warnings == ["The result was truncated.", "short"]
    for nothing in ({}, {"warnings": []}, {"warnings": None}, {"warnings": {"message": "no list"}}):
        assert not warnings_of(jira, nothing)
    assert len(jira.warnings) == 2


# ---- lists that page by offset --------------------------------------------------------------


@pytest.mark.parametrize("answer", [{}, {"values": None}, {"values": {}}, {"isLast": True}, {"values": "none"}])
def test_an_answer_without_its_list_is_no_empty_list(answer):
    """What is not a list of rows is a failure that callers expect."""
    with pytest.raises(PluginError, match="no list of") as caught:
        list(_list(_Jira(answer)))
    assert caught.value.code == "jira_unavailable"


@pytest.mark.parametrize("says", [["total"], ["isLast"], ["total", "isLast"]])
@pytest.mark.parametrize("page_size", [1, 3, 50])
@pytest.mark.parametrize("count", [0, 1, 6, 7])
def test_a_list_is_read_to_its_end(count, page_size, says):
    """Short pages are no end; the next one starts behind what came."""
    jira = _Projects(count, page_size, says=says)
    pages = list(_list(jira))
    assert _ids([item for page in pages for item in page.items]) == list(range(count))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert [asked["startAt"] for asked in jira.asked] == list(range(0, max(count, 1), page_size))
    assert all(asked == {"orderBy": "key", "startAt": asked["startAt"], "maxResults": 50} for asked in jira.asked)


def test_a_list_that_says_nothing_ends_with_an_empty_page():
    """Without `total` and `isLast` only emptiness is an end."""
    pages = list(_list(_Projects(3, 2, says=[])))
    assert [len(page.items) for page in pages] == [2, 1, 0]
    assert pages[-1].last


@pytest.mark.parametrize("more", [{"total": 9}, {"isLast": False}, {"total": 9, "isLast": False}])
def test_an_empty_page_before_the_end_is_trouble(more):
    """There is no way on, and the list is not complete."""
    first = {"values": _objects(1, 2), **more}
    pages = list(_list(_Jira(first, {"values": [], **more})))
    assert [(page.last, page.trouble) for page in pages] == [(False, None), (False, "empty_pages")]


# ---- taking ---------------------------------------------------------------------------------


def test_everything_is_taken_from_a_list_that_ends():
    """Complete, so that there is neither reason nor token."""
    taken = take(
        _Jira(), [Page(_objects(1, 2), last=False, next_page_token="a"), Page(_objects(3), last=True)], max_rows=9
    )
    assert (_ids(taken.items), taken.incomplete_reason, taken.next_page_token) == ([1, 2, 3], None, None)


def test_exactly_as_many_as_wanted_are_complete():
    """A list that ends at the limit is not cut."""
    taken = take(_Jira(), [Page(_objects(1, 2), last=True)], max_rows=2)
    assert (_ids(taken.items), taken.incomplete_reason) == ([1, 2], None)


def test_the_limit_gives_the_token_of_what_comes_next():
    """With more behind the limit, the reason and the way on are told."""
    pages = [Page(_objects(1, 2), last=False, next_page_token="a"), Page(_objects(3), last=True)]
    taken = take(_Jira(), pages, max_rows=2)
    assert (_ids(taken.items), taken.incomplete_reason, taken.next_page_token) == ([1, 2], "maxRows", "a")


def test_a_last_page_that_is_cut_says_so():
    """Rows were left out, and an offset list has no token."""
    taken = take(_Jira(), [Page(_objects(1, 2, 3), last=True)], max_rows=2)
    assert (_ids(taken.items), taken.incomplete_reason, taken.next_page_token) == ([1, 2], "maxRows", None)


def test_each_object_is_taken_once():
    """New matches move the pages, so that an issue may come twice, on two pages or on one."""
    pages = [Page(_objects(1, 2), last=False, next_page_token="a"), Page(_objects(2, 3, 3), last=True)]
    assert _ids(take(_Jira(), pages, max_rows=9).items) == [1, 2, 3]


def test_objects_without_an_id_are_all_taken():
    """Two things that have no id are not the same thing."""
    pages = [Page([{"key": "A"}, {"key": "B"}], last=False), Page([{"key": "C"}], last=True)]
    assert [item["key"] for item in take(_Jira(), pages, max_rows=9).items] == ["A", "B", "C"]


def test_only_what_is_to_be_kept_counts():
    """Objects that are left out do not use up the limit."""
    pages = [Page(_objects(1, 2, 3, 4), last=False), Page(_objects(5, 6), last=True)]
    taken = take(_Jira(), pages, max_rows=3, keep=lambda item: int(item["id"]) % 2 == 0)
    assert (_ids(taken.items), taken.incomplete_reason) == ([2, 4, 6], None)


@pytest.mark.parametrize("reason", ["page_token_repeated", "empty_pages"])
def test_trouble_is_the_reason(reason):
    """What came before it is kept; nothing after it is asked for."""
    jira = _Jira()
    pages = iter([Page(_objects(1), last=False, next_page_token="a", trouble=reason), Page(_objects(2), last=True)])
    taken = take(jira, pages, max_rows=9)
    assert (_ids(taken.items), taken.incomplete_reason, taken.next_page_token) == ([1], reason, "a")
    assert len(list(pages)) == 1


def test_time_that_is_up_ends_the_taking():
    """What was read is returned, with the way on; the end of a list is reached in any case."""
    jira = _Jira()
    jira.budget.remaining_seconds = 0
    taken = take(jira, [Page(_objects(1), last=False, next_page_token="a"), Page(_objects(2), last=True)], max_rows=9)
    assert (_ids(taken.items), taken.incomplete_reason, taken.next_page_token) == ([1], "timeout", "a")
    assert take(jira, [Page(_objects(1), last=True)], max_rows=9).incomplete_reason is None


def test_pages_that_end_at_the_limit_with_duplicates_are_not_complete():
    """They hold as many rows as are wanted, yet fewer objects; there is more behind them."""
    pages = [
        Page(_objects(1, 2), last=False, next_page_token="a"),
        Page(_objects(2), last=False, next_page_token="b"),
    ]
    taken = take(_Jira(), pages, max_rows=3)
    assert (_ids(taken.items), taken.incomplete_reason, taken.next_page_token) == ([1, 2], "maxRows", "b")


def test_pages_whose_rows_are_left_out_are_not_complete():
    """Rows that are not kept were asked for all the same; the token leads on."""
    pages = [Page(_objects(1, 2), last=False, next_page_token="a")]
    taken = take(_Jira(), pages, max_rows=2, keep=lambda item: item["id"] == "1")
    assert (_ids(taken.items), taken.incomplete_reason, taken.next_page_token) == ([1], "maxRows", "a")


def test_a_page_with_a_warning_makes_the_table_less_than_whole():
    """It may lack something; there is nothing to go on with."""
    pages = [Page(_objects(1), last=False, next_page_token="a", warned=True), Page(_objects(2), last=True)]
    taken = take(_Jira(), pages, max_rows=9)
    assert (_ids(taken.items), taken.incomplete_reason, taken.next_page_token) == ([1, 2], "jira_warning", None)


def test_no_page_at_all_is_complete():
    """An iterator without pages has nothing to leave out."""
    assert take(_Jira(), [], max_rows=1).incomplete_reason is None


@given(
    count=st.integers(min_value=0, max_value=30),
    page_size=st.integers(min_value=1, max_value=12),
    max_rows=st.integers(min_value=1, max_value=40),
)
def test_a_list_is_complete_exactly_where_nothing_is_left_out(count, page_size, max_rows):
    """Rows are the first ones, and `maxRows` is told where there are more."""
    jira = _Projects(count, page_size, says=["total", "isLast"])
    taken = take(jira, _list(jira), max_rows=max_rows)
    assert _ids(taken.items) == list(range(min(count, max_rows)))
    assert taken.incomplete_reason == ("maxRows" if count > max_rows else None)


def test_a_server_that_ignores_the_offset_is_left_soon():
    """The same page again and again ends the reading after a few requests."""
    page = {"values": _objects(1, 2), "total": 100}
    jira = _Jira(*[page] * 50)
    taken = take(jira, offset_pages(jira, SEARCH_PROJECTS, query={}, values="values", page_size=2), max_rows=100)
    assert (taken.incomplete_reason, len(taken.items)) == ("page_repeated", 2)
    assert len(jira.asked) <= 5


def test_progress_is_told():
    """The host hears after each page how many rows there are."""
    jira = _Jira()
    take(jira, [Page(_objects(1, 2), last=False, next_page_token="a"), Page(_objects(3), last=True)], max_rows=10)
    assert jira.told == [2, 3]


def test_more_than_was_asked_for_loses_nothing():
    """A page with more objects than were wanted gives no token, which would lead past them."""
    pages = [Page(_objects(1, 2, 3), last=False, next_page_token="a")]
    taken = take(_Jira(), pages, max_rows=2)
    assert (taken.incomplete_reason, taken.next_page_token, len(taken.items)) == ("maxRows", None, 2)
