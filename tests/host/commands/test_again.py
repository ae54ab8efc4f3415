from __future__ import annotations

import pytest

from vantage_jira_plugin.host.commands.again import again_line

#: 2026-01-31T09:00:00Z.
NOW = 1_769_850_000.0
READS = {"writes": False, "inputs": {"properties": {}}}
KEYED = {"writes": True, "inputs": {"properties": {"idempotencyKey": {"type": "string"}}}}
KEYLESS = {"writes": True, "inputs": {"properties": {"text": {"type": "string"}}}}


def line(code="network", *, retryable=True, retry_after=None, actions=(KEYED,), run_id="r1"):
    """Return the advice after a failure."""
    rest = {"message": "m", "action": None, "status": None, "errors": {}, "hint": None, "traceId": None}
    error = {"code": code, "retryable": retryable, "retryAfter": retry_after, **rest}
    return again_line(error, run_id, list(actions), now=NOW)


@pytest.mark.parametrize(
    ("code", "retryable", "advised"),
    [("unknown_outcome", False, True), ("conflict", False, True), ("network", True, True), ("forbidden", False, False)],
)
def test_what_repeating_settles_is_to_be_run_again(code, retryable, advised):
    """By its code, or because the error says so; nothing else."""
    assert (line(code, retryable=retryable) == "run it again with --run-id r1") is advised
    assert (line(code, retryable=retryable) is None) is not advised


@pytest.mark.parametrize(
    ("actions", "advised"),
    [
        ([READS], False),
        ([READS, KEYED], True),
        ([KEYLESS], False),
        ([KEYED, KEYLESS], False),
        ([], False),
    ],
)
def test_only_a_run_whose_writes_all_have_keys_is_to_be_run_again(actions, advised):
    """One that only reads needs no id, and one that writes without a key would write twice."""
    assert (line(actions=actions) is not None) is advised


@pytest.mark.parametrize(
    ("retry_after", "words"),
    [
        (0.0, ""),
        (3083, " after 09:51:23 UTC"),
        (3082.1, " after 09:51:23 UTC"),
        (15 * 3600, " after 2026-02-01 00:00:00 UTC"),
    ],
)
def test_the_time_is_never_too_early(retry_after, words):
    """Whole seconds, rounded up; another day is named."""
    assert line(retry_after=retry_after) == f"run it again with --run-id r1{words}"


def test_the_id_can_be_pasted_into_a_shell():
    """Whatever the run was named."""
    assert line(run_id="my run\x1b") == r"run it again with --run-id 'my run\x1b'"
