from __future__ import annotations

import math

import pytest

from tests.reading.fakejira import MINUTE
from vantage_jira_plugin.reading.parts import SlicePart
from vantage_jira_plugin.reading.query import Query
from vantage_jira_plugin.reading.slices import Slice
from vantage_jira_plugin.reading.survey import Survey, asks_early


def _root(*, newest_first=True, by_created=True, **more):
    root = SlicePart(position=(0,), part=Slice(), by_created=by_created, newest_first=newest_first)
    for name, value in more.items():
        setattr(root, name, value)
    return root


def _survey(fields=("*all",), in_flight=8, *, seen=100, counted=None, far=None):
    """Return what is known after a page of so many issues."""
    survey = Survey(fields, in_flight)
    if seen is not None:
        survey.saw(_root(found=seen, seconds=0.2))
    survey.counted = counted
    if far is not None:
        survey.told_end(far)
    return survey


def _situation(survey, root, wanted=math.inf):
    return survey.situation(root, wanted, pace=50.0, hourly_points=None, points_left=None)


# ---- what is asked --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "fields", "max_rows", "early"),
    [
        ("ORDER BY created DESC", ("created",), None, True),
        ("ORDER BY created ASC", ("created",), 1001, True),
        ("ORDER BY created DESC", ("created",), 1000, False),
        ("ORDER BY created", ("created",), None, False),
        ("ORDER BY key", ("created",), None, False),
        ("ORDER BY created DESC", ("id",), None, False),
        ("ORDER BY created DESC", ("*all", "-created"), None, False),
    ],
)
def test_much_that_can_be_cut_is_counted_at_once(order, fields, max_rows, early):
    """Where the query says its direction, and issues say where they stand."""
    assert asks_early(Query("a = 1", order, fields), max_rows) is early


def test_each_question_is_asked_once():
    """The far end has no meaning before a direction is known."""
    survey = _survey()
    assert survey.unasked(_root(newest_first=None)) == ["count"]
    assert survey.unasked(_root(newest_first=None)) == []
    assert survey.unasked(_root()) == ["end"]
    assert survey.unasked(_root()) == []


def test_a_run_that_goes_on_asks_nothing():
    """It makes no plan, and takes pages for as long as they are likely to be."""
    survey = _survey(seen=None)
    assert survey.page_size == 0
    survey.ask_nothing()
    assert survey.page_size == 100
    assert survey.unasked(_root()) == []
    assert not survey.knows(_root(last=MINUTE))


# ---- what a plan depends on -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("lacks", "root"),
    [
        ({"counted": None}, _root(last=MINUTE)),
        ({"seen": None}, _root(last=MINUTE)),
        ({"far": None}, _root(last=MINUTE)),
        ({}, _root(last=None)),
        ({}, _root(last=MINUTE, newest_first=None)),
    ],
)
def test_slices_need_to_be_known_from_end_to_end(lacks, root):
    """How many issues, what a page is, and between which minutes; another order needs no minutes."""
    known = {"counted": 5000, "far": (MINUTE - 9, "1"), "seen": 100}
    assert _survey(**known).knows(_root(last=MINUTE))
    assert not _survey(**(known | lacks)).knows(root)
    assert _survey(counted=5000).knows(_root(by_created=False, newest_first=None))


def test_a_situation_is_that_of_what_is_left():
    """What is read already is planned no more."""
    now = _situation(_survey(("summary", "created"), counted=5000), _root(rows=100))
    assert (now.wanted, now.whole, now.page_size, now.bulk_size, now.in_flight) == (4900, True, 100, 1000, 8)
    assert (now.by_created, now.pace, now.latency_seconds) == (True, 50.0, 0.2)


@pytest.mark.parametrize(("wanted", "planned", "whole"), [(899, 899, False), (900, 900, True), (5000, 900, True)])
def test_a_situation_knows_whether_the_caller_takes_everything(wanted, planned, whole):
    """Of what is left beside the rows that are read."""
    now = _situation(_survey(counted=1000), _root(rows=100), wanted)
    assert (now.wanted, now.whole) == (planned, whole)


def test_more_may_be_read_than_was_counted():
    """Counts are approximate: then nothing is taken to be left."""
    assert _survey(counted=50).left(100) == 0
    assert _situation(_survey(counted=50), _root(rows=100)).wanted == 0


def test_ids_are_known_from_both_ends():
    """Those of the first page and that of the last issue; what is no number is none."""
    survey = _survey(far=(MINUTE, "20007"))
    assert survey.ids(["30000", "x", "29990"]) == (20_007, 30_000)
    assert _survey(far=(None, "")).ids(["x"]) is None


# ---- what the next requests are -------------------------------------------------------------


def test_the_page_size_is_that_of_the_largest():
    """And the latency that of the fastest; a first page without issues says nothing."""
    survey = _survey(seen=0)
    assert survey.page_size == 100
    survey.saw(_root(found=150, seconds=0.1))
    survey.saw(_root(found=30, seconds=0.5))
    assert (survey.page_size, survey.latency_seconds) == (150, 0.1)


def test_a_chain_asks_for_no_row_too_many():
    """Its end is where its caller goes on."""
    survey = _survey(seen=None)
    assert survey.page(math.inf, cut=False) == 200
    assert survey.page(7, cut=False) == 7
    assert survey.page(0, cut=False) == 1


@pytest.mark.parametrize(("seen", "size"), [(30, 60), (150, 200)])
def test_a_page_of_a_slice_has_room(seen, size):
    """For twice what the largest held, within what little memory allows."""
    assert _survey(seen=seen).page(5, cut=True) == size


@pytest.mark.parametrize(
    ("counted", "rows", "size"), [(8100, 100, 1000), (8900, 100, 550), (108, 100, 1), (100, 100, 1), (50, 100, 1)]
)
def test_bundles_are_even(counted, rows, size):
    """So that in the last round of fetches nobody is idle; none is larger than Jira takes."""
    survey = _survey(("summary",), counted=counted)
    assert survey.bundle_size == 1000
    survey.even_bundles(rows)
    assert survey.bundle_size == size


@pytest.mark.parametrize(("pace", "workers"), [(1e9, 10), (20.0, 6), (0.1, 2)])
def test_no_more_read_than_the_pace_keeps_busy(pace, workers):
    """At least two, at most as many as there are; all of them before a page was timed."""
    assert _survey().workers(10, pace) == workers
    assert _survey(seen=None).workers(10, pace) == 10


@pytest.mark.parametrize(("counted", "rows", "doubted"), [(None, 5, False), (1000, 850, False), (1000, 849, True)])
def test_a_count_far_above_what_came_is_doubted(counted, rows, doubted):
    """It is approximate, and may lag by a few."""
    text = _survey(counted=counted).doubt(rows)
    assert (text is not None) is doubted
    assert text is None or ("1000" in text and "849" in text)
