"""Pulls from a small Jira in memory: whatever it is like, and whoever is faster, they give what one chain gives."""

from __future__ import annotations

import json
import random
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.fakejira import MINUTE, FakeJira, LedThreads, Made, ids_of
from tests.reading.strategies import calm
from vantage_jira_plugin.errors import JiraInvalidError, JiraUnavailableError
from vantage_jira_plugin.meter import Account, Meter
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES
from vantage_jira_plugin.points import Work as Purpose
from vantage_jira_plugin.reading import work
from vantage_jira_plugin.reading.keeper import MemoryKeeper
from vantage_jira_plugin.reading.parts import SlicePart
from vantage_jira_plugin.reading.pull import pull, pull_into
from vantage_jira_plugin.reading.slices import Slice
from vantage_jira_plugin.settings import Settings
from vantage_jira_plugin.transport.budget import Budget

_MINUTE_MILLISECONDS = 60_000
_WEEK_MINUTES = 7 * 24 * 60
_YEAR_MINUTES = 365 * 24 * 60
_ORDERS = [
    "",
    "ORDER BY created ASC",
    "ORDER BY created DESC",
    "ORDER BY created",
    "ORDER BY created, key",
    "ORDER BY key",
    "ORDER BY updated DESC",
]


@dataclass
class World:
    """A Jira with issues, and how a pull is done."""

    jira: FakeJira
    jql: str
    chance: random.Random

    @contextmanager
    def led(self, many_rows=10):
        """Let the seed lead the threads; what is many rows is little, as the histories are."""
        crew = LedThreads(self.jira, self.chance)
        with patch.multiple(work, Crew=lambda _jira, spare: crew, SimpleQueue=lambda: crew, _MANY_ROWS=many_rows):
            yield crew

    @property
    def expected(self):
        """What one sequential read gives, in its order."""
        confined = self.jql
        allowed = self.jira.settings.allowed_projects
        found = self.jira.found(confined if "ORDER" in confined else f"{confined} ORDER BY created DESC")
        return ids_of(one for one in found if allowed is None or one.project in allowed)

    def pull(self, max_rows, token=None, fields=("summary",)):
        with self.led():
            return pull(self.jira, self.jql, fields, max_rows=max_rows, make=_number, next_page_token=token)


def _number(issue):
    return int(issue["id"])


def history(chance, count, width, *, busy):
    """Return issues of so many minutes; of busy ones four of five within a week, or within a fiftieth of the time."""
    issues = []
    for number in range(count):
        if busy and chance.random() < 0.8:
            minute = MINUTE + width // 3 + chance.randrange(max(1, min(_WEEK_MINUTES, width // 50)))
        else:
            minute = MINUTE + chance.randrange(width)
        created = minute * _MINUTE_MILLISECONDS + chance.choice([0, 1, 59_999, chance.randrange(_MINUTE_MILLISECONDS)])
        project = chance.choice(["DEV", "DEV", "OPS"])
        issues.append(Made(10_000 + number, created, chance.randrange(10**9), project))
    chance.shuffle(issues)
    return issues


@st.composite
def worlds(draw, orders=_ORDERS):
    """Any Jira, any order."""
    chance = random.Random(draw(st.integers(0, 1 << 32)))  # noqa: S311 - test data
    count = draw(st.sampled_from([0, 1, 2, 300]) | st.integers(3, 300))
    width = draw(st.sampled_from([1, 2, 5, 60, _YEAR_MINUTES]))
    jira = FakeJira(
        history(chance, count, width, busy=draw(st.booleans())),
        page_size=draw(st.integers(1, 50)),
        max_in_flight=draw(st.integers(1, 16)),
        allowed=draw(st.sampled_from([None, None, frozenset({"DEV"})])),
        list_size=draw(st.sampled_from([7, 50, 5000])),
        shorter=draw(st.sampled_from([0, 0, 30])),
        miscounts=draw(st.sampled_from([0.0, 0.3])),
        unsaid_descends=draw(st.booleans()),
        hourly_points=draw(st.sampled_from([None, 1, 1, 1])),  # where points are few, no ids are listed first
        seed=chance.random(),
    )
    return World(jira, f"type = Bug {draw(st.sampled_from(orders))}".strip(), chance)


_by_created = worlds([order for order in _ORDERS if order == "" or "created" in order])


# ---- what comes -----------------------------------------------------------------------------


@calm
@given(worlds())
def test_everything_comes_once_and_in_order(world):
    """However it is cut and whoever is faster: all issues, each once, in the query's order."""
    pulled = world.pull(100_000)
    assert pulled.items == world.expected
    assert (pulled.incomplete_reason, pulled.next_page_token) == (None, None)


@calm
@given(worlds(), st.integers(1, 300) | st.none())
def test_a_limit_gives_the_first_rows_and_says_whether_there_are_more(world, max_rows):
    """The rows are the first ones; `maxRows` is told exactly where more are left, not where it is just enough."""
    max_rows = max_rows or max(1, len(world.expected))
    pulled = world.pull(max_rows)
    assert pulled.items == world.expected[:max_rows]
    assert pulled.incomplete_reason == ("maxRows" if len(world.expected) > max_rows else None)


@calm
@given(_by_created)
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


@calm
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


@calm
@given(_by_created, st.integers(1, 60))
def test_what_is_created_or_deleted_meanwhile_disturbs_nothing_else(world, at_request):
    """Issues that were there all the time come once and in order; one that comes or goes comes at most once."""
    goes = world.jira.issues[:1]
    minute = MINUTE + world.chance.randrange(_YEAR_MINUTES)
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


