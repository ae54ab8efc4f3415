from __future__ import annotations

import time

import pytest

from tests.simulator.asking import NOON, Asking, Clock, new_asking
from vantage_jira_plugin.simulator.seed import demo_sites, second_site
from vantage_jira_plugin.simulator.stories import STORIES


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_the_seed_is_the_same_every_time() -> None:
    """Two sites seeded at the same time are equal, and their keys are those of the stories."""
    first, second = (demo_sites(Clock())[0] for _ in range(2))
    assert first.cloud_id == second.cloud_id
    assert [issue.key for issue in first.issues.values()] == [story.key for story in STORIES]
    assert [dict(issue.values) for issue in first.issues.values()] == [
        dict(issue.values) for issue in second.issues.values()
    ]


def test_seeding_is_quick() -> None:
    """A reset may seed anew: it takes milliseconds."""
    best = min(_seconds_of_seeding() for _ in range(5))
    assert best < 0.05


def _seconds_of_seeding() -> float:
    begun = time.perf_counter()
    demo_sites(Clock())
    return time.perf_counter() - begun


def test_nothing_in_the_seed_happens_in_the_future(ask: Asking) -> None:
    """Issues, changes and comments lie before now."""
    for issue in ask.site.issues.values():
        moments = [issue.values["created"], issue.values["updated"]]
        moments += [change.created_at for change in issue.changes]
        moments += [comment.created_at for comment in issue.comments]
        assert max(moments) <= NOON


def test_a_second_site_is_another() -> None:
    """The sites differ in id and address and share nothing."""
    first, second = demo_sites(Clock())[0], second_site(Clock())
    assert (first.cloud_id, first.url) != (second.cloud_id, second.url)
    assert second.find_issue("LAB-1") is not None
    assert first.find_issue("LAB-1") is None


def test_permissions_hide_and_come_back(ask: Asking) -> None:
    """What may not be browsed is not there; allowing it brings it back."""
    assert ask("GET", "/issue/HR-1").status == 404
    ask.site.allow(ask.account_id, "BROWSE_PROJECTS", "HR")
    assert ask("GET", "/issue/HR-1").status == 200
    ask.site.deny(ask.account_id, "BROWSE_PROJECTS", "DEV")
    assert ask("GET", "/issue/DEV-1").status == 404
    assert ask.keys("project in (OPS, HR) and key = HR-1") == ["HR-1"]


def test_a_changed_status_moves_its_category_date(ask: Asking) -> None:
    """Only a change of category moves `statuscategorychangedate`."""
    before = ask("GET", "/issue/DEV-4").body["fields"]["statuscategorychangedate"]
    ask("POST", "/issue/DEV-4/transitions", {"transition": {"id": "31"}})
    assert ask("GET", "/issue/DEV-4").body["fields"]["statuscategorychangedate"] == before
    ask("POST", "/issue/DEV-4/transitions", {"transition": {"id": "41"}})
    assert ask("GET", "/issue/DEV-4").body["fields"]["statuscategorychangedate"] != before
