"""What a pull asks, and what it hands out; the threads are real. How it is cut is tested with `work`."""

from __future__ import annotations

import random
import threading
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from tests.reading.fakejira import MINUTE, FakeJira, Made, ids_of
from vantage_jira_plugin.errors import InputError, JiraInvalidError
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES
from vantage_jira_plugin.reading.keeper import MemoryKeeper
from vantage_jira_plugin.reading.pull import Pulled, pull, pull_into

_MINUTE_MILLISECONDS = 60_000


class _Scripted(FakeJira):
    """Answers one search after another as it is told, and counts none."""

    def __init__(self, *answers, **more):
        super().__init__([], **more)
        self.answers = list(answers)

    def _search(self, body):
        return self.answers.pop(0)


def _answer(*ids, token=None, **more):
    issues = [{"id": str(number), "key": f"DEV-{number}"} for number in ids]
    return {"issues": issues, **({} if token is None else {"nextPageToken": token}), **more}


def _pull(jira, jql="type = Bug", *, max_rows=10, token=None, fields=("summary",)):
    return pull(jira, jql, fields, max_rows=max_rows, make=lambda issue: int(issue["id"]), next_page_token=token)


def _over_time(count, *, minutes=100_000, seed=1):
    chance = random.Random(seed)  # noqa: S311 - test data
    return [
        Made(10_000 + number, (MINUTE + chance.randrange(minutes)) * _MINUTE_MILLISECONDS + chance.randrange(60_000))
        for number in range(count)
    ]


def _same_minute(count):
    return [Made(10_000 + number, MINUTE * _MINUTE_MILLISECONDS + number) for number in range(count)]


# ---- what is asked --------------------------------------------------------------------------


def test_few_rows_are_one_request():
    """Nothing is counted where a page or two may do."""
    jira = FakeJira(_over_time(10), page_size=100)
    assert len(_pull(jira, max_rows=1000).items) == 10
    assert len(jira.asked) == 1


def test_pages_are_as_long_as_is_wanted():
    """A chain asks for no row too many, and stops when it has enough."""
    jira = _Scripted(_answer(1, 2, token="a"), _answer(3, token="b"))
    assert _pull(jira, "x = 1 ORDER BY key", max_rows=3) == Pulled([1, 2, 3], "maxRows", "b")
    assert [body["maxResults"] for body in jira.requests(SEARCH_ISSUES)] == [3, 1]


# ---- one chain ------------------------------------------------------------------------------


def test_a_search_goes_on_at_the_callers_token():
    """The first page is the one that the caller names; nothing is known of where that is, so nothing is cut."""
    jira = _Scripted(_answer(7, token="a"), _answer(8, isLast=True))
    assert _pull(jira, token="callers", max_rows=100_000) == Pulled([7, 8], None, None)
    assert [body.get("nextPageToken") for _, body in jira.asked] == ["callers", "a"]


@pytest.mark.parametrize(
    ("answers", "reason", "token"),
    [
        ([_answer(1, token="a"), _answer(2, token="a")], "page_token_repeated", None),
        ([_answer(1, token="a"), _answer(2, isLast=False)], "page_token_missing", None),
        ([_answer(1, token="a"), *(_answer(token=f"t{number}") for number in range(10))], "empty_pages", "t9"),
        ([_answer(1, token="a"), *(_answer(1, token=f"t{number}") for number in range(3))], "page_repeated", "t2"),
    ],
)
def test_what_cannot_be_read_on_is_told(answers, reason, token):
    """What came before is kept, and the last token that was not seen before."""
    pulled = _pull(_Scripted(*answers), "x = 1 ORDER BY key")
    assert pulled == Pulled([1, 2][: len(pulled.items)], reason, token)
    assert 1 in pulled.items


def test_more_than_was_asked_for_loses_nothing():
    """A page with more objects than were wanted gives no token, which would lead past them."""
    jira = _Scripted(_answer(1, 2, 3, token="a"))
    assert _pull(jira, "x = 1 ORDER BY key", max_rows=2) == Pulled([1, 2], "maxRows", None)


def test_more_than_was_asked_for_goes_on_by_its_time():
    """Where the order is by creation, the way on is known besides."""
    jira = FakeJira(_over_time(10), page_size=5)
    asked, jira.call = (
        jira.call,
        lambda operation, *, body, keep: asked(operation, body={**body, "maxResults": 5}, keep=keep),
    )
    first = _pull(jira, max_rows=3)
    assert (len(first.items), first.incomplete_reason) == (3, "maxRows")
    assert first.next_page_token.startswith("created.")


