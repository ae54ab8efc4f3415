from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.reading.fakejira import MINUTE
from vantage_jira_plugin.reading.continuation import Continuation
from vantage_jira_plugin.reading.keeper import PartState
from vantage_jira_plugin.reading.pages import Page
from vantage_jira_plugin.reading.parts import Bundle, Listing, SlicePart, restored_part, root_part
from vantage_jira_plugin.reading.query import Query
from vantage_jira_plugin.reading.slices import Slice


def _slice(part=None, **more):
    return SlicePart(position=(0,), part=part or Slice(), **{"by_created": True, "newest_first": True, **more})


def _read(part, *minutes, last=False, first_id=1):
    """Let a part have read a page of issues that were created in these minutes; None does not say when."""
    created = [None if minute is None else f"2026-01-31T09:{30 + minute}:00.000+0000" for minute in minutes]
    items = [SimpleNamespace(id=str(number), created=text) for number, text in enumerate(created, first_id)]
    part.advance(Page(items, last, found=len(items)))


def _written(part):
    """Return a part as it comes back from what a keeper has written of it."""
    state = part.state
    return restored_part(PartState(state.position, json.loads(json.dumps(state.state)), state.done, state.rows))


# ---- how a slice goes on --------------------------------------------------------------------


def test_a_slice_knows_what_is_left():
    """It begins with the minute of the last issue, whose ids are known, over as many pages as that takes."""
    part = _slice()
    assert (part.begun, part.rest) == (False, Slice())
    part.chain.token = "more"
    _read(part, 9, 8)
    assert (part.begun, part.rest, part.at_last) == (True, Slice(None, MINUTE + 9), ["2"])
    _read(part, 8, 8, first_id=3)
    assert (part.rest, part.at_last) == (Slice(None, MINUTE + 9), ["2", "3", "4"])
    _read(part, 5, 1, first_id=5)
    assert (part.rest, part.at_last) == (Slice(None, MINUTE + 2), ["6"])


def test_a_page_tells_what_it_went_through():
    """From where the slice stood, without the minute in which it ended, which may hold more; at last to its end."""
    part = _slice(Slice(MINUTE, MINUTE + 20))
    assert part.passed is None
    _read(part, 9, 8, 5)
    assert part.passed == Slice(MINUTE + 6, MINUTE + 20)
    _read(part, 5, 1, last=True)
    assert (part.done, part.passed) == (True, Slice(MINUTE, MINUTE + 6))


def test_oldest_first_it_is_the_other_way_round():
    """What is left begins with the last minute and ends where the slice does."""
    part = _slice(newest_first=False)
    _read(part, 1, 2)
    assert (part.rest, part.passed, part.at_last) == (Slice(MINUTE + 2, None), Slice(None, MINUTE + 2), ["2"])


@pytest.mark.parametrize("descends", [True, False])
def test_a_direction_that_is_not_said_is_seen(descends):
    """The first page with two minutes tells; until then it is not known."""
    part = _slice(newest_first=None)
    _read(part, 3, 3)
    assert (part.newest_first, part.rest, part.passed) == (None, Slice(), None)
    _read(part, 3, 1 if descends else 5)
    assert part.newest_first is descends


def test_issues_that_do_not_say_when_they_were_created_are_read_to_the_end():
    """It is a list like any other then, and cannot be cut."""
    part = _slice()
    _read(part, 3, None)
    assert (part.by_created, part.newest_first, part.rest) == (False, None, Slice())
    _read(part, 2, 1)
    assert (part.newest_first, part.last) == (None, None)


def test_a_page_with_nothing_new_moves_nothing():
    """What was known of where it stands stays; a warning stays as well."""
    part = _slice()
    _read(part, 9, 8)
    part.advance(Page([], last=False, warned=True))
    assert (part.rest, part.at_last, part.found, part.warned) == (Slice(None, MINUTE + 9), ["2"], 0, True)
    _read(part, 7)
    assert part.warned


def test_a_slice_that_begins_anew_knows_what_it_has_read():
    """Of the minute in which it stands; its token was one of the query before."""
    part = _slice()
    _read(part, 9, 8, 8)
    part.chain.token = "more"
    part.begin_again(Slice(MINUTE + 4, MINUTE + 9))
    assert (part.part, part.chain.token, part.chain.known) == (Slice(MINUTE + 4, MINUTE + 9), None, ["2", "3"])
    _read(part, 6, last=True)
    assert part.passed == Slice(MINUTE + 4, MINUTE + 9)


# ---- how a pull begins ----------------------------------------------------------------------


def _begun(order, begin=None):
    return root_part(Query("a = 1", order, ("created",)), begin or Continuation())


@pytest.mark.parametrize(
    ("order", "by_created", "newest_first"),
    [
        ("ORDER BY created DESC", True, True),
        ("ORDER BY created ASC", True, False),
        ("ORDER BY created", True, None),
        ("ORDER BY key", False, None),
    ],
)
def test_a_pull_begins_with_everything(order, by_created, newest_first):
    """In the direction that the query names."""
    root = _begun(order)
    assert (root.part, root.by_created, root.newest_first, root.begun) == (Slice(), by_created, newest_first, False)


def test_a_pull_goes_on_behind_what_came_before():
    """A text of this plugin's says in which direction, where the query does not, and what was read of its minute."""
    root = _begun("ORDER BY created", Continuation(Slice(None, MINUTE + 9), ("7", "8")))
    assert (root.newest_first, root.last, root.at_last) == (True, MINUTE + 8, ["7", "8"])
    assert (root.rest, root.chain.known) == (Slice(None, MINUTE + 9), ["7", "8"])


def test_where_jiras_token_leads_is_not_known_by_time():
    """Whatever the order, it is read as a chain."""
    root = _begun("ORDER BY created DESC", Continuation(token="callers"))
    assert (root.by_created, root.newest_first, root.chain.token) == (False, None, "callers")


# ---- what is written ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        _slice(Slice(5, 9), last=7, at_last=["1", "2"], cuts=3, rows=12),
        _slice(newest_first=None, by_created=False),
        Listing(position=(1 << 62,), part=Slice(5, 9), skip=["1", "2"], pages=3, listed=40),
        Bundle(position=(3, 1), ids=["4", "5"]),
        Bundle(position=(3, 2), ids=["4", "5"], rows=2, done=True),
    ],
)
def test_every_part_can_be_written(part):
    """What comes back goes on as the part would, and is written the same."""
    assert _written(part).state == part.state
    assert isinstance(_written(part), type(part))
