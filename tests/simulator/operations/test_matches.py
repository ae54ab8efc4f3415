from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.asking import Asking, document, new_asking
from vantage_jira_plugin.simulator.catalogue import Sprint

if TYPE_CHECKING:
    from collections.abc import Callable

_COUNT = "/search/approximate-count"


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


@pytest.fixture
def runs(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every run of a query over the site's issues."""
    seen: list[object] = []
    indexed = ask.site.indexed
    monkeypatch.setattr(ask.site, "indexed", lambda *given: seen.append(given) or indexed(*given))
    return seen


def test_a_count_and_a_first_page_share_one_run(ask: Asking, runs: list[object]) -> None:
    """The same query of the same account looks at the issues once."""
    for _ in range(2):
        assert ask("POST", _COUNT, {"jql": "project = DEV order by key"}).body == {"count": 24}
        assert len(ask.keys("project = DEV order by key")) == 24
    assert len(runs) == 1
    ask.account_id = ask.person("Ruth")
    assert len(ask.keys("project = DEV order by key")) == 24
    assert len(runs) == 2


_CHANGES: dict[str, tuple[str, Callable[[Asking], object]]] = {
    "a new issue": ("project = DEV", lambda ask: ask.create()),
    "an edit": ("summary ~ Changed", lambda ask: ask("PUT", "/issue/DEV-3", {"fields": {"summary": "Changed"}})),
    "an issue less": ("project = DEV", lambda ask: ask("DELETE", "/issue/DEV-23")),
    "a move": ("project = DEV", lambda ask: ask.site.move_issue(ask.site.find_issue("DEV-2"), "OPS", ask.account_id)),
    "an archived issue": ("project = DEV", lambda ask: ask.site.archive_issue(ask.site.find_issue("DEV-2"))),
    "a comment": ("text ~ zebra", lambda ask: ask("POST", "/issue/DEV-3/comment", {"body": document("zebra")})),
    "a permission": ("project = DEV or key = OPS-1", lambda ask: ask.site.deny(
        ask.account_id, "BROWSE_PROJECTS", "OPS"
    )),
    "an ended sprint": ("sprint in openSprints()", lambda ask: ask.site.sprints.update(
        {2: Sprint(2, "DEV Sprint 2", "closed", 1)}
    )),
    "a group": ("assignee in membersOf(developers)", lambda ask: ask.site.groups.update(
        developers=frozenset({ask.person("Tomas")})
    )),
}  # fmt: skip


@pytest.mark.parametrize("change", _CHANGES)
def test_a_change_is_found_at_once(ask: Asking, change: str) -> None:
    """What a query found is forgotten when it may find others, though no time has passed."""
    jql, make = _CHANGES[change]
    before = ask("POST", "/search/jql", {"jql": jql, "fields": ["key"], "maxResults": 100})
    make(ask)
    after = ask("POST", "/search/jql", {"jql": jql, "fields": ["key"], "maxResults": 100})
    assert after.status == 400 or after.body != before.body


@pytest.mark.parametrize("jql", ["created > -1h", "created > startOfDay(-1)", "due < now()", "updated >= '-1h'"])
def test_queries_that_count_from_now_are_run_each_time(ask: Asking, runs: list[object], jql: str) -> None:
    """Time goes by, and nothing needs to change for other issues to be found."""
    ask.keys(jql)
    ask.keys(jql)
    assert len(runs) == 2


def test_a_lagging_index_is_asked_each_time(ask: Asking) -> None:
    """What the index has not seen yet is found later, though nothing changes."""
    ask.site.index_lag_seconds = 30
    created = ask.create(summary="zebra")
    assert ask.keys("summary ~ zebra") == []
    ask.clock.at += 31
    assert ask.keys("summary ~ zebra") == [created["key"]]


def test_only_so_many_queries_are_kept(ask: Asking, runs: list[object]) -> None:
    """The oldest of them is run again."""
    queries = [f"key != DEV-{number % 24 + 1} and summary !~ x{number}" for number in range(70)]
    for jql in queries:
        ask.keys(jql)
    assert len(ask.site.matches) == 64
    ask.keys(queries[-1])
    assert len(runs) == 70
    ask.keys(queries[0])
    assert len(runs) == 71
