"""A site to follow, and somebody who changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.syncing.following import Follower

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.simulator import Simulator
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site


@pytest.fixture
def site(sim: Simulator) -> Site:
    """The simulated site."""
    return sim.site


@pytest.fixture
def follow(connect: Callable[..., Any]) -> Callable[..., Follower]:
    """Return a function that makes a follower with a connection of its own."""

    def make(jql: str = "project = DEV", settings: dict[str, Any] | None = None, **inputs: Any) -> Follower:
        connection = connect(**(settings or {}))
        return Follower(
            lambda action, **given: connection.execute(action, given, {}, inputs.get("context", {})),
            jql,
            **{name: value for name, value in inputs.items() if name != "context"},
        )

    return make


@pytest.fixture
def edit(site: Site) -> Callable[..., Issue]:
    """Return a function that gives an issue another summary."""

    def change(key: str, summary: str) -> Issue:
        with site.lock:
            issue = site.find_issue(key)
            assert issue is not None
            site.change_issue(issue, {"summary": summary}, site.default_account_id)
        return issue

    return change
