"""Which issues may have gone while their changelogs were read."""

from __future__ import annotations

import pytest

from vantage_jira_plugin.reading.changelogs import Changelog
from vantage_jira_plugin.reading.presence import is_doubted, seconds_of

_CREATED, _CHANGED, _LATER = "2026-01-05T09:00:00.000+0100", 1767610800, "2026-01-05T12:00:00.000+0100"
_CHANGE = {"created": _CHANGED}


@pytest.mark.parametrize(
    ("histories", "one_page", "created", "updated", "doubted"),
    [
        ([], True, _CREATED, _CREATED, False),
        ([], True, _CREATED, "2026-01-05T08:00:00.900+0000", False),
        ([], True, _CREATED, _LATER, True),
        ([], False, _CREATED, _LATER, True),
        ([], True, _CREATED, None, True),
        ([], True, None, _LATER, True),
        ([_CHANGE], True, _CREATED, _LATER, False),
        ([_CHANGE], False, _CREATED, "2026-01-05T12:00:00.000+0100", False),
        ([_CHANGE], False, _CREATED, "2026-01-05T12:00:02.000+0100", True),
        ([{}], False, _CREATED, _LATER, True),
    ],
    ids=[
        "untouched",
        "just created",
        "touched",
        "touched, several pages",
        "no update known",
        "no creation known",
        "changes on one page",
        "nothing after the last change",
        "something after the last change",
        "a change without a time",
    ],
)
def test_issues_that_may_lack_changes(histories, one_page, created, updated, doubted):
    """Those that were touched since the last change that is known, unless one answer had all changes."""
    assert is_doubted(Changelog("1", histories, one_page), seconds_of(created), seconds_of(updated)) is doubted


def test_moments_of_both_kinds():
    """Seconds of the epoch and texts with an offset are the same moment; what is none is None."""
    assert seconds_of(_LATER) == seconds_of(_CHANGED) == _CHANGED
    assert seconds_of("yesterday") is None