@calm
@given(worlds(), st.sets(st.integers(1, 30), max_size=4))
def test_warnings_are_handed_on(world, warned):
    """An answer with a warning makes the table less than whole, and gives no way on, for there is nothing left."""
    world.jira.warned = warned
    pulled = world.pull(100_000)
    assert pulled.items == world.expected
    warned_pages = [text for text in world.jira.warnings if text == "The result was truncated."]
    assert pulled.incomplete_reason == ("jira_warning" if warned_pages else None)
    assert pulled.next_page_token is None


@calm
@given(_by_created, st.integers(1, 40))
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


@calm
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


@calm
@given(_by_created, st.integers(3, 400))
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


# ---- beginning again ------------------------------------------------------------------------


class _KilledError(Exception):
    """Ends a run as a kill does."""


class _Disk(MemoryKeeper):
    """Keeps what it is told, until it is killed; the next run gets what was kept."""

    def __init__(self, earlier=None, *, calls=None):
        super().__init__()
        self.left = calls
        self._found = None
        if earlier is not None:
            self._found = earlier.parts()
            self._parts, self._rows = dict(earlier._parts), {key: list(rows) for key, rows in earlier._rows.items()}

    def restored(self):
        return self._found

    def planned(self, parts):
        self._count()
        json.dumps([part.state for part in parts])
        super().planned(parts)

    def page(self, part, made):
        self._count()
        super().page(part, made)
        assert part.rows == len(self._rows[part.position])

    def kept(self):
        """Return the ids of all rows, whether or not there are gaps before them."""
        return {row for rows in self._rows.values() for row in rows}

    def _count(self):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise _KilledError


def _run_into(world, keeper, max_rows=None):
    with world.led():
        return pull_into(world.jira, world.jql, ["summary"], max_rows=max_rows, make=_number, keeper=keeper)


def _known(disk):
    """Return the ids that parts read again to find where they stand: those of the minute that they stand in."""
    return {int(number) for part in disk.parts() for number in part.state.get("atLast", ())}


def _assert_lost(world, disk, error):
    """Check that a token that expired was needed: no direction is known by which to go on, or ids were listed."""
    assert "page token" in error.message
    listed = any(part.state["kind"] == "listing" for part in disk.parts())
    assert listed or not world.jql.endswith(("SC", "Bug"))


@calm
@given(
    _by_created, st.lists(st.integers(0, 25), min_size=1, max_size=3), st.booleans(), st.none() | st.integers(1, 200)
)
def test_a_run_that_was_killed_goes_on_where_it_stood(world, kills, expires, max_rows):
    """Run after run: what was kept is not read again, but for the minute that a part stands in; nothing is missing."""
    disk = None
    for calls in kills:
        disk = _Disk(disk, calls=calls)
        try:
            _run_into(world, disk, max_rows)
        except _KilledError:
            if expires:
                world.jira.expire()
        except JiraInvalidError as error:
            _assert_lost(world, disk, error)
            return
        kept, known = disk.kept(), _known(disk)
        world.jira.delivered.clear()
    again = _Disk(disk)
    world.jira.hourly_points = None  # what was dear may be cheap by now
    try:
        reason = _run_into(world, again, max_rows)
    except JiraInvalidError as error:
        _assert_lost(world, again, error)
        return
    most = len(world.expected) if max_rows is None else max_rows
    assert again.items()[:most] == world.expected[:most]
    assert reason == ("maxRows" if len(world.expected) > most else None)
    assert set(world.jira.delivered) & kept <= known


def test_a_run_that_goes_on_counts_what_is_left():
    """Of each open slice; it makes no new plan, though ids could be listed by now, and asks for the oldest once."""
    chance = random.Random(7)  # noqa: S311 - test data
    issues = history(chance, 600, _YEAR_MINUTES, busy=False)
    world = World(FakeJira(issues, page_size=10, max_in_flight=6, hourly_points=1), "type = Bug", chance)
    disk = _Disk(calls=20)
    with pytest.raises(_KilledError):
        _run_into(world, disk)
    still_open = [part for part in disk.parts() if not part.done]
    assert len(still_open) > 2
    world.jira.asked.clear()
    world.jira.hourly_points = None
    again = _Disk(disk)
    assert _run_into(world, again) is None
    assert again.items() == world.expected
    assert not world.jira.requests(BULK_FETCH_ISSUES)
    assert sum(body["maxResults"] == 1 for body in world.jira.requests(SEARCH_ISSUES)) == 1
    assert len(world.jira.requests(COUNT_ISSUES)) >= len(still_open)


@pytest.mark.parametrize(("more", "reason"), [(0, None), (1, "maxRows")])
def test_a_slice_that_was_never_read_is_looked_at_before_rows_are_called_all(more, reason):
    """They are as many as wanted; whether there are more is known only once a page of what is behind them has come."""
    chance = random.Random(1)  # noqa: S311 - test data
    issues = [Made(number, (MINUTE + 50 - number) * _MINUTE_MILLISECONDS) for number in range(1, 21 + more)]
    world = World(FakeJira(issues, max_in_flight=1), "type = Bug", chance)
    near, far = (
        SlicePart(position=position, part=part, by_created=True, newest_first=True)
        for position, part in (((0,), Slice(MINUTE + 30, None)), ((0, -1), Slice(None, MINUTE + 30)))
    )
    disk = _Disk()
    disk.planned([near.state, far.state])
    again = _Disk(disk)
    assert _run_into(world, again, 20) == reason
    assert again.items()[:20] == world.expected[:20]
