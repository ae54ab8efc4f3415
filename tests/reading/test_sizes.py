from __future__ import annotations

import pytest

from vantage_jira_plugin.reading.sizes import (
    LEAN_ISSUES,
    MAX_PAGE_SIZE,
    RICH_ISSUES,
    bulk_limit,
    bulk_size,
    likely_page,
    only_keys,
    page_cap,
)


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        (["summary", "status"], LEAN_ISSUES),
        (["summary", "comment"], RICH_ISSUES),
        (["worklog"], RICH_ISSUES),
        (["attachment", "summary"], RICH_ISSUES),
        (["*all"], RICH_ISSUES),
        (["*navigable", "-comment"], RICH_ISSUES),
        (["-comment"], RICH_ISSUES),
        ([f"customfield_{number}" for number in range(100)], LEAN_ISSUES),
        ([f"customfield_{number}" for number in range(101)], RICH_ISSUES),
    ],
)
def test_a_bulk_fetch_takes_as_many_as_documented(fields, size):
    """A thousand where up to a hundred fields are named and none of them is rich."""
    assert bulk_limit(fields) == size
    assert bulk_size(fields) == min(size, page_cap(fields))
    assert likely_page(fields) == bulk_size(fields)


@pytest.mark.parametrize(("fields", "only"), [(["id"], True), (["key", "id"], True), (["id", "summary"], False)])
def test_keys_alone_come_at_five_thousand_a_page(fields, only):
    """Nothing else does."""
    assert only_keys(fields) is only
    assert (likely_page(fields) == MAX_PAGE_SIZE) is only
    assert (page_cap(fields) == MAX_PAGE_SIZE) is only


@pytest.mark.parametrize(
    ("fields", "most"),
    [(["summary", "status"], 1000), (["summary", "description"], 200), (["*all"], 200), (["a"] * 11, 200)],
)
def test_heavy_pages_are_short(fields, most):
    """What is in flight shall need little memory."""
    assert page_cap(fields) == most
