"""The idempotency key that is made of a run and a node."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.actions._action import _derived_key

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
_NAMES = st.text(st.sampled_from("ab/\x00"), min_size=1, max_size=4)


def _key(run_id, node_id):
    return _derived_key({"runId": run_id, "nodeId": node_id})


@pytest.mark.parametrize(
    ("run_id", "node_id", "key"),
    [
        ("run-7", "file", "run-7/file"),
        ("run 7", "Flow/bug[0123]", "run 7/Flow/bug[0123]"),
        ("läuft", "ö", "läuft/ö"),
        (0, 0, "0/0"),
        (7, "x", "7/x"),
        ("r" * 200, "n" * 54, "r" * 200 + "/" + "n" * 54),
    ],
)
def test_a_key_can_be_read(run_id, node_id, key):
    """Who looks at the property in Jira sees run and node; numbers count, also zero."""
    assert _key(run_id, node_id) == key


@pytest.mark.parametrize(("run_id", "node_id"), [(None, "n"), ("r", None), ("", "n"), ("r", ""), (None, None)])
def test_outside_a_run_there_is_none(run_id, node_id):
    """A half of it would stand for other calls as well."""
    assert _key(run_id, node_id) is None


@pytest.mark.parametrize(
    ("run_id", "node_id"),
    [("a/b", "c"), ("r\x00", "n"), ("r", "\ud800"), ("r", "n\n"), ("r" * 255, "n"), ("r", "n" * 40_000)],
)
def test_what_cannot_be_read_is_a_digest(run_id, node_id):
    """It is short, can be sent, and is the same every time."""
    key = _key(run_id, node_id)
    assert key.startswith("sha256:")
    assert (len(key), key.isascii(), key) == (71, True, _key(run_id, node_id))


@given(_NAMES, _NAMES, _NAMES, _NAMES)
def test_two_pairs_have_two_keys(run, node, other_run, other_node):
    """`a/b` and `c` are not `a` and `b/c`."""
    assert (_key(run, node) == _key(other_run, other_node)) is ((run, node) == (other_run, other_node))


@pytest.mark.parametrize(("run_id", "node_id"), [("r\x00\ud800", "n"), ("r" * 40_000, "n"), (0, "n")])
def test_any_run_writes_once(connect, sim, run_id, node_id):
    """Whatever a host names its runs, the write goes out, and comes again as it was made."""
    context = {"runId": run_id, "nodeId": node_id}
    connection = connect()
    rows = [connection.execute("createIssue", _CREATE, {}, context)["output1"]["data"] for _ in range(2)]
    assert rows[0] == rows[1]
    (sent,) = [json.loads(entry.body) for entry in sim.requests_to("/rest/api/3/issue") if entry.method == "POST"]
    assert sent["properties"][0]["value"] == {"key": _derived_key(context)}
