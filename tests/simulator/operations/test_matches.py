from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.asking import NOON, Asking, document, new_asking
from vantage_jira_plugin.simulator import searchindex
from vantage_jira_plugin.simulator.catalogue import Sprint
from vantage_jira_plugin.simulator.creations import ALWAYS
from vantage_jira_plugin.simulator.jql.evaluation import compile_query
from vantage_jira_plugin.simulator.jql.parser import parse

if TYPE_CHECKING:
    from collections.abc import Callable

_COUNT = "/search/approximate-count"


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every run of a query over the site's issues."""
    seen: list[object] = []
    indexed = searchindex.indexed
    monkeypatch.setattr(searchindex, "indexed", lambda *given: seen.append(given) or indexed(*given))
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


def test_a_count_of_times_and_projects_looks_at_no_issue(ask: Asking, runs: list[object]) -> None:
    """What the index of creations knows alone is counted there, whatever the order."""
    first, last = (ask.site.find_issue(key).values["created"] for key in ("DEV-5", "DEV-7"))
    span = f"created >= {round(min(first, last) * 1000)} and created <= {round(max(first, last) * 1000)}"
    assert ask("POST", _COUNT, {"jql": f"project = DEV and {span} order by summary"}).body == {"count": 3}
    assert ask("POST", _COUNT, {"jql": f"project = OPS and {span}"}).body == {"count": 1}
    assert runs == []


def test_slices_of_a_query_share_one_look_at_its_clauses(ask: Asking, runs: list[object]) -> None:
    """After the whole of a query its slices by creation need no look at any issue, until something changes."""
    whole = ask.keys("assignee is not empty and project = DEV order by created asc", maxResults=100)
    middle = ask.site.find_issue(whole[8]).values["created"]
    older = f"assignee is not empty and project = DEV and created < {round(middle * 1000)}"
    for jql in (older, older.replace("<", ">=")):
        count = ask("POST", _COUNT, {"jql": jql}).body["count"]
        assert len(ask.keys(jql, maxResults=100)) == count
    assert ask.keys(f"{older} order by created asc", maxResults=100) == whole[:8]
    assert len(runs) == 1
    ask("PUT", f"/issue/{whole[0]}", {"fields": {"assignee": None}})
    assert ask.keys(f"{older} order by created asc", maxResults=100) == whole[1:8]


def test_what_clauses_find_is_kept_for_one_account(ask: Asking) -> None:
    """The same clauses may mean something else to somebody else."""
    jql = "project = DEV and assignee = currentUser()"
    found = []
    for name in ("Mara", "Priya", "Mara"):
        ask.account_id = ask.person(name)
        found.append(ask.keys(f"{jql} order by created", maxResults=100))
        assert ask("POST", _COUNT, {"jql": f"{jql} and created > 1"}).body == {"count": len(found[-1])}
    assert found[0] == found[2] != found[1]


