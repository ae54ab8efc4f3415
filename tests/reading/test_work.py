"""Pulls from a small Jira in memory: whatever it is like, and whoever is faster, they give what one chain gives."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.fakejira import MINUTE, FakeJira, Made, ids_of
from tests.reading.worlds import YEAR_MINUTES, World, by_created, history, number_of, worlds
from vantage_jira_plugin.errors import JiraUnavailableError, RateLimitedError
from vantage_jira_plugin.meter import Account, Meter
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES
from vantage_jira_plugin.points import Work as Purpose
from vantage_jira_plugin.reading.pull import pull
from vantage_jira_plugin.settings import Settings
from vantage_jira_plugin.transport.budget import Budget

_MINUTE_MILLISECONDS = 60_000


# ---- what comes -----------------------------------------------------------------------------


@given(worlds())
def test_everything_comes_once_and_in_order(world):
    """However it is cut and whoever is faster: all issues, each once, in the query's order."""
    pulled = world.pull(100_000)
    assert pulled.items == world.expected
    assert (pulled.incomplete_reason, pulled.next_page_token) == (None, None)


@given(worlds(), st.integers(1, 300) | st.none())
def test_a_limit_gives_the_first_rows_and_says_whether_there_are_more(world, max_rows):
    """The rows are the first ones; `maxRows` is told exactly where more are left, not where it is just enough."""
    max_rows = max_rows or max(1, len(world.expected))
    pulled = world.pull(max_rows)
    assert pulled.items == world.expected[:max_rows]
    assert pulled.incomplete_reason == ("maxRows" if len(world.expected) > max_rows else None)


@given(by_created)
def test_calls_that_go_on_read_everything_once(world):
    """Each token leads right behind the last row, whatever the calls take and however they are read."""
    rows, token = [], None
    for _ in range(len(world.expected) + 2):
        pulled = world.pull(world.chance.randint(1, 60), token)
        rows += pulled.items
        token = pulled.next_page_token
        assert (token is None) is (pulled.incomplete_reason is None)
        if token is None:
            break
    assert rows == world.expected


@given(worlds(), st.integers(0, 40))
def test_time_that_is_over_leaves_no_gap(world, requests):
    """The rows are the first ones, as many as came without a gap; where the order allows, the rest can be read."""
    world.jira.stops = lambda: "timeout" if len(world.jira.asked) > requests else None
    pulled = world.pull(100_000)
    assert pulled.items == world.expected[: len(pulled.items)]
    if pulled.incomplete_reason is None:
        assert pulled.items == world.expected
        return
    assert pulled.incomplete_reason == "timeout"
    world.jira.stops = lambda: None
    if pulled.next_page_token is not None:
        assert pulled.items + world.pull(100_000, pulled.next_page_token).items == world.expected
    else:
        assert "created" not in world.jql or not pulled.items


@given(by_created, st.integers(1, 60))
def test_what_is_created_or_deleted_meanwhile_disturbs_nothing_else(world, at_request):
    """Issues that were there all the time come once and in order; one that comes or goes comes at most once."""
    goes = world.jira.issues[:1]
    minute = MINUTE + world.chance.randrange(YEAR_MINUTES)
    comes = [Made(99_999, minute * _MINUTE_MILLISECONDS)]

    def change(number):
        if number == at_request:
            world.jira.issues = world.jira.issues[len(goes) :] + comes

    world.jira.before = change
    before = world.expected
    rows = world.pull(100_000).items
    assert len(rows) == len(set(rows))
    changed = ids_of(goes + comes)
    assert [one for one in rows if one not in changed] == [one for one in before if one not in changed]


@given(worlds(), st.sets(st.integers(1, 30), max_size=4))
def test_warnings_are_handed_on(world, warned):
    """An answer with a warning makes the table less than whole, and gives no way on, for there is nothing left."""
    world.jira.warned = warned
    pulled = world.pull(100_000)
    assert pulled.items == world.expected
    warned_pages = [text for text in world.jira.warnings if text == "The result was truncated."]
    assert pulled.incomplete_reason == ("jira_warning" if warned_pages else None)
    assert pulled.next_page_token is None


@given(by_created, st.integers(1, 40))
def test_a_token_that_comes_back_in_one_slice_ends_all(world, at_request):
    """What came without a gap is handed out, and leads on by `created`, where its direction is known."""
    first = {}

    def repeat(token):
        return first.setdefault(token.split("/")[0], token)

    world.jira.token_of = lambda token: repeat(token) if len(world.jira.asked) >= at_request else token
    pulled = world.pull(100_000)
    assert pulled.items == world.expected[: len(pulled.items)]
    if pulled.incomplete_reason is None:
        assert pulled.items == world.expected
        return
    assert pulled.incomplete_reason == "page_token_repeated"
    world.jira.token_of = lambda token: token
    if pulled.next_page_token is not None:
        assert pulled.items + world.pull(100_000, pulled.next_page_token).items == world.expected
    else:
        assert not world.jql.endswith("SC")


