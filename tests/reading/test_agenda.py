from __future__ import annotations

import math

import pytest

from tests.reading.fakejira import MINUTE
from vantage_jira_plugin.reading.agenda import Agenda
from vantage_jira_plugin.reading.cutting import Cutter
from vantage_jira_plugin.reading.parts import Bundle, Listing, SlicePart
from vantage_jira_plugin.reading.slices import Slice

_MINUTES = 1000


def _agenda(*parts, max_rows=None, workers=8, cutter=None):
    agenda = Agenda(cutter or Cutter(workers), max_rows=max_rows, workers=workers)
    agenda.add(parts)
    return agenda


def _slice(*position, part=None, **more):
    made = {"by_created": True, "newest_first": True, **more}
    token = made.pop("token", None)
    slice_part = SlicePart(position=position or (0,), part=part or Slice(), **made)
    slice_part.chain.token = token
    return slice_part


def _bundle(number, ids=2, **more):
    return Bundle(position=(1, number), ids=[str(one) for one in range(ids)], **more)


def _counted(issues, *, told=True):
    """Return a cutter that takes so many issues to be spread evenly over the minutes; or waits for its counts."""
    cutter = Cutter(8)
    cutter.begin(MINUTE, MINUTE + _MINUTES - 1, issues, page_size=10)
    while told and cutter.counts:
        part = cutter.counts.popleft()
        cutter.counted(part, issues * (part.high - part.low) // _MINUTES)
    return cutter


def _halves():
    """Return the newer half of all minutes and the older one."""
    middle = MINUTE + _MINUTES // 2
    return _slice(0, part=Slice(middle, None)), _slice(0, -1, part=Slice(None, middle))


# ---- what is read next ----------------------------------------------------------------------


def test_parts_are_ready_in_the_querys_order():
    """But for those that somebody reads, that are done, or that cannot be read on."""
    parts = [_slice(number) for number in range(5)]
    parts[1].done, parts[2].trouble = True, "page_repeated"
    agenda = _agenda(*reversed(parts))
    agenda.begin(parts[0])
    assert agenda.is_read(parts[0])
    assert list(agenda.ready()) == parts[3:]
    agenda.end(parts[0])
    assert list(agenda.ready()) == [parts[0], *parts[3:]]


def test_what_the_caller_does_not_take_is_not_read():
    """What is read of a part and what is expected of it fill the limit for those behind it."""
    near, far = _halves()
    assert list(_agenda(near, far, max_rows=500, cutter=_counted(1000)).ready()) == [near, far]
    assert list(_agenda(near, far, max_rows=499, cutter=_counted(1000)).ready()) == [near]
    near.done, near.rows = True, 600
    assert list(_agenda(near, far, max_rows=500, cutter=_counted(1000)).ready()) == []


def test_where_it_is_just_enough_one_page_tells_whether_there_is_more():
    """Of a part that was never read; what is begun and not done is known to hold more."""
    done, unknown = _slice(0, rows=20, done=True), _slice(1)
    assert list(_agenda(done, unknown, max_rows=20).ready()) == [unknown]
    begun = _slice(1, token="more")
    assert list(_agenda(done, begun, max_rows=20).ready()) == []


def test_nothing_is_read_while_the_one_part_is_about_to_be_cut():
    """Its next page would be in the way of that; where there are others, they are read."""
    root = _slice(0)
    assert list(_agenda(root, cutter=_counted(1000, told=False)).ready()) == []
    assert list(_agenda(root, cutter=_counted(1000)).ready()) == [root]
    near, far = _halves()
    assert list(_agenda(near, far, cutter=_counted(1000, told=False)).ready()) == [near, far]


def test_ids_are_listed_as_far_ahead_as_needed():
    """Four bundles for each worker wait at most, and none beyond the limit."""
    listing = Listing(position=(1 << 62,), part=Slice())
    bundles = [_bundle(number) for number in range(8)]
    assert list(_agenda(listing, *bundles, workers=2).ready()) == bundles
    bundles[0].done = True
    assert list(_agenda(listing, *bundles, workers=2).ready()) == [*bundles[1:], listing]
    assert list(_agenda(listing, *bundles[1:], workers=2, max_rows=14).ready()) == bundles[1:]


# ---- how it is shared out -------------------------------------------------------------------


def test_idle_workers_get_what_is_cut_off():
    """One piece each; the parts stay in order, and the first of them is ready to be read."""
    root = _slice(0)
    agenda = _agenda(root, cutter=_counted(1000))
    cut_off = agenda.cut(root, 4, 10)
    assert len(cut_off) == 3
    assert agenda.parts == [root, *cut_off]
    assert list(agenda.ready()) == agenda.parts
    assert sum(map(agenda.expected, agenda.parts)) == pytest.approx(1000)


@pytest.mark.parametrize("workers", [2, 3])
def test_nothing_is_cut_for_workers_who_have_something_to_read(workers):
    """Neither for those who read, nor for whom a part is ready."""
    near, far = _halves()
    agenda = _agenda(near, far, cutter=_counted(1000))
    other = _slice(0, -2, part=Slice(None, MINUTE - 5))
    if workers == 3:
        agenda.add([other])
        agenda.begin(other)
    assert agenda.cut(near, workers, 10) == []
    agenda.begin(far)
    assert agenda.cut(near, workers + 1, 10) != []


def test_what_somebody_reads_is_not_cut():
    """Its next page would come from behind its new end."""
    root = _slice(0)
    agenda = _agenda(root, cutter=_counted(1000))
    agenda.begin(root)
    assert agenda.cut(root, 8, 10) == []
    agenda.end(root)
    assert agenda.cut(root, 8, 10) != []


def test_what_lies_behind_the_limit_is_shared_among_nobody():
    """It is the last piece, which is not needed; the others hold what the caller takes."""
    root = _slice(0)
    agenda = _agenda(root, max_rows=300, cutter=_counted(1000))
    *needed, rest = [root, *agenda.cut(root, 4, 10)]
    assert len(needed) == 4
    assert agenda.expected(rest) == pytest.approx(1000 - 300, abs=30)
    assert rest not in agenda.ready()


def test_what_is_small_beside_another_part_is_not_cut():
    """The largest comes soon."""
    small = _slice(0, part=Slice(MINUTE + 800, None))
    large = _slice(0, -1, part=Slice(None, MINUTE + 800))
    agenda = _agenda(small, large, cutter=_counted(1000))
    assert agenda.cut(small, 8, 10) == []
    assert agenda.cut(large, 8, 10) != []


def test_the_root_is_the_one_part_with_something_left():
    """What was cut has none."""
    root = _slice(0)
    assert _agenda(root).root is root
    assert _agenda(*_halves()).root is None
    assert _agenda(_slice(0, done=True)).root is None
    assert _agenda(_bundle(0)).root is None


def test_rests_are_those_of_open_slices():
    """None where one goes in no known direction: nothing tells where it stands."""
    near, far = _halves()
    near.last = MINUTE + 700
    assert _agenda(near, far, _bundle(0)).rests == [Slice(MINUTE + 500, MINUTE + 701), far.part]
    near.done = True
    assert _agenda(near, far).rests == [far.part]
    assert _agenda(near, far, _slice(1, newest_first=None)).rests == []


def test_a_list_of_ids_takes_the_place_of_the_rest():
    """It knows what is read already; what it names comes before it, in order."""
    root = _slice(0, last=MINUTE + 5)
    root.chain.know(["7"])
    agenda = _agenda(root)
    listing = agenda.list_ids(root)
    assert (root.done, listing.part, listing.chain.known) == (True, Slice(None, MINUTE + 6), ["7"])
    bundles = [_bundle(number) for number in range(3)]
    agenda.listed(bundles[:2])
    agenda.listed(bundles[2:])
    assert agenda.parts == [root, *bundles, listing]
    assert agenda.parts == sorted(agenda.parts, key=lambda part: part.position)


# ---- what is read, and what is to come ------------------------------------------------------


def test_rows_are_told_as_they_come():
    """Those of all parts; of how many, once Jira has counted, and no more than the caller takes."""
    agenda = _agenda(_slice(0, rows=30), _slice(1, rows=20), max_rows=100)
    assert (agenda.rows, agenda.wanted) == (50, 50)
    assert [agenda.total(counted) for counted in (None, 80, 200, 10)] == [None, 80, 100, 50]
    assert _agenda(_slice(0)).wanted == math.inf


def test_a_bundle_is_expected_to_hold_what_it_names():
    """A list of ids nothing: how many more it will name is not known."""
    listing = Listing(position=(1 << 62,), part=Slice())
    agenda = _agenda(_bundle(0, ids=30), _bundle(1, rows=20, done=True), listing, max_rows=100)
    assert [agenda.expected(part) for part in agenda.parts] == [30, 0, 0]
    assert agenda.unlisted == 50


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([_slice(0, rows=10, done=True)], None),
        ([_slice(0, rows=11, done=True)], "maxRows"),
        ([_slice(0, rows=10), _slice(1)], "maxRows"),
        ([_slice(0, rows=10), _slice(1, rows=10, done=True)], "maxRows"),
        ([_slice(0, rows=9), _slice(1, rows=10, done=True)], "timeout"),
        ([_slice(0, rows=9, warned=True), _slice(1, done=True)], "timeout"),
        ([_slice(0, rows=9, done=True, warned=True)], "jira_warning"),
        ([_slice(0, rows=11, done=True, warned=True)], "jira_warning"),
    ],
)
def test_the_rows_are_all_or_there_is_a_reason(parts, reason):
    """What ended the pull counts only where the rows up to the first gap are not as many as the caller takes."""
    agenda = _agenda(*parts, max_rows=10)
    assert agenda.incomplete_reason("timeout") == reason
    assert agenda.whole is (all(part.done for part in parts) and sum(part.rows for part in parts) <= 10)


# ---- where the next call goes on ------------------------------------------------------------


def test_one_chain_goes_on_by_its_own_token():
    """Not where issues too many were read, nor where it is a slice, nor where it was cut."""
    whole = _slice(0, rows=10, token="more")
    assert _agenda(whole, max_rows=10).chain_token == "more"
    assert _agenda(whole, max_rows=9).chain_token is None
    assert _agenda(_slice(0, part=Slice(None, MINUTE), token="more")).chain_token is None
    assert _agenda(whole, _slice(0, -1)).chain_token is None


def test_the_direction_is_that_of_any_slice():
    """One that has not seen it yet, or a bundle, tells nothing."""
    assert _agenda(_slice(0, newest_first=None), _bundle(0)).newest_first is None
    assert _agenda(_slice(0, newest_first=None), _slice(1, newest_first=False)).newest_first is False