def test_the_first_rows_in_another_order_lead_on():
    """Also where what is left behind the first page is less than the limit: nothing but Jira's token tells the rest."""
    issues = _over_time(110)
    jql = "type = Bug ORDER BY updated DESC"
    first = _pull(FakeJira(issues), jql, max_rows=105)
    assert first.incomplete_reason == "maxRows"
    assert first.next_page_token is not None
    jira = FakeJira(issues)
    first = _pull(jira, jql, max_rows=105)
    rest = _pull(jira, jql, max_rows=105, token=first.next_page_token)
    assert sorted(first.items + rest.items) == sorted(ids_of(issues))


def test_rows_that_come_twice_do_not_use_up_the_limit():
    """The chain goes on until there are as many as wanted."""
    jira = _Scripted(_answer(1, 2, token="a"), _answer(2, token="b"), _answer(3, token="c"))
    assert _pull(jira, "x = 1 ORDER BY key", max_rows=3) == Pulled([1, 2, 3], "maxRows", "c")


def test_progress_is_told():
    """The host hears after each page how many rows there are, and of how many, once that is known."""
    jira = FakeJira(_over_time(400), page_size=50, hourly_points=1)
    _pull(jira, max_rows=100_000)
    done = [rows for rows, _ in jira.told]
    assert done == sorted(done)
    assert jira.told[-1] == (400, 400)
    totals = {total for _, total in jira.told}
    assert totals <= {None, 400}


def test_a_count_far_above_what_came_is_told():
    """Each page went to its end, so that the rows are whole; but the index may lack something."""
    jira = FakeJira(_over_time(400), page_size=50)
    jira._count = lambda body: {"count": 600}
    pulled = _pull(jira, max_rows=100_000)
    assert (len(pulled.items), pulled.incomplete_reason) == (400, None)
    assert jira.warnings == [
        "Jira counted about 600 issues and answered 400, each page to its end: its count is behind, or its index"
    ]


# ---- going on -------------------------------------------------------------------------------


def test_a_slices_own_token_is_not_handed_on():
    """It belongs to a query that the caller does not have; Jira would refuse it beside the caller's."""
    jira = FakeJira(_over_time(400), page_size=20, hourly_points=1)
    first = _pull(jira, max_rows=300)
    asked = len(jira.asked)
    second = _pull(jira, max_rows=15, token=first.next_page_token)
    assert len(jira.asked) <= asked + 2
    third = _pull(jira, max_rows=1000, token=second.next_page_token)
    assert all(one.next_page_token.startswith("created.") for one in (first, second))
    assert first.items + second.items + third.items == ids_of(jira.found("x ORDER BY created DESC"))


def test_issues_of_one_minute_are_left_and_found_again():
    """An import may create hundreds in a minute: each call begins there, and passes over what came before."""
    jira = FakeJira(_same_minute(200), page_size=9, hourly_points=1, max_in_flight=4)
    rows, token, calls = [], None, 0
    jql = "type = Bug ORDER BY created ASC"
    while calls < 50:
        end = len(jira.asked) + 6
        jira.stops = lambda end=end: "timeout" if len(jira.asked) >= end else None
        pulled = _pull(jira, jql, max_rows=45, token=token)
        rows += pulled.items
        token, calls = pulled.next_page_token, calls + 1
        if token is None:
            break
    assert rows == ids_of(jira.found(jql))
    assert calls >= 5


def test_what_was_just_written_is_seen_on_all_pages_of_all_calls():
    """The same list goes with each page of each slice, and with the calls that go on."""
    jira = FakeJira(_over_time(400), page_size=20, hourly_points=1)
    jira.fresh = [10_001, 10_002]
    first = _pull(jira, max_rows=300)
    jira.fresh = []
    second = _pull(jira, max_rows=300, token=first.next_page_token)
    assert first.items + second.items == ids_of(jira.found("x ORDER BY created DESC"))
    pages = [body for body in jira.requests(SEARCH_ISSUES) if body["maxResults"] > 1]
    assert len({body["jql"] for body in pages}) > 2
    assert all(body["reconcileIssues"] == [10_001, 10_002] for body in pages)


def test_a_warning_leaves_no_way_on():
    """All was read to its end; a caller who went on for ever would be told so for ever."""
    jira = FakeJira(_over_time(5), page_size=50)
    jira.warned = {1}
    assert _pull(jira).incomplete_reason == "jira_warning"
    assert _pull(jira).next_page_token is None


def test_a_warning_leaves_a_way_on_where_the_limit_has_cut():
    """What may lack is told all the same, and outweighs the limit."""
    issues = _over_time(25)
    jira = FakeJira(issues, page_size=10)
    jira.warned = {1}
    first = _pull(jira)
    assert (len(first.items), first.incomplete_reason) == (10, "jira_warning")
    rest = _pull(jira, max_rows=1000, token=first.next_page_token)
    assert sorted(first.items + rest.items) == ids_of(issues)
    assert rest.incomplete_reason is None


