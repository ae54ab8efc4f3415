from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

from tests.reading.fakejira import MINUTE, FakeJira, Made
from vantage_jira_plugin.errors import JiraInvalidError
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, SEARCH_ISSUES
from vantage_jira_plugin.reading.keeper import MemoryKeeper, PartState
from vantage_jira_plugin.reading.parts import Bundle, Listing, SlicePart, restored_part
from vantage_jira_plugin.reading.query import Query
from vantage_jira_plugin.reading.reader import Reader
from vantage_jira_plugin.reading.slices import Slice

_QUERY = Query("type = Bug", "ORDER BY created DESC", ("summary", "created"))
_MINUTE_MILLISECONDS = 60_000


def _at(*minutes):
    """Return issues that were created in these minutes, numbered from 1."""
    return [Made(number, (MINUTE + minute) * _MINUTE_MILLISECONDS) for number, minute in enumerate(minutes, 1)]


def _slice(part=None, **more):
    return SlicePart(position=(0,), part=part or Slice(), **{"by_created": True, "newest_first": True, **more})


def _begun(jira, part):
    """Return a reader and the keeper that knows of a part."""
    keeper = MemoryKeeper()
    keeper.planned([part.state])
    return Reader(jira, _QUERY, lambda issue: int(issue["id"]), keeper), keeper


def _written(part):
    """Return a part as it comes back from what a keeper has written of it."""
    state = part.state
    return restored_part(PartState(state.position, json.loads(json.dumps(state.state)), state.done, state.rows))


# ---- slices ---------------------------------------------------------------------------------


def test_a_slice_knows_where_it_stands():
    """After each page: what is left begins with the minute of the last issue, whose ids are known."""
    jira = FakeJira(_at(9, 8, 8, 8, 5, 1), page_size=2)
    part = _slice()
    reader, keeper = _begun(jira, part)
    seen = []
    for _ in range(3):
        reader.page(part, 100)
        seen.append((part.rows, part.rest, sorted(part.at_last), part.done))
    assert seen == [
        (2, Slice(None, MINUTE + 9), ["2"], False),
        (4, Slice(None, MINUTE + 9), ["2", "3", "4"], False),
        (6, Slice(None, MINUTE + 2), [], True),
    ]
    assert keeper.items() == [1, 2, 3, 4, 5, 6]
    assert keeper.parts() == [part.state]


def test_a_part_that_is_done_remembers_no_ids():
    """Those of a hundred thousand issues would fill the memory for nothing."""
    jira = FakeJira(_at(3, 2, 1))
    part = _slice()
    reader, _ = _begun(jira, part)
    reader.page(part, 100)
    assert part.done
    assert (part.chain.known, part.at_last, part.chain.token) == ([], [], None)


def test_what_a_state_says_does_not_change_afterwards():
    """A keeper may write it later than it was told."""
    jira = FakeJira(_at(3, 3, 3, 1), page_size=1)
    part = _slice()
    reader, _ = _begun(jira, part)
    reader.page(part, 100)
    noted = part.state
    before = json.dumps(noted.state)
    reader.page(part, 100)
    assert json.dumps(noted.state) == before


def test_issues_of_other_projects_are_not_kept():
    """They count as found, for the pages were as long, and not as rows."""
    jira = FakeJira([*_at(3, 2), Made(3, MINUTE * _MINUTE_MILLISECONDS, project="HR")])
    part = _slice()
    jira.settings.allowed_projects = frozenset({"DEV"})
    reader, keeper = _begun(jira, part)
    reader.page(part, 100)
    assert (part.found, part.rows, keeper.items()) == (3, 2, [1, 2])


def test_a_page_is_as_long_as_the_points_allow():
    """What is set aside is what is asked for."""
    jira = FakeJira(_at(3, 2, 1))

    @contextmanager
    def few(wanted):
        yield min(wanted, 2)

    jira.rows_reserved = few
    reader, _ = _begun(jira, _slice())
    reader.page(_slice(), 100)
    assert jira.requests(SEARCH_ISSUES)[0]["maxResults"] == 2


