from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.schema import usage
from vantage_jira_plugin.host.usage_store import KEEP_SECONDS, SqlUsageStore

#: 2026-01-31T09:00:00Z.
HOUR = 1_769_850_000


@pytest.fixture
def database(database_url, tmp_path):
    """An open database of either kind."""
    opened = Database.from_environment({"VANTAGE_DATABASE_URL": database_url}, Home(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def store(database):
    """A store that never tidies up by itself."""
    return SqlUsageStore(database, clock=lambda: HOUR + 60.0, chance=lambda: 1.0)


def entry(**more):
    """Return what one call cost."""
    return {
        "at": HOUR + 60.0,
        "credentialId": "c1",
        "clientId": "app1",
        "cloudId": "cloud1",
        "site": "https://s1.example",
        "action": "searchIssues",
        "runId": "r1",
        "priority": "interactive",
        "calls": 1,
        "requests": 2,
        "points": 10,
        "retries": 1,
        "waitedSeconds": 0.25,
        "code": None,
        **more,
    }


def test_the_part_of_a_call_is_no_call(store):
    """What a call used before the turn of the hour is that hour's; the call is counted where it ended."""
    store.add(entry(at=HOUR - 1.0, calls=0, points=4))
    store.add(entry(points=6))
    rows = store.totals(["hour"])
    assert [(row["calls"], row["points"]) for row in rows] == [(1, 6), (0, 4)]
    assert store.points(client_id="app1", since=HOUR) == 6


def test_calls_of_one_kind_add_up(store):
    """Counts and times are summed; a failure is one of the calls."""
    store.add(entry())
    store.add(entry(at=HOUR + 3599.9, code="forbidden", points=1, requests=1, retries=0, waitedSeconds=0.0))
    assert store.totals(["hour", "site", "action"]) == [
        {
            "hour": "2026-01-31T09:00:00.000Z",
            "site": "https://s1.example",
            "action": "searchIssues",
            "calls": 2,
            "failures": 1,
            "requests": 3,
            "points": 11,
            "retries": 1,
            "waitedSeconds": 0.25,
        }
    ]


def test_points_are_those_of_one_app(store):
    """At one site, in one run, since a moment, or all of it; the hour of that moment counts as a whole."""
    store.add(entry(points=1))
    store.add(entry(points=2, runId="r2", credentialId="c2"))
    store.add(entry(points=4, cloudId="cloud2"))
    store.add(entry(points=8, cloudId=None, site=None, runId=None))
    store.add(entry(points=16, at=HOUR - 0.1))
    store.add(entry(points=32, clientId="app2"))
    assert store.points(client_id="app1") == 31
    assert store.points(client_id="app1", cloud_id="cloud1") == 19
    assert store.points(client_id="app1", run_id="r1") == 21
    assert store.points(client_id="app1", since=HOUR + 1800.0) == 15
    assert store.points(client_id="app1", cloud_id="cloud1", run_id="r1", since=float(HOUR)) == 1
    assert store.points(client_id="app3") == 0


def test_usage_can_be_told_apart_by_every_name(store):
    """What a call did not have is None; a site without a name has its id."""
    store.add(entry())
    store.add(entry(cloudId=None, site=None, runId=None, action="listSites", priority="background", points=0))
    store.add(entry(cloudId="cloud2", site=None, credentialId="c2", points=3))
    rows = store.totals(["site", "action", "run", "credential", "priority", "app"])
    assert {row["app"] for row in rows} == {"app1"}
    assert [tuple(row.values())[:5] for row in rows] == [
        ("https://s1.example", "searchIssues", "r1", "c1", "interactive"),
        ("cloud2", "searchIssues", "r1", "c2", "interactive"),
        (None, "listSites", None, "c1", "background"),
    ]


def test_a_site_keeps_its_name(store):
    """A call that does not know the site's address does not take it away from the others."""
    store.add(entry(site=None))
    store.add(entry())
    store.add(entry(site=None))
    assert [(row["site"], row["calls"]) for row in store.totals(["site"])] == [("https://s1.example", 3)]


def test_the_newest_hour_comes_first_then_what_cost_most(store):
    """Whatever else rows are told apart by."""
    for hours_ago, action, points in ((2, "a", 9), (0, "a", 1), (0, "b", 5), (1, "c", 7)):
        store.add(entry(at=HOUR - hours_ago * 3600.0, action=action, points=points))
    hourly = store.totals(["action", "hour"])
    assert [(row["hour"][11:13], row["action"]) for row in hourly] == [
        ("09", "b"),
        ("09", "a"),
        ("08", "c"),
        ("07", "a"),
    ]
    assert [row["action"] for row in store.totals(["action"])] == ["a", "c", "b"]
    assert [row["action"] for row in store.totals(["action"], since=HOUR - 1.0)] == ["c", "b", "a"]
    assert store.totals(["action"], credential_id="c2") == []


def test_old_rows_go_now_and_then(database):
    """What is older than 35 days is removed, nothing else."""
    store = SqlUsageStore(database, clock=lambda: float(HOUR), chance=lambda: 0.0)
    for age_seconds in (KEEP_SECONDS + 3600.0, KEEP_SECONDS - 3600.0, 0.0):
        store.add(entry(at=HOUR - age_seconds))
    store.add(entry(at=float(HOUR)))
    with database.begin() as connection:
        found = connection.scalars(sa.select(usage.c.hour).order_by(usage.c.hour)).all()
    assert found == [HOUR - KEEP_SECONDS + 3600, HOUR]


def test_threads_lose_no_call(store):
    """Calls that end at the same moment are all counted."""
    failures = []

    def work():
        try:
            for _ in range(20):
                store.add(entry())
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.points(client_id="app1") == 2400
    assert store.totals([])[0]["calls"] == 240
