from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.fakejira import MINUTE
from vantage_jira_plugin.reading.cutting import Cutter
from vantage_jira_plugin.reading.parts import SlicePart
from vantage_jira_plugin.reading.slices import Slice

_WIDTH = 5000


def _root(*, newest_first, last=None, part=None):
    root = SlicePart(position=(0,), part=part or Slice(), by_created=True, newest_first=newest_first)
    root.last = last
    return root


def _counted(cutter, of):
    """Answer all counts that a cutter asks for; returns how many there were."""
    asked = 0
    while cutter.counts:
        asked += 1
        part = cutter.counts.popleft()
        cutter.counted(part, of(part))
    return asked


def _cutter(count=10_000, workers=8, of=None, page_size=100):
    cutter = Cutter(workers)
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, count, page_size=page_size)
    _counted(cutter, of or (lambda part: count * (part.high - part.low) // _WIDTH))
    return cutter


def _cut(cutter, part, idle=8, *, page_size=100, wanted=float("inf"), largest=0.0):
    return cutter.cut(part, idle, page_size=page_size, wanted=wanted, largest=largest)


# ---- counting -------------------------------------------------------------------------------


def test_as_many_spans_are_counted_as_go_at_once():
    """Parts are cut once all of these are told; the counts are believed."""
    cutter = Cutter(8)
    assert not cutter.ready
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, 10_000, page_size=100)
    assert len(cutter.counts) == 5
    assert not cutter.ready
    assert _counted(cutter, lambda _: 1500) == 5
    assert cutter.ready
    assert cutter.expected(_root(newest_first=True)) == pytest.approx(7500)


def test_few_issues_have_few_spans_counted():
    """No more than pieces that are worth a request."""
    cutter = Cutter(8)
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, 600, page_size=100)
    assert len(cutter.counts) == 4


def test_crowded_spans_are_counted_more_finely():
    """Where four of five issues lie in a hundredth of the time, counts go there; and they end."""
    busy = Slice(MINUTE + 2000, MINUTE + 2050)

    def of(part):
        overlap = max(0, min(part.high, busy.high) - max(part.low, busy.low))
        return 8000 * overlap // 50 + 2000 * (part.high - part.low) // _WIDTH

    cutter = Cutter(8)
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, 10_000, page_size=100)
    assert 8 < _counted(cutter, of) <= 6 * 8
    near = _root(newest_first=True, part=busy)
    assert cutter.expected(near) == pytest.approx(8000, rel=0.3)


def test_counts_leave_room_for_pages_once_parts_are_cut():
    """The first are made at once; those that only cut more finely two at a time, unless there is no page to read."""
    cutter = Cutter(8)
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, 10_000, page_size=100)
    first = [cutter.next_count(idle=False) for _ in range(6)]
    assert first[5] is None
    for number, part in enumerate(first[:5]):
        cutter.counted(part, 9000 if number == 0 else 250)
    assert len(cutter.counts) > 3
    finer = [cutter.next_count(idle=False) for _ in range(3)]
    assert finer[2] is None
    assert cutter.next_count(idle=True) is not None
    cutter.counted(finer[0], 1000)
    assert cutter.next_count(idle=False) is None
    cutter.counted(finer[1], 1000)
    assert cutter.next_count(idle=False) is not None


@given(st.integers(1, 16), st.integers(0, 10_000), st.integers(0, 1 << 30), st.integers(1, _WIDTH))
def test_counts_come_to_an_end_whatever_they_say(workers, left, seed, width):
    """No more than six for each worker, though each contradicts the one before."""
    cutter = Cutter(workers)
    cutter.begin(MINUTE, MINUTE + width - 1, left, page_size=10)
    chance = random.Random(seed)  # noqa: S311 - test data
    assert _counted(cutter, lambda _: chance.choice([0, 1, 10_000])) <= max(2, 6 * workers)
    assert cutter.ready


def test_a_run_that_goes_on_has_its_rests_counted():
    """All of them, since nothing is known."""
    cutter = Cutter(4)
    rests = [Slice(None, MINUTE + 100), Slice(MINUTE + 100, MINUTE + 200), Slice(MINUTE + 200, None)]
    cutter.begin_again(MINUTE, MINUTE + 299, rests)
    assert list(cutter.counts) == rests
    assert _counted(cutter, lambda _: 50) == 3
    assert cutter.ready
    assert cutter.expected(_root(newest_first=False, part=rests[1])) == pytest.approx(50)


# ---- sampling -------------------------------------------------------------------------------


def _sampling(minute_of_id, *, low=20_000, high=40_000, exists=lambda _: True, count=10_000):
    """Return a cutter to which its sample was answered, and how many ids that were."""
    cutter = Cutter(8)
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, count, page_size=100, ids=(low, high))
    sample = cutter.sample
    assert all(low < int(issue_id) < high for issue_id in sample)
    cutter.sampled([(int(issue_id), minute_of_id(int(issue_id))) for issue_id in sample if exists(int(issue_id))])
    return cutter, len(sample)