# ---- beginning again ------------------------------------------------------------------------


def test_a_slice_that_begins_anew_passes_over_what_it_has_read():
    """Its new query begins with the minute in which it stood."""
    jira = FakeJira(_at(9, 8, 8, 5, 1), page_size=2)
    part = _slice()
    reader, keeper = _begun(jira, part)
    reader.page(part, 100)
    part.begin_again(Slice(MINUTE + 4, MINUTE + 9))
    reader.page(part, 100)
    reader.page(part, 100)
    assert keeper.items() == [1, 2, 3, 4]
    assert jira.requests(SEARCH_ISSUES)[1]["jql"] == (
        f"(type = Bug) AND created >= {(MINUTE + 4) * 60_000} AND created < {(MINUTE + 9) * 60_000} "
        "ORDER BY created DESC"
    )
    assert "nextPageToken" not in jira.requests(SEARCH_ISSUES)[1]


@pytest.mark.parametrize("expired", [False, True])
def test_a_written_slice_goes_on_where_it_stood(expired):
    """By its token, or where that is too old, by a query that begins there."""
    jira = FakeJira(_at(9, 8, 8, 5, 1), page_size=2)
    part = _slice()
    reader, keeper = _begun(jira, part)
    reader.page(part, 100)
    if expired:
        jira.expire()
    again = _written(part)
    assert (again.position, again.rows, again.resumed) == ((0,), 2, True)
    while not again.done:
        reader.page(again, 100)
    assert keeper.items() == [1, 2, 3, 4, 5]
    with_token = [body for body in jira.requests(SEARCH_ISSUES) if "nextPageToken" in body]
    assert len(with_token) == 2


def test_a_token_that_is_refused_later_is_a_failure():
    """Only the one that was written may be too old; and where no direction is known there is no other way."""
    jira = FakeJira(_at(9, 8, 7, 6), page_size=1)
    part = _slice()
    reader, _ = _begun(jira, part)
    reader.page(part, 100)
    jira.expire()
    with pytest.raises(JiraInvalidError, match="page token"):
        reader.page(part, 100)
    unknown = _written(part)
    unknown.newest_first = None
    with pytest.raises(JiraInvalidError, match="page token"):
        reader.page(unknown, 100)


def test_another_refusal_is_a_failure():
    """A query that Jira does not understand any more is not begun anew."""
    jira = FakeJira(_at(9, 8), page_size=1)
    part = _slice()
    reader, _ = _begun(jira, part)
    reader.page(part, 100)

    def refuse(_):
        raise JiraInvalidError("no such field", status=400, method="POST", path="/")

    jira.before = refuse
    with pytest.raises(JiraInvalidError, match="no such field"):
        reader.page(_written(part), 100)
    assert len(jira.asked) == 2


# ---- ids first ------------------------------------------------------------------------------


def test_a_list_of_ids_becomes_bundles():
    """Each page of ids, without those that were read before, in bundles that are noted with it."""
    jira = FakeJira(_at(9, 8, 7, 6, 5, 4, 3), list_size=4)
    listing = Listing(position=(1 << 62,), part=Slice(None, MINUTE + 9), skip=["2"])
    listing.chain.know(listing.skip)
    reader, keeper = _begun(jira, listing)
    bundles = reader.ids(listing, 5000, 2)
    assert [(bundle.position, bundle.ids) for bundle in bundles] == [((1, 0), ["3", "4"]), ((1, 1), ["5"])]
    assert [part.position for part in keeper.parts()] == [(1, 0), (1, 1), (1 << 62,)]
    assert (listing.listed, listing.done) == (3, False)
    more = reader.ids(listing, 5000, 2)
    assert [(bundle.position, bundle.ids) for bundle in more] == [((2, 0), ["6", "7"])]
    assert listing.done
    body = jira.requests(SEARCH_ISSUES)[0]
    assert (body["fields"], body["maxResults"]) == (["id"], 5000)
    assert f"created < {(MINUTE + 9) * 60_000}" in body["jql"]