@pytest.mark.parametrize("token", ["created.", "created.bm9uc2Vuc2U="])
def test_a_token_that_is_none_is_refused_before_anything_is_sent(token):
    """The caller's mistake is told at once."""
    jira = FakeJira(_over_time(5))
    with pytest.raises(InputError, match="nextPageToken"):
        _pull(jira, token=token)
    assert jira.asked == []


# ---- many threads ---------------------------------------------------------------------------


@pytest.mark.parametrize("jql", ["type = Bug", "type = Bug ORDER BY created", "type = Bug ORDER BY updated DESC"])
@pytest.mark.parametrize("points", [None, 1])
def test_real_threads_read_the_same(jql, points):
    """Slices, ids and chains give what one sequential read gives; no thread is left."""
    jira = FakeJira(_over_time(900, seed=3), page_size=20, max_in_flight=8, hourly_points=points, miscounts=0.2)
    pulled = _pull(jira, jql, max_rows=100_000)
    order = jql if "ORDER" in jql else f"{jql} ORDER BY created DESC"
    assert pulled == Pulled(ids_of(jira.found(order)), None, None)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("jira-read")]
    found = [body for body in jira.requests(SEARCH_ISSUES) if "created >= " in body["jql"]]
    sliced = {body["jql"] for body in found if " AND created < " in body["jql"]}
    filled = [body for body in jira.requests(BULK_FETCH_ISSUES) if body["fields"] != ["created"]]
    assert bool(filled) is (points is None)
    assert bool(sliced) is (points is not None and "updated" not in jql)


def _sampled(jira):
    return [body for body in jira.requests(BULK_FETCH_ISSUES) if body["fields"] == ["created"]]


def test_a_few_issues_are_looked_at_to_see_how_all_are_spread():
    """One bulk fetch, for a small part of the points; it decides about no row."""
    jira = FakeJira(_over_time(900, seed=5), page_size=20, hourly_points=1)
    assert len(_pull(jira, max_rows=100_000).items) == 900
    (body,) = _sampled(jira)
    assert 10 <= len(body["issueIdsOrKeys"]) <= 900 / 50


@pytest.mark.parametrize("why", ["confined", "refused", "few points"])
def test_a_pull_is_whole_without_that(why):
    """Where settings confine what may be looked at, Jira refuses it, or points are few, counts tell alone."""

    def refuse(_):
        operation, _ = jira.asked[-1]
        if operation is BULK_FETCH_ISSUES:
            raise JiraInvalidError("no", status=403, method="POST", path=operation.template)

    account = {"account": SimpleNamespace(left=2000)} if why == "few points" else {}
    allowed = {"DEV", "OPS"} if why == "confined" else None
    jira = FakeJira(_over_time(900, seed=5), page_size=20, hourly_points=1, allowed=allowed, **account)
    if why == "few points":
        jira.rows_reserved = lambda wanted: nullcontext(min(wanted, 10 if wanted < 20 else wanted))
    if why == "refused":
        jira.before = refuse
    assert _pull(jira, max_rows=100_000).items == ids_of(jira.found("x ORDER BY created DESC"))
    assert bool(_sampled(jira)) is (why == "refused")


def test_slices_are_read_side_by_side():
    """Several requests meet; none waits for all others to be done."""
    jira = FakeJira(_over_time(900, seed=4), page_size=20, max_in_flight=8, hourly_points=1)
    together = threading.Barrier(3)
    met = []

    class Meeting:
        """A lock that three threads must hold up for each other once."""

        def __enter__(self):
            if len(jira.asked) > 15 and not met:
                try:
                    together.wait(5)
                    met.append(True)
                except threading.BrokenBarrierError:
                    met.append(False)
            lock.acquire()

        def __exit__(self, *_):
            lock.release()

    lock, jira._lock = jira._lock, Meeting()
    assert len(_pull(jira, max_rows=100_000).items) == 900
    assert True in met


def test_a_pull_into_a_keeper_says_why_it_is_not_all():
    """The rows are the keeper's; the limit is told like any other."""
    jira = FakeJira(_over_time(50), page_size=20)
    keeper = MemoryKeeper()
    make = {"make": lambda issue: issue["id"], "keeper": keeper}
    assert pull_into(jira, "type = Bug", ["summary"], max_rows=20, **make) == "maxRows"
    assert keeper.items() == [str(number) for number in ids_of(jira.found("x ORDER BY created DESC"))[:20]]
    whole = MemoryKeeper()
    make["keeper"] = whole
    assert pull_into(jira, "type = Bug", ["summary"], max_rows=None, **make) is None
    assert len(whole.items()) == 50
    assert jira.requests(COUNT_ISSUES)