def _busy(issue_id):
    """Return when an issue was created where four of five were within a hundredth of the time."""
    share = (issue_id - 20_000) / 20_000
    return MINUTE + int(2000 + 50 * share / 0.8 if share < 0.8 else 2050 + (_WIDTH - 2050) * (share - 0.8) / 0.2)


def test_ids_show_how_issues_are_spread():
    """One for fifty issues, though only one in five names one; none is counted more finely after that."""
    cutter, asked = _sampling(_busy, exists=lambda issue_id: issue_id % 5 == 0)
    assert asked == 200
    assert cutter.expected(_root(newest_first=True, part=Slice(MINUTE + 2000, MINUTE + 2050))) == pytest.approx(
        8000, rel=0.1
    )
    cutter.counts.clear()
    for low, high in pairwise(range(MINUTE, MINUTE + _WIDTH + 1, 1000)):
        part = Slice(low, high)
        cutter.counted(part, round(cutter.expected(_root(newest_first=True, part=part))))
    assert cutter.ready
    assert len(cutter.counts) <= 16


@pytest.mark.parametrize(("low", "high", "count"), [(20_000, 20_005, 10_000), (20_000, 40_000, 400), (7, 7, 10_000)])
def test_too_few_are_not_sampled(low, high, count):
    """Neither ids close together nor few issues are worth a request."""
    _, asked = _sampling(_busy, low=low, high=high, count=count)
    assert asked == 0


def test_a_sample_that_shows_hardly_anything_shows_nothing():
    """Then counts tell, as they do without one."""
    cutter, _ = _sampling(_busy, exists=lambda issue_id: issue_id > 39_700)
    assert _counted(cutter, lambda _: 2000) == 5
    assert cutter.expected(_root(newest_first=True, part=Slice(MINUTE, MINUTE + 1000))) == pytest.approx(2000)


@pytest.mark.parametrize("first", ["counts", "sample"])
def test_counts_correct_the_sample_whichever_comes_first(first):
    """What is counted holds; within it issues are spread as the sample shows. Nothing is cut before both are there."""
    cutter = Cutter(8)
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, 10_000, page_size=100, ids=(20_000, 40_000))
    found = [(int(issue_id), _busy(int(issue_id))) for issue_id in cutter.sample]
    if first == "sample":
        cutter.sampled(found)
    assert not cutter.ready
    _counted(cutter, lambda part: 3000 if part.low == MINUTE + 2000 else 100)
    if first == "counts":
        assert not cutter.ready
        cutter.sampled(found)
    _counted(cutter, lambda part: cutter.expected(_root(newest_first=True, part=part)))
    assert cutter.ready
    held = cutter.expected(_root(newest_first=True, part=Slice(MINUTE + 2000, MINUTE + 3000)))
    busy = cutter.expected(_root(newest_first=True, part=Slice(MINUTE + 2000, MINUTE + 2050)))
    assert held == pytest.approx(3000)
    assert busy == pytest.approx(3000 * 8000 / (8000 + 2000 * 950 / 2950), rel=0.05)


@given(st.lists(st.tuples(st.integers(20_001, 39_999), st.integers(MINUTE - 9, MINUTE + _WIDTH + 9)), max_size=30))
def test_whatever_a_sample_shows_all_is_still_expected(found):
    """No issue is lost, or expected twice."""
    cutter = Cutter(8)
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, 10_000, page_size=100, ids=(20_000, 40_000))
    cutter.sampled(found)
    assert cutter.expected(_root(newest_first=True)) == pytest.approx(10_000)


# ---- cutting --------------------------------------------------------------------------------


def test_nothing_is_cut_before_it_is_counted():
    """Nor where the direction is not known."""
    cutter = Cutter(8)
    assert _cut(cutter, _root(newest_first=True, last=MINUTE)) == []
    cutter.begin(MINUTE, MINUTE + _WIDTH - 1, 10_000, page_size=100)
    assert _cut(cutter, _root(newest_first=True, last=MINUTE + _WIDTH - 1)) == []
    assert _cut(_cutter(), _root(newest_first=None)) == []


@pytest.mark.parametrize("newest_first", [True, False])
def test_idle_workers_get_a_piece_each(newest_first):
    """Pieces hold about as much, the part itself has the nearest, and what it has read of its minute it still knows."""
    root = _root(newest_first=newest_first, last=MINUTE + (_WIDTH - 1 if newest_first else 0))
    root.at_last = ["1", "2"]
    cutter = _cutter()
    pieces = [root, *_cut(cutter, root)]
    assert len(pieces) == 8
    assert [cutter.expected(piece) for piece in pieces] == pytest.approx([1250] * 8, rel=0.01)
    assert root.chain.known == ["1", "2"]
    assert root.chain.token is None
    edge = root.part.high == MINUTE + _WIDTH if newest_first else root.part.low == MINUTE
    assert edge