def test_a_bundle_is_read_in_the_order_of_its_ids():
    """Jira answers in another; what is gone meanwhile is left out."""
    jira = FakeJira(_at(9, 8, 7))
    bundle = Bundle(position=(1, 0), ids=["3", "1", "99", "2"])
    reader, keeper = _begun(jira, bundle)
    reader.bundle(bundle)
    assert (keeper.items(), bundle.rows, bundle.done) == ([3, 1, 2], 3, True)
    assert bundle.state.state["ids"] == []
    assert jira.requests(BULK_FETCH_ISSUES) == [
        {"issueIdsOrKeys": ["3", "1", "99", "2"], "fields": ["summary", "created"]}
    ]


def test_what_is_not_answered_in_one_piece_is_asked_for_in_smaller_ones():
    """Jira says which; the rows come in the order of the ids all the same."""
    jira = FakeJira(_at(*range(20)))
    jira.unanswered = {4: 2, 7: 2, 8: 2}
    bundle = Bundle(position=(1, 0), ids=[str(number) for number in range(20, 0, -1)])
    reader, keeper = _begun(jira, bundle)
    reader.bundle(bundle)
    assert keeper.items() == list(range(20, 0, -1))
    assert (bundle.done, bundle.trouble) == (True, None)


def test_pieces_shrink_to_single_issues():
    """An issue that is answered only by itself does not end the rows."""
    jira = FakeJira(_at(*range(40)))
    jira.unanswered = {4: 1, 5: 1, 30: 1}
    bundle = Bundle(position=(1, 0), ids=[str(number) for number in range(1, 41)])
    reader, keeper = _begun(jira, bundle)
    reader.bundle(bundle)
    assert (keeper.items(), bundle.done, bundle.trouble) == (list(range(1, 41)), True, None)


def test_nothing_is_asked_for_behind_what_is_not_answered_alone():
    """Where Jira answers nothing of a thousand issues, four requests show it, not a thousand."""
    jira = FakeJira(_at(*range(1000)))
    jira.unanswered = dict.fromkeys(range(1001), 0)
    bundle = Bundle(position=(1, 0), ids=[str(number) for number in range(1, 1001)])
    reader, keeper = _begun(jira, bundle)
    reader.bundle(bundle)
    assert [len(body["issueIdsOrKeys"]) for body in jira.requests(BULK_FETCH_ISSUES)] == [1000, 100, 10, 1]
    assert (keeper.items(), len(bundle.ids), bundle.trouble) == ([], 1000, "issues_unanswered")


def test_pieces_grow_again():
    """One issue that is answered only alone does not make single requests of all others."""
    jira = FakeJira(_at(*range(1000)))
    jira.unanswered = {1: 1} | dict.fromkeys(range(2, 1001), 100)
    bundle = Bundle(position=(1, 0), ids=[str(number) for number in range(1, 1001)])
    reader, keeper = _begun(jira, bundle)
    reader.bundle(bundle)
    assert (keeper.items(), bundle.done) == (list(range(1, 1001)), True)
    assert len(jira.requests(BULK_FETCH_ISSUES)) < 20


def test_rows_end_before_what_is_not_answered_at_all():
    """The rest is noted, and another run reads it, and only it."""
    jira = FakeJira(_at(*range(9)))
    jira.unanswered = {5: 0, 7: 0}
    bundle = Bundle(position=(1, 0), ids=[str(number) for number in range(1, 10)])
    reader, keeper = _begun(jira, bundle)
    reader.bundle(bundle)
    assert (keeper.items(), bundle.rows, bundle.done, bundle.trouble) == ([1, 2, 3, 4], 4, False, "issues_unanswered")
    jira.unanswered = {}
    jira.delivered.clear()
    again = _written(bundle)
    reader.bundle(again)
    assert jira.delivered == [5, 6, 7, 8, 9]
    assert (keeper.items(), again.rows, again.done) == (list(range(1, 10)), 9, True)
    assert keeper.parts() == [again.state]