def test_a_narrow_slice_looks_at_its_own_issues_only(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query of few issues does not look at all of them."""
    seen: list[int] = []
    indexed = searchindex.indexed

    def noted(*given: Any) -> Any:
        found = indexed(*given)
        seen.append(len(list(found)))
        return found

    monkeypatch.setattr(searchindex, "indexed", noted)
    created = ask.site.find_issue("DEV-5").values["created"]
    assert ask.keys(f"project = DEV and labels is empty and created = {round(created * 1000)}") == ["DEV-5"]
    assert seen == [1]


_MORE_CHANGES: dict[str, Callable[[Asking, str], object]] = {
    "move": lambda ask, key: ask.site.move_issue(ask.site.find_issue(key), "OPS", ask.account_id),
    "archive": lambda ask, key: ask.site.archive_issue(ask.site.find_issue(key)),
    "restore": lambda ask, key: ask.site.restore_issue(ask.site.find_issue(key)),
    "delete": lambda ask, key: ask.site.delete_issue(ask.site.find_issue(key)),
    "create": lambda ask, _key: ask.create(),
    "backdate": lambda ask, key: ask.site.change_issue(
        ask.site.find_issue(key), {"created": NOON - 20 * 86_400.5}, ask.account_id
    ),
    "do": lambda ask, key: ask.site.change_issue(ask.site.find_issue(key), {"status": "10003"}, ask.account_id),
    "deny": lambda ask, _key: ask.site.deny(ask.account_id, "BROWSE_PROJECTS", "OPS"),
    "allow": lambda ask, _key: ask.site.allow(ask.account_id, "BROWSE_PROJECTS", "OPS"),
}
_QUERIES = [
    f"{where}{order}"
    for where in (
        "project = DEV",
        "project in (DEV, OPS) and created < -20d",
        f"created >= {round((NOON - 40 * 86_400) * 1000)}",
        "status = Done and created > -70d",
        f"statusCategory != Done and created < {round((NOON - 5 * 86_400) * 1000)}",
    )
    for order in ("", " order by created", " order by created desc, key", " order by status desc, updated, key")
]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(_MORE_CHANGES)), st.sampled_from(["DEV-3", "DEV-10", "DEV-20", "OPS-6"])),
        max_size=6,
    )
)
def test_whatever_changes_the_same_is_found_as_by_a_look_at_every_issue(changes: list[tuple[str, str]]) -> None:
    """Matches, their order and their count are those of each issue being tested and all being sorted."""
    ask = new_asking()
    _check_queries(ask)
    for name, key in changes:
        if ask.site.find_issue(key) is not None:
            _MORE_CHANGES[name](ask, key)
    _check_queries(ask)


def _check_queries(ask: Asking) -> None:
    """Ask all queries that name no unseen project, and compare."""
    unseen = not ask.site.allowed(ask.account_id, "BROWSE_PROJECTS", ask.site.project("OPS"))
    for jql in (jql for jql in _QUERIES if not unseen or "OPS" not in jql):
        found = ask("POST", "/search/jql", {"jql": jql, "maxResults": 100}).body["issues"]
        assert [int(issue["id"]) for issue in found] == _looked_up(ask, jql)
        assert ask("POST", _COUNT, {"jql": jql}).body == {"count": len(found)}


def _looked_up(ask: Asking, jql: str) -> list[int]:
    """Return what a query finds where every issue is tested."""
    site = ask.site
    seen = [project.id for project in site.visible_projects(ask.account_id)]
    issues = [issue for issue in site.issues.values() if issue.project_id in seen and issue.archived_at is None]
    compiled = compile_query(site, ask.account_id, parse(jql))
    return [issue.id for issue in compiled.run((issue, issue.values) for issue in issues)]


@pytest.mark.parametrize("change", sorted(_MORE_CHANGES))
def test_the_index_of_creations_keeps_up_with_changes(ask: Asking, change: str) -> None:
    """It is believed after any change, and has every issue once, at its own time."""
    if change == "restore":
        ask.site.archive_issue(ask.site.find_issue("DEV-3"))
    _MORE_CHANGES[change](ask, "DEV-3")
    assert searchindex.is_shelved(ask.site)
    expected = sorted((issue.values["created"], issue.id) for issue in ask.site.issues.values())
    assert list(ask.site.creations.within(ALWAYS)) == [number for _at, number in expected]


def test_issues_put_in_place_by_hand_are_found(ask: Asking) -> None:
    """Where a test replaces the issues of a site, its index of creations is not believed."""
    ask.site.issues = {number: issue for number, issue in ask.site.issues.items() if issue.number < 5}
    for jql in ("project = DEV", "project = DEV and summary is not empty", "project = DEV and created > 1"):
        assert sorted(ask.keys(jql)) == ["DEV-1", "DEV-2", "DEV-3", "DEV-4"]
        assert ask("POST", _COUNT, {"jql": jql}).body == {"count": 4}
    assert ask("POST", _COUNT, {"jql": "project = DEV and created < 1"}).body == {"count": 0}
