"""What actions are told by their client, against the simulator."""

from __future__ import annotations

import pytest

from vantage_jira_plugin.errors import BudgetSpentError
from vantage_jira_plugin.operations import ADD_COMMENT, GET_ISSUE, LIST_FIELDS
from vantage_jira_plugin.rehearsal import WriteReached

_DEV_1 = {"issueIdOrKey": "DEV-1"}


@pytest.fixture
def make(connect):
    """Return a function that makes the client of an action on a connection with these settings."""

    def client(seconds=300.0, **settings):
        connection = connect(**settings)
        connection.authenticate()
        made = connection._client(seconds)
        made.account.begin()
        return made

    return client


def test_only_what_is_done_on_the_site_counts_as_used(make):
    """The list of sites is the login's own; a read of an issue is one request and two points."""
    jira = make()
    jira.sites()
    assert (jira.used.requests, jira.used.points) == (0, 0)
    jira.call(GET_ISSUE, _DEV_1)
    assert (jira.used.requests, jira.used.points) == (1, 2)


def test_a_dry_run_reads_and_ends_where_it_would_write(make, sim):
    """The write is told with its path and body, and not sent."""
    jira = make()
    jira.rehearsing = True
    assert jira.call(GET_ISSUE, _DEV_1)["key"] == "DEV-1"
    before = len(sim.requests)
    with pytest.raises(WriteReached) as reached:
        jira.call(ADD_COMMENT, _DEV_1, body={"body": "x"})
    assert (reached.value.planned["path"], reached.value.planned["body"]) == (
        "/rest/api/3/issue/DEV-1/comment",
        {"body": "x"},
    )
    assert len(sim.requests) == before


def test_nothing_is_read_further_when_time_or_points_are_over(make):
    """Whichever is over is named."""
    assert make().why_stop() is None
    assert make(0.0).why_stop() == "timeout"
    spent = make(pointsPerHour=2)
    spent.call(GET_ISSUE, _DEV_1)
    assert spent.why_stop() == "points"
    with pytest.raises(BudgetSpentError):
        spent.check_points()


def test_a_page_has_no_more_rows_than_points_are_left(make):
    """One point is the request's own; without a budget all that is wanted can be had."""
    assert make().rows_afforded(1000) == 1000
    jira = make(pointsPerHour=50)
    jira.check_points()
    left = jira.account.left
    assert jira.rows_afforded(1000) == left - 1
    with jira.rows_reserved(30) as rows:
        assert rows == 30
        assert jira.rows_afforded(1000) == left - 31 - 1
        with jira.rows_reserved(1000) as others:
            assert others == left - 31 - 1
    assert jira.account.left == left


def test_the_list_of_fields_is_read_once(make, sim):
    """Afterwards it is known without asking, which usage tells."""
    jira = make()
    assert not jira.has_catalogue
    assert jira.catalogue() is jira.catalogue()
    assert jira.has_catalogue
    assert len(sim.requests_to(LIST_FIELDS.template)) == 1
    assert jira.budget.usage()["cacheHits"] == 1
