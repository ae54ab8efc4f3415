from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_issues_are_found_by_any_name(ask: Asking) -> None:
    """Ids, keys in any case and former keys find an issue."""
    issue = ask.site.find_issue("DEV-3")
    assert issue is not None
    assert ask.site.find_issue("dev-3") is ask.site.find_issue(str(issue.id)) is issue
    ask.site.move_issue(issue, "OPS", ask.account_id)
    assert issue.key == "OPS-11"
    assert ask.site.find_issue("DEV-3") is issue
    assert ask("GET", "/issue/DEV-3").body["key"] == "OPS-11"
