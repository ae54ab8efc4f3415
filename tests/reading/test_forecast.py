from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from vantage_jira_plugin.operations import COUNT_ISSUES
from vantage_jira_plugin.reading import forecast as module


class _Site:
    """A site with so many issues that answers counts alone."""

    def __init__(self, count, *, max_in_flight=8, hourly_points=None, left=None, pace=100.0):
        self.settings = SimpleNamespace(allowed_projects=None, max_in_flight=max_in_flight)
        self.account = SimpleNamespace(left=left)
        self.hourly_points = hourly_points
        self._count = count
        self._pace = pace

    def pace(self, operation):
        return self._pace

    def call(self, operation, *, body):
        assert operation is COUNT_ISSUES
        return {"count": self._count}


def forecast(*given, **more):
    """As the function, on a site whose answers take 0.15 s."""
    return module.forecast(*given, **more, monotonic=itertools.count(0, 0.15).__next__)


def _reads(estimate):
    return [(read["path"].rpartition("/")[-1], read["requests"], read["atOnce"]) for read in estimate.reads]


def test_slices_cost_the_points_of_a_chain_and_a_few():
    """20,000 rich issues: as many pages, six counts, one sample of ids, half a page for each slice."""
    seen = forecast(_Site(20_000), "project = DEV ORDER BY created", ["*all"], max_rows=None)

    assert seen.issues == 20_000
    assert seen.estimate.points <= 1.03 * (20_000 + 200)
    assert [path for path, _, _ in _reads(seen.estimate)] == ["approximate-count", "jql", "bulkfetch"]
    assert sum(requests for _, requests, _ in _reads(seen.estimate)) == seen.estimate.requests


def test_another_order_is_read_by_ids():
    """A list of ids in the query's order, then the issues side by side, for twice the points."""
    seen = forecast(_Site(20_000), "project = DEV ORDER BY priority", ["summary"], max_rows=None)

    assert _reads(seen.estimate) == [("approximate-count", 1, 1), ("jql", 4, 1), ("bulkfetch", 20, 8)]
    assert seen.estimate.points == 2 * 20_000 + seen.estimate.requests


@pytest.mark.parametrize(
    "site", [_Site(20_000, hourly_points=65_000), _Site(20_000, left=39_000), _Site(20_000, max_in_flight=1)]
)
def test_what_does_not_afford_twice_the_points_is_read_as_a_chain(site):
    """A quota, a budget, or nobody to read besides: one page after the other."""
    seen = forecast(site, "project = DEV ORDER BY priority", ["summary"], max_rows=None)

    assert _reads(seen.estimate) == [("jql", 20, 1)]
    assert seen.estimate.points == 20_000 + 20


def test_the_first_rows_in_another_order_are_a_chain():
    """Only Jira's own token tells where they end."""
    seen = forecast(_Site(20_000), "project = DEV ORDER BY priority", ["summary"], max_rows=10_000)

    assert _reads(seen.estimate) == [("jql", 10, 1)]


def test_a_small_result_is_a_page():
    """One request; where few rows are wanted, nothing is asked besides."""
    seen = forecast(_Site(25), "project = DEV", ["summary"], max_rows=1000)

    assert _reads(seen.estimate) == [("jql", 1, 1)]
    assert (seen.estimate.requests, seen.estimate.points) == (1, 26)


def test_whoever_wants_many_rows_pays_two_questions():
    """How many there are, and when the last of them was created: three points."""
    seen = forecast(_Site(25), "project = DEV", ["summary"], max_rows=5000)

    assert (seen.estimate.requests, seen.estimate.points) == (3, 29)


def _batches(*given, **more):
    return list(module.forecast_batches(*given, **more, monotonic=itertools.count(0, 0.15).__next__))


def test_batches_end_with_the_issues():
    """The last one is of what is left; each batch of a chain goes on with Jira's token, which is not cut."""
    seen = _batches(_Site(2000), "project = DEV", ["comment"], [100, 200, 400, 800, 1600, 3200])
    assert [one.issues for one in seen] == [100, 200, 400, 800, 500]
    assert [_reads(one.estimate) for one in seen] == [[("jql", pages, 1)] for pages in (1, 2, 4, 8, 5)]


def test_batches_of_what_finds_nothing_are_one():
    """A page says that there is nothing."""
    (seen,) = _batches(_Site(0), "project = DEV", ["comment"], [100, 200])
    assert (seen.issues, seen.estimate.requests, seen.estimate.points) == (0, 1, 1)


def test_a_batch_behind_slices_is_cut_again():
    """It goes on where the last issue was created, not with a token."""
    seen = _batches(_Site(20_000), "project = DEV", ["comment"], [5000, 10_000, 20_000])
    assert [path for path, _, _ in _reads(seen[1].estimate)] == ["approximate-count", "jql", "bulkfetch"]


def test_a_slow_endpoint_keeps_few_workers_busy():
    """Under one request a second nothing is gained by more than one at a time, and the pace makes the time."""
    seen = forecast(_Site(20_000, pace=1.0), "project = DEV", ["*all"], max_rows=None)

    assert _reads(seen.estimate)[-1][2] == 1
    assert seen.estimate.seconds >= 200


def test_keys_alone_are_a_chain():
    """Pages of five thousand are not cut, however many there are, and nothing is asked besides."""
    seen = forecast(_Site(200_000), "project = DEV", ["id", "key"], max_rows=None)

    assert _reads(seen.estimate) == [("jql", 40, 1)]


def test_issues_that_do_not_say_when_they_were_created_are_not_cut():
    """They are read by their ids, as in any order that slices do not follow."""
    seen = forecast(_Site(20_000), "project = DEV", ["*all", "-created"], max_rows=None)

    assert [path for path, _, _ in _reads(seen.estimate)] == ["approximate-count", "jql", "bulkfetch"]
    assert seen.estimate.points > 40_000
