"""Of any number of workers one does a keyed write; a key stands for one place; what has no room is not begun."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.writing.keyed import Keyed, row_of, warnings_of
from vantage_jira_plugin.operations import ADD_COMMENT, CREATE_ISSUE
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.writing.entry import LEASE_SECONDS

_ISSUE_PATH = "/rest/api/3/issue$"


class TestElsewhere:
    """A key that was used in another place."""

    @pytest.mark.parametrize(
        ("action", "inputs", "told"),
        [("create", {"projectKey": "OPS"}, "project DEV"), ("comment", {"issueKey": "DEV-2"}, "issue DEV-1")],
    )
    def test_it_is_the_callers_move(self, keyed, another, action, inputs, told):
        """Success for another project or issue than the one asked for would be wrong; the input is named."""
        getattr(keyed, action)()
        error = getattr(another(), action)(**inputs)["error"]
        assert (error["code"], error["retryable"]) == ("input_invalid", False)
        (text,) = error["errors"]["idempotencyKey"]
        assert told in text
        assert len(keyed.sent) == 1

    @pytest.mark.parametrize(("action", "operation"), [("create", CREATE_ISSUE), ("comment", ADD_COMMENT)])
    def test_also_while_it_is_not_known_what_happened_there(self, keyed, another, action, operation):
        """What was made there would not be found here, and so be made a second time."""
        keyed.killed("k", operation)
        inputs = {"projectKey": "OPS", "issueKey": "DEV-2"}
        wanted = {name: value for name, value in inputs.items() if (name == "projectKey") == (action == "create")}
        assert getattr(another(), action)(**wanted)["error"]["code"] == "input_invalid"
        keyed.sim.clock.advance(86_400)
        assert getattr(another(), action)(**wanted)["error"]["code"] == "input_invalid"
        assert keyed.sent == []

    @pytest.mark.parametrize(
        ("action", "inputs"), [("create", {"projectKey": "OPS"}), ("comment", {"issueKey": "OPS-1"})]
    )
    def test_nothing_is_told_of_a_project_out_of_reach(self, keyed, connect, action, inputs):
        """The setting allowedProjects is not passed by with somebody else's key."""
        first = getattr(keyed, action)("k", **({"body": "secret of DEV"} if action == "comment" else {}))
        confined = Keyed(connect(allowedProjects=["OPS"]), keyed.sim)
        envelope = getattr(confined, action)("k", **inputs)
        assert envelope["error"]["code"] == "input_invalid"
        for hidden in ("DEV", "secret", str(row_of(first)["id"])):
            assert hidden not in str(envelope)

    def test_what_was_moved_out_of_reach_is_not_told(self, keyed, another, connect):
        """An issue whose answer was lost and that was moved meanwhile is settled, and stays out of sight."""
        keyed.killed()
        made = keyed.make_issue()
        keyed.sim.site.move_issue(made, "OPS", keyed.sim.site.default_account_id)
        keyed.sim.clock.advance(300)
        error = Keyed(connect(allowedProjects=["DEV"]), keyed.sim).create()["error"]
        assert error["code"] == "project_not_allowed"
        assert made.key not in str(error)
        assert row_of(another().create())["key"] == made.key
        assert keyed.sent == []

    def test_what_had_to_make_room_is_in_its_place_as_well(self, keyed, host, monkeypatch):
        """A trace leads to what was made, and that to its place."""
        if hasattr(host, "shared"):
            pytest.skip("a shared state makes no room")
        monkeypatch.setattr("vantage_jira_plugin.auth.notebook.MOST_VALUES", 0)
        keyed.create()
        keyed.comment()
        assert keyed.create(projectKey="OPS")["error"]["code"] == "input_invalid"
        assert keyed.comment(issueKey="DEV-2")["error"]["code"] == "input_invalid"
        assert "done before" in warnings_of(keyed.comment())


class TestNoRoom:
    """A record that has no room for all of it."""

    @pytest.fixture(autouse=True)
    def _record_only(self, host):
        if hasattr(host, "shared"):
            pytest.skip("a shared state has room")

    def test_what_cannot_be_noted_is_not_sent(self, keyed, monkeypatch):
        """While too many writes are in doubt, no other one is begun; those can be settled, which makes room."""
        monkeypatch.setattr("vantage_jira_plugin.auth.notebook.MOST_UNSETTLED", 2)
        keyed.sim.faults.add(Fault("answer", method="POST", path=_ISSUE_PATH, status=503, body=b"", times=None))
        assert [keyed.create(f"k{number}")["error"]["code"] for number in range(2)] == ["unknown_outcome"] * 2
        sent = len(keyed.sent)
        error = keyed.create("k2")["error"]
        assert (error["code"], error["retryable"]) == ("credential_store", True)
        assert "2 writes with idempotency keys are not settled" in error["message"]
        assert "Run those again" in error["hint"]
        assert len(keyed.sent) == sent
        keyed.sim.faults.clear()
        row_of(keyed.create("k0"))
        row_of(keyed.create("k2"))

    def test_what_was_forgotten_is_told(self, keyed, monkeypatch):
        """Once a trace is gone, a key that is not known may be one of those; the caller hears it, also in a dry run."""
        for name in ("MOST_VALUES", "MOST_TRACES"):
            monkeypatch.setattr(f"vantage_jira_plugin.auth.notebook.{name}", 1)
        envelopes = [keyed.create(f"k{number}") for number in range(4)]
        assert [warnings_of(envelope) for envelope in envelopes[:3]] == [""] * 3
        assert "had to forget some, last at 20" in warnings_of(envelopes[3])
        assert "had to forget some" in warnings_of(keyed.create("k4", dryRun=True))
        assert "had to forget" not in warnings_of(keyed.create("k3"))
        keyed.sim.clock.advance(31 * 86_400)
        assert warnings_of(keyed.create("k5")) == ""


class TestAtOnce:
    """Workers at the same moment."""

    @pytest.mark.parametrize("action", ["create", "comment"])
    def test_eight_workers_make_one(self, keyed, at_once, action):
        """Eight connections with one key at once: one is made, and all answer it."""
        workers = [at_once() for _ in range(8)]
        with ThreadPoolExecutor(8) as threads:
            envelopes = list(threads.map(lambda worker: getattr(worker, action)(), workers))
        assert {row_of(envelope)["id"] for envelope in envelopes} == {row_of(envelopes[0])["id"]}
        assert len(keyed.issues() + keyed.comments()) == 1
        assert len(keyed.sent) == 1

    def test_threads_of_one_connection_make_one(self, at_once):
        """The same with threads that share a connection, and several keys among them."""
        worker = at_once()
        with ThreadPoolExecutor(12) as threads:
            rows = list(threads.map(lambda number: row_of(worker.create(f"k{number % 3}")), range(12)))
        assert len({row["id"] for row in rows}) == len(worker.sent) == 3

    def test_a_worker_that_takes_longer_than_the_caller_waits(self, keyed, another):
        """The caller hears that somebody is at it, may try again, and has sent nothing."""
        keyed.killed()
        error = another().create(timeout=0.2)["error"]
        assert (error["code"], error["retryable"], error["status"]) == ("conflict", True, None)
        assert LEASE_SECONDS - 10 < error["retryAfter"] <= LEASE_SECONDS
        assert keyed.sent == []
