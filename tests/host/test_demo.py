from __future__ import annotations

import pytest

from tests.host.test_command import run
from vantage_jira_plugin.host.demo import EVIDENCE_COLUMNS, evidence


def entry(method, path, status, body="", *, early=False):
    """Return one entry of the simulator's request log."""
    return {"method": method, "path": path, "status": status, "body": body, "closed_window": early}


COMMENT = "/ex/jira/c/rest/api/3/issue/DEV-1/comment"
GOOD = [
    entry("POST", "/oauth/token", 200, '{"grant_type":"authorization_code"}'),
    entry("POST", "/ex/jira/c/rest/api/3/issue", 201),
    entry("POST", COMMENT, 401),
    entry("POST", "/oauth/token", 200, '{"grant_type":"refresh_token"}'),
    entry("POST", COMMENT, 429),
    entry("POST", COMMENT, 201),
]


def test_a_good_run_is_proven():
    """Every claim holds for the log of a run as it should be."""
    assert [row["happened"] for row in evidence(GOOD)] == [True] * 5


def test_the_evidence_reads_as_facts():
    """Each row says what was counted, how often it was seen, and whether that is right."""
    rows = [" ".join(str(row[name]) for name in EVIDENCE_COLUMNS) for row in evidence(GOOD)]
    assert "requests sent before Retry-After had passed 0 as it should be" in rows
    assert "bugs filed 1 as it should be" in rows


@pytest.mark.parametrize("place", [1, 3, 4, 5])
def test_whatever_did_not_happen_is_told(place):
    """A log that lacks one of the events fails exactly that claim."""
    rows = evidence(GOOD[:place] + GOOD[place + 1 :])
    assert sum(not row["happened"] for row in rows) == 1


@pytest.mark.parametrize("place", [1, 3, 5])
def test_whatever_happened_twice_is_told(place):
    """A second bug, refresh or comment fails its claim."""
    rows = evidence([*GOOD, GOOD[place]])
    assert sum(not row["happened"] for row in rows) == 1


def test_a_request_before_its_time_is_told():
    """Retry-After is a minimum."""
    rows = evidence([*GOOD, entry("GET", "/x", 429, early=True)])
    (row,) = [row for row in rows if not row["happened"]]
    assert [row[name] for name in EVIDENCE_COLUMNS] == ["requests sent before Retry-After had passed", 1, "should be 0"]


def test_the_demonstration_works_from_a_fresh_start(environ):
    """The whole main job runs in a process of its own, proves itself, and leaves no home folder."""
    result = run(["-m", "vantage_jira_plugin.host"], "demo", environ={**environ, "VANTAGE_JIRA_API_URL": "https://x"})
    assert result.returncode == 0, result.stderr + result.stdout
    assert "Test failed: test_a_discount_is_rounded_to_the_nearest_cent" in result.stdout
    assert result.stdout.count("as it should be") == 6
