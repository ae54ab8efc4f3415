from __future__ import annotations

import pytest

from tests.analysis.stories import story
from vantage_jira_plugin.analysis.groups import GROUPINGS, NO_VALUE, groups_of

_FULL = story(
    "DEV-1",
    "2026-01-05 09:00 To Do",
    priority={"name": "High"},
    assignee={"displayName": "Ann Lee", "accountId": "5b"},
    components=[{"name": "API"}, {"name": "UI"}, {"name": "API"}],
    labels=["a", "b"],
)
_BARE = story("DEV-2", "2026-01-05 09:00 To Do", issuetype=None, project=None, components=[])
_EXPECTED = {
    "issuetype": ("Task",),
    "priority": ("High",),
    "project": ("DEV",),
    "assignee": ("Ann Lee",),
    "component": ("API", "UI"),
    "label": ("a", "b"),
}


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_an_issue_is_in_the_groups_of_its_values(grouping):
    """One value is one group, several components or labels are several."""
    assert groups_of(grouping)(_FULL) == _EXPECTED[grouping]


@pytest.mark.parametrize("grouping", [one for one in GROUPINGS if one != "project"])
def test_what_has_no_value_is_in_a_group_of_its_own(grouping):
    """Nothing is left out; every issue has a project, which its key tells."""
    assert groups_of(grouping)(_BARE) == (NO_VALUE,)


def test_without_a_grouping_all_are_one():
    """The one group has no name."""
    assert groups_of(None)(_FULL) == (None,)
