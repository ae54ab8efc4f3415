"""Spans of time that end before they begin."""

from __future__ import annotations

import pytest

from tests.actions.test_contract import GOOD
from vantage_jira_plugin.actions import ACTIONS

_WITH_SPANS = [name for name in ACTIONS if {"since", "until"} <= GOOD[name].keys()]


def test_some_actions_take_spans():
    """These two at least."""
    assert {"listWorklogs", "listChangelog"} <= set(_WITH_SPANS)


@pytest.mark.parametrize("action", _WITH_SPANS)
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_span_that_ends_before_it_begins_is_refused(connect, sim, action, dry_run):
    """Both inputs are named, and nothing is sent; an empty span is one."""
    given = {**GOOD[action], "since": "2026-02-01T00:00:00Z", "dryRun": dry_run}
    error = connect().execute(action, {**given, "until": "2026-02-01T00:30:00+01:00"}, {}, {})["error"]
    assert (error["code"], error["errors"]) == ("input_invalid", {"until": ["must not be before since"]})
    assert sim.requests_to("/rest") == []
    assert "error" not in connect().execute(action, {**given, "until": given["since"]}, {}, {})