@pytest.mark.parametrize(
    ("idle", "more"),
    [
        (1, {}),
        (8, {"page_size": 10_000}),
        (8, {"wanted": 0}),
        (8, {"wanted": -500}),
        (8, {"largest": 50_000}),
    ],
)
def test_what_is_not_worth_it_is_not_cut(idle, more):
    """Nobody is idle, it ends soon, the caller has enough, or another part is much larger."""
    root = _root(newest_first=True, last=MINUTE + _WIDTH - 1)
    assert _cut(_cutter(), root, idle, **more) == []
    assert root.part == Slice()


def test_what_lies_behind_the_callers_limit_is_one_piece():
    """The workers share what is wanted; the rest is left alone behind it."""
    root = _root(newest_first=True, last=MINUTE + _WIDTH - 1)
    cutter = _cutter()
    pieces = [root, *_cut(cutter, root, wanted=2000)]
    held = [cutter.expected(piece) for piece in pieces]
    assert sum(held[:-1]) == pytest.approx(2200, rel=0.02)
    assert held[-1] == pytest.approx(7800, rel=0.02)
    assert max(held[:-1]) < 400


@given(st.integers(0, 1 << 30), st.booleans(), st.integers(2, 16))
def test_cut_parts_cover_the_rest_in_the_querys_order(seed, newest_first, workers):
    """However often parts and what was cut off them are cut: in order, without a gap, nothing twice, nothing empty."""
    chance = random.Random(seed)  # noqa: S311 - test data
    cutter = _cutter(chance.randrange(1, 20_000), workers, lambda _: chance.randrange(3000))
    last = MINUTE + chance.randrange(_WIDTH)
    root = _root(newest_first=newest_first, last=last)
    whole = root.rest
    parts = [root]
    for _ in range(6):
        part = chance.choice(parts)
        if chance.random() < 0.5:
            low, high = part.rest.low or MINUTE, (part.rest.high or MINUTE + _WIDTH) - 1
            before = part.rest
            part.last = chance.randint(low, max(low, high))
            gone = (part.rest.high, before.high) if newest_first else (before.low, part.rest.low)
            assert gone[0] is None or gone[1] is None or gone[0] <= gone[1]
            part.part = part.rest
            parts.sort(key=lambda one: one.position)
            if part is parts[0]:
                whole = Slice(whole.low, part.rest.high) if newest_first else Slice(part.rest.low, whole.high)
            else:
                part.last, part.part = None, before
        cut_off = _cut(cutter, part, chance.randint(1, workers), page_size=chance.choice([1, 10, 100]))
        assert all(position > part.position for position in (one.position for one in cut_off))
        parts = sorted([*parts, *cut_off], key=lambda one: one.position)
        assert len({one.position for one in parts}) == len(parts)
        assert all(one.newest_first is newest_first and one.by_created for one in cut_off)
        in_time = [one.part if one.last is None else one.rest for one in (reversed(parts) if newest_first else parts)]
        assert all(before.high == after.low and before.high is not None for before, after in pairwise(in_time))
        assert (in_time[0].low, in_time[-1].high) == (whole.low, whole.high)
        assert all(one.low is None or one.high is None or one.low < one.high for one in in_time)


# ---- what pages show ------------------------------------------------------------------------


def _page(part, last, found, *, done=False):
    part.stood, part.last, part.found, part.done = part.last, last, found, done


def test_pages_correct_what_is_expected():
    """What was read is left no more; a part that is done holds nothing."""
    cutter = _cutter(10_000)
    root = _root(newest_first=True)
    _page(root, MINUTE + 4000, 2000)
    cutter.read(root)
    assert cutter.expected(root) == pytest.approx(8000, rel=0.02)
    _page(root, MINUTE, 10, done=True)
    cutter.read(root)
    assert cutter.expected(root) == 0


def test_a_page_within_one_minute_shows_nothing():
    """It may hold more; and what has no order by creation tells nothing either."""
    cutter = _cutter(10_000)
    root = _root(newest_first=True)
    _page(root, MINUTE + 4000, 100)
    cutter.read(root)
    _page(root, MINUTE + 4000, 100)
    before = cutter.expected(root)
    cutter.read(root)
    assert cutter.expected(root) == before
    cutter.read(_root(newest_first=None))
    assert cutter.expected(_root(newest_first=None)) == 0
    Cutter(8).read(root)


# ---- sizes ----------------------------------------------------------------------------------


def test_pieces_do_not_end_at_the_very_end_of_a_page():
    """Two hundred pages for twenty: most have nine and a part, a few have one more, none has ten to the last issue."""
    cutter = _cutter(19_960, workers=20)
    root = _root(newest_first=True, last=MINUTE + _WIDTH - 1)
    pieces = [root, *_cut(cutter, root, 20)]
    sizes = sorted(cutter.expected(piece) for piece in pieces)
    assert len(sizes) == 20
    assert sum(sizes) == pytest.approx(19_960, rel=0.01)
    assert all(size % 100 < 99 for size in sizes)
    assert max(sizes) < 1100
    assert sum(math.ceil(size / 100) for size in sizes) <= 205