@given(worlds(), st.integers(1, 40))
def test_a_failure_ends_all_and_is_raised(world, at_request):
    """Half a table is never handed out because a page failed, and nothing more is begun."""

    def fail(number):
        if number == at_request:
            raise JiraUnavailableError("broken", status=500, method="POST", path="/")

    world.jira.before = fail
    try:
        pulled = world.pull(100_000)
    except JiraUnavailableError:
        assert at_request <= len(world.jira.asked) < at_request + world.jira.settings.max_in_flight
        return
    assert len(world.jira.asked) < at_request
    assert pulled.items == world.expected


@given(worlds(), st.integers(1, 40))
def test_a_limit_that_closes_leaves_no_gap(world, at_request):
    """What was read before is handed out with the reason, and a warning; where that is nothing, it is a failure."""

    def refuse(number):
        if number >= at_request:
            raise RateLimitedError("wait", status=429, method="POST", path="/")

    world.jira.before = refuse
    try:
        pulled = world.pull(100_000)
    except RateLimitedError:
        assert not world.jira.delivered
        return
    assert pulled.items == world.expected[: len(pulled.items)]
    if pulled.incomplete_reason is None:
        assert pulled.items == world.expected
    else:
        assert pulled.incomplete_reason == "rate_limited"
        assert world.jira.warnings
        assert set(world.jira.warnings) == {"wait"}


@pytest.mark.parametrize("unanswered", [False, True])
def test_ids_are_fetched_in_even_bundles(unanswered):
    """Nobody is idle in the last round. What Jira cannot answer ends the rows before it, and that is told."""
    chance = random.Random(5)  # noqa: S311 - test data
    world = World(FakeJira(history(chance, 330, YEAR_MINUTES, busy=False)), "type = Bug ORDER BY key", chance)
    world.jira.unanswered = {world.expected[200]: 0} if unanswered else {}
    pulled = world.pull(100_000)
    fetched = [len(body["issueIdsOrKeys"]) for body in world.jira.requests(BULK_FETCH_ISSUES)]
    if unanswered:
        assert (pulled.items, pulled.incomplete_reason) == (world.expected[:200], "issues_unanswered")
    else:
        assert (pulled.items, pulled.incomplete_reason) == (world.expected, None)
        assert len(fetched) == 8
        assert max(fetched) - min(fetched) < 8


# ---- what it costs --------------------------------------------------------------------------


class _Limited(Account):
    """An account with so many points; nobody else spends any."""

    def __init__(self, points):
        self.most = points
        super().__init__(
            Settings("service", "client", "credential", seed=None, points_per_hour=points),
            Meter(None, "client"),
            Budget(),
            Purpose(),
            clock=lambda: 1_769_851_800.0,
        )
        self.begin()


@given(by_created, st.integers(3, 400))
def test_no_more_points_are_spent_than_there_are(world, points):
    """But for a smallest request of each thread, and a bulk fetch that was decided on by a count that was wrong."""
    world.jira.account = account = _Limited(points)
    account.refusal("site")

    def check(_):
        assert account._reserved or not account.left  # nothing is sent that others do not know of

    world.jira.before = check
    world.jira.stops = lambda: "points" if account.refusal("site") else None
    pulled = world.pull(100_000)
    assert pulled.items == world.expected[: len(pulled.items)]
    if not world.jira.requests(BULK_FETCH_ISSUES):
        assert account.points <= points + 2 * world.jira.settings.max_in_flight
    if pulled.incomplete_reason is not None:
        assert pulled.incomplete_reason == "points"
        world.jira.account, world.jira.stops = FakeJira([]).account, lambda: None
        if pulled.next_page_token is not None:
            assert pulled.items + world.pull(100_000, pulled.next_page_token).items == world.expected
        else:
            assert pulled.items == []
    else:
        assert pulled.items == world.expected


@pytest.mark.parametrize(("left", "few"), [(1, True), (None, False)])
def test_where_points_are_spent_nothing_is_begun_beside_what_is_under_way(left, few):
    """But for the questions of the plan: what is under way has set the rest aside."""
    chance = random.Random(3)  # noqa: S311 - test data
    jira = FakeJira(history(chance, 300, YEAR_MINUTES, busy=False), max_in_flight=16, hourly_points=1)
    jira.account = SimpleNamespace(left=left)
    with World(jira, "type = Bug", chance).led() as led:
        pull(jira, "type = Bug", ["summary"], max_rows=1000, make=number_of)
    assert (led.most <= 4) is few
