from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.reading.plan import Situation, plan, sampled

#: Twenty thousand issues with all fields, newest first.
_RICH = Situation(20_000, page_size=100, bulk_size=100, by_created=True, whole=True, in_flight=8)
#: The same with five fields, where Jira's pages are as short.
_LEAN = replace(_RICH, bulk_size=1000)

_situations = st.builds(
    Situation,
    wanted=st.integers(0, 1_000_000),
    page_size=st.integers(1, 5000),
    bulk_size=st.sampled_from([100, 1000]),
    by_created=st.booleans(),
    whole=st.booleans(),
    in_flight=st.integers(1, 64),
    pace=st.floats(0.1, 500),
    latency_seconds=st.floats(0, 10),
    hourly_points=st.none() | st.integers(0, 500_000),
    points_left=st.none() | st.integers(0, 500_000),
)


# ---- which way ------------------------------------------------------------------------------


def test_many_issues_are_read_in_slices():
    """For a few requests and their points more than a chain takes, in a fraction of the time."""
    chain, slices = plan(replace(_RICH, in_flight=1)), plan(_RICH)
    assert (chain.way, chain.at_once, chain.requests, chain.points) == ("chain", 1, 200, 20_200)
    assert slices.way == "slices"
    assert slices.at_once == 8
    assert slices.points < 1.03 * chain.points
    assert slices.seconds < chain.seconds / 5


@pytest.mark.parametrize("now", [replace(_RICH, wanted=300), replace(_RICH, wanted=0), replace(_RICH, in_flight=1)])
def test_few_pages_and_one_request_at_a_time_are_a_chain(now):
    """There is nothing to be won."""
    assert plan(now).way == "chain"


def test_short_pages_of_few_fields_are_read_by_their_ids():
    """Where a bulk fetch takes ten times what is on a page, the requests saved are worth the points."""
    ids = plan(_LEAN)
    assert ids.way == "ids"
    assert ids.requests * 2 <= plan(replace(_LEAN, bulk_size=100)).requests
    assert 40_000 <= ids.points <= 40_050


@pytest.mark.parametrize(
    "more", [{"points_left": 39_000}, {"hourly_points": 65_000}, {"bulk_size": 100}, {"page_size": 1000}]
)
def test_ids_are_not_listed_where_that_costs_too_much(more):
    """A budget or a quota is short, or it saves nothing."""
    assert plan(replace(_LEAN, **more)).way == "slices"


def test_ids_may_be_listed_where_a_quota_is_large():
    """What they cost beside the issues is a tenth of an hour's points at most."""
    assert plan(replace(_LEAN, hourly_points=200_000)).way == "ids"


def test_another_order_is_read_by_its_ids():
    """Slices do not follow it. Where the caller takes less than all, only Jira's token tells where to go on."""
    other = replace(_RICH, by_created=False)
    assert plan(other).way == "ids"
    assert plan(replace(other, whole=False)).way == "chain"
    assert plan(replace(other, hourly_points=65_000)).way == "chain"


def test_a_few_of_many_issues_are_looked_at():
    """One of fifty, and at most as many as little time takes."""
    assert [sampled(issues) for issues in (0, 499, 10_000, 1e6)] == [0, 9, 200, 500]


@given(_situations)
def test_every_situation_has_a_plan(now):
    """Its numbers are possible, and it keeps to what may be under way and spent."""
    chosen = plan(now)
    assert 1 <= chosen.at_once <= now.in_flight
    assert chosen.requests >= 1
    assert chosen.points >= now.wanted
    assert chosen.seconds >= 0
    assert chosen.way != "slices" or now.by_created
    if chosen.way == "ids":
        assert now.points_left is None or chosen.points <= now.points_left
    if now.in_flight == 1:
        assert chosen.way == "chain"
