"""The same key gives one issue and one comment: repeated, at once, cut off anywhere."""

from __future__ import annotations

import pytest

from tests.writing.keyed import row_of, warnings_of
from vantage_jira_plugin.operations import ADD_COMMENT
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.writing.entry import DOUBT_SECONDS, LEASE_SECONDS

_ISSUE_PATH = "/rest/api/3/issue$"
_LOST = ["lost_answer", "truncate", "cut_json", "empty", "html"]


class TestAgain:
    """A key that has been seen."""

    def test_the_same_call_gives_the_same_issue(self, keyed):
        """The second call sends nothing and answers the same row, with a warning."""
        first = keyed.create()
        requests = len(keyed.sim.requests)
        second = keyed.create()
        assert row_of(second) == row_of(first)
        assert (len(keyed.issues()), len(keyed.sim.requests)) == (1, requests)
        assert warnings_of(first) == ""
        assert (
            f"nothing was written: this was done before with the same idempotency key ({row_of(first)['key']})"
            in warnings_of(second)
        )
        assert "different" not in warnings_of(second)

    def test_another_worker_gives_the_same_issue(self, keyed, another):
        """What one connection made another one knows."""
        first = keyed.create()
        assert row_of(another().create()) == row_of(first)
        assert len(keyed.issues()) == 1

    def test_other_inputs_are_told(self, keyed):
        """The issue of the key stays what it was; the caller hears that these inputs were not used."""
        first = keyed.create()
        second = keyed.create(summary="Something else")
        assert row_of(second) == row_of(first)
        assert "the inputs were different this time, and were not used" in warnings_of(second)
        assert len(keyed.issues()) == 1

    def test_other_keys_are_other_issues(self, keyed):
        """Keys of any length and content stand for themselves, and without one nothing is remembered."""
        keys = ["a", "b", "é" * 255, "a/b", "A"]
        rows = [row_of(keyed.create(key)) for key in keys]
        assert len({row["id"] for row in rows}) == len(keys)
        assert [row_of(keyed.create(key)) for key in keys] == rows
        before = len(keyed.sim.site.issues)
        assert row_of(keyed.create(None)) != row_of(keyed.create(None))
        assert len(keyed.sim.site.issues) == before + 2

    def test_issues_and_comments_have_keys_of_their_own(self, keyed):
        """One key may name one issue and one comment."""
        assert row_of(keyed.create())["id"] != row_of(keyed.comment())["id"]
        assert (len(keyed.issues()), len(keyed.comments())) == (1, 1)

    def test_a_run_that_is_repeated_writes_once(self, keyed, another):
        """The key made of run and node is a key like any other."""
        context = {"runId": "run-7", "nodeId": "file"}
        inputs = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
        rows = [row_of(worker.connection.execute("createIssue", inputs, {}, context)) for worker in (keyed, another())]
        assert rows[0] == rows[1]
        assert len(keyed.issues("run-7/file")) == 1


class TestDryRun:
    """A dry run of a key."""

    @pytest.mark.parametrize("action", ["create", "comment"])
    def test_a_key_that_is_done(self, keyed, another, action):
        """It says that nothing would be sent, plans nothing, and costs what the run then costs."""
        getattr(keyed, action)()
        rehearsed = getattr(another(), action)(dryRun=True)["output1"]["metadata"]
        assert "nothing would be written: this was done before" in " ".join(rehearsed["warnings"])
        assert rehearsed["plan"] == []
        usage = getattr(another(), action)()["output1"]["metadata"]["usage"]
        login = 1  # each of these connections resolves its site first, which is no cost of the action
        assert rehearsed["estimate"]["requests"] <= usage["requests"] <= rehearsed["estimate"]["requests"] + login
        assert len(keyed.sent) == 1

    def test_a_key_that_is_not_settled(self, keyed, another):
        """It says so, plans the write, and changes nothing."""
        keyed.killed()
        killed = keyed.entry()
        rehearsed = another().create(dryRun=True)["output1"]["metadata"]
        assert "is not settled" in " ".join(rehearsed["warnings"])
        assert len(rehearsed["plan"]) == 1
        assert keyed.entry() == killed

    def test_a_key_of_another_place(self, keyed, another):
        """It is refused as the run would refuse it."""
        keyed.create()
        assert another().create(projectKey="OPS", dryRun=True)["error"]["code"] == "input_invalid"

    def test_a_key_that_had_to_make_room(self, keyed, host, monkeypatch):
        """A trace is followed as in a run, and nothing is noted."""
        if hasattr(host, "shared"):
            pytest.skip("a shared state makes no room")
        monkeypatch.setattr("vantage_jira_plugin.auth.notebook.MOST_VALUES", 0)
        keyed.create()
        saves = host.credentials.saves
        assert "done before" in " ".join(keyed.create(dryRun=True)["output1"]["metadata"]["warnings"])
        assert (host.credentials.saves, keyed.entry()) == (saves, None)


class TestLost:
    """Answers that are lost."""

    @pytest.mark.parametrize("action", ["create", "comment"])
    @pytest.mark.parametrize("kind", _LOST)
    def test_what_was_made_is_found(self, keyed, another, action, kind):
        """A lost answer is settled in the same call, and the next call knows."""
        keyed.sim.faults.add(Fault(kind, method="POST", path=f"{_ISSUE_PATH}|/comment$"))
        envelope = getattr(keyed, action)()
        assert "was found by the property vantage.idempotencyKey = k" in warnings_of(envelope)
        again = getattr(another(), action)()
        assert row_of(again) == row_of(envelope)
        assert len(keyed.issues() + keyed.comments()) == len(keyed.sent) == 1

    def test_an_index_that_lags_hides_nothing(self, keyed):
        """With two minutes of lag the issue is found all the same, and at once."""
        keyed.sim.site.index_lag_seconds = 120
        keyed.sim.faults.add(Fault("lost_answer", method="POST", path=_ISSUE_PATH))
        envelope = keyed.create()
        assert row_of(envelope)["id"] == str(keyed.issues()[0].id)
        assert envelope["output1"]["metadata"]["usage"]["waitedSeconds"] == 0

    @pytest.mark.parametrize("action", ["create", "comment"])
    def test_what_never_arrived_is_done_by_the_next_call(self, keyed, another, action, slept):
        """It is looked for, told to be unknown, and sent again by the next call, once enough time has passed."""
        keyed.sim.faults.add(Fault("reset", method="POST", path=f"{_ISSUE_PATH}|/comment$"))
        error = getattr(keyed, action)()["error"]
        assert (error["code"], error["retryable"]) == ("unknown_outcome", True)
        assert slept == [0.0, 2.0, 5.0]
        assert error["retryAfter"] == pytest.approx(DOUBT_SECONDS - 7, abs=2)
        assert "Run it again with the same idempotencyKey" in error["hint"]
        assert "vantage.idempotencyKey = k" in error["hint"]
        assert len(keyed.issues() + keyed.comments()) == 0
        early = getattr(another(), action)(timeout=5)["error"]
        assert (early["code"], early["retryable"]) == ("unknown_outcome", True)
        assert len(keyed.sent) == 1
        envelope = getattr(another(), action)()
        waited_seconds = envelope["output1"]["metadata"]["usage"]["waitedSeconds"]
        assert waited_seconds == pytest.approx(DOUBT_SECONDS - 7, abs=3)
        assert len(keyed.issues() + keyed.comments()) == 1
        assert row_of(getattr(keyed, action)())["id"] == row_of(envelope)["id"]

    def test_what_happened_late_is_found_by_the_next_call(self, keyed, another):
        """A write that Jira did after all, when its caller had given up, is not done again."""
        keyed.sim.faults.add(Fault("reset", method="POST", path=_ISSUE_PATH))
        assert keyed.create()["error"]["code"] == "unknown_outcome"
        late = keyed.make_issue()
        assert row_of(another().create(timeout=5))["key"] == late.key
        assert len(keyed.issues()) == len(keyed.sent) == 1

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_server_error_leaves_it_open(self, keyed, another, status):
        """Something in front of Jira may have given up on it: as unknown as a lost answer."""
        keyed.sim.faults.add(Fault("answer", method="POST", path=_ISSUE_PATH, status=status, body=b"", times=None))
        error = keyed.create()["error"]
        assert (error["code"], error["status"], error["retryable"]) == ("unknown_outcome", status, True)
        keyed.sim.faults.clear()
        assert row_of(another().create())["id"] == str(keyed.issues()[0].id)

    def test_looking_that_fails_sends_nothing(self, keyed, another):
        """Where it cannot be looked for, it stays unknown; the reason is told."""
        keyed.killed()
        keyed.sim.clock.advance(300)
        keyed.sim.faults.add(Fault("answer", path="/search/jql", status=403, body=b"", times=None))
        error = another().create()["error"]
        assert (error["code"], error["retryable"], error["status"]) == ("unknown_outcome", True, 403)
        assert error["retryAfter"] == 60
        assert "looking for it failed: could not search issues" in error["message"]
        assert keyed.sent == []


class TestKilled:
    """Workers that are killed in the middle."""

    def test_between_reserving_and_sending(self, keyed, another, slept):
        """The next call waits for the lease to end, sees that nothing was made, and does it."""
        keyed.killed()
        envelope = another().create()
        assert len(keyed.issues()) == len(keyed.sent) == 1
        assert sum(slept) == pytest.approx(LEASE_SECONDS, abs=2)
        assert max(slept) == 2
        assert keyed.entry().made_id == row_of(envelope)["id"]

    def test_between_sending_and_noting(self, keyed, another, slept):
        """The next call finds what was made, long before the lease ends, and notes it."""
        keyed.killed()
        made = keyed.make_issue()
        envelope = another().create()
        assert row_of(envelope)["key"] == made.key
        assert keyed.sent == []
        assert sum(slept) < 20
        assert (keyed.entry().state, keyed.entry().made_key) == ("done", made.key)
        assert "the inputs were different" in warnings_of(envelope)

    def test_days_ago(self, keyed, another, slept):
        """Long after a kill it is settled without waiting, whatever has happened in the project since."""
        keyed.sim.clock.advance(60)
        keyed.killed()
        made = keyed.make_issue()
        for _ in range(150):
            keyed.sim.clock.advance(1200)
            keyed.make_issue("other")
        assert row_of(another().create())["key"] == made.key
        keyed.killed("k2")
        keyed.sim.clock.advance(86_400)
        row_of(another().create("k2"))
        assert len(keyed.issues("k2")) == 1
        assert slept == []

    def test_comments(self, keyed, another, slept):
        """A comment that was made is found, one that was not is made."""
        keyed.killed("made", ADD_COMMENT)
        keyed.killed("not made", ADD_COMMENT)
        made = keyed.make_comment("made")
        keyed.sim.clock.advance(300)
        worker = another()
        assert row_of(worker.comment("made"))["id"] == str(made.id)
        assert keyed.sent == []
        assert row_of(worker.comment("not made"))["id"] == str(keyed.comments("not made")[0].id)

    def test_again_and_again(self, keyed, another):
        """Three workers are killed one after the other; what the first one made is found by the fourth."""
        keyed.killed()
        made = keyed.make_issue()
        name = keyed.name()
        for number in range(2):
            keyed.sim.clock.advance(100)
            entry, version = keyed.ledger.read(name)
            over = entry.taken_over(owner=f"dead {number}", digest="1", now=keyed.sim.clock())
            assert keyed.ledger.replace(name, over, version=version)
        keyed.sim.clock.advance(3600)
        assert row_of(another().create())["key"] == made.key


class TestComments:
    """What is different with comments."""

    def test_the_whole_row_comes_again(self, keyed):
        """A comment that was made before is read, so that its row has everything."""
        first = keyed.comment()
        assert row_of(keyed.comment()) == row_of(first)
        assert row_of(first)["body"] == "Seen _again_."

    def test_the_issue_may_be_named_otherwise(self, keyed):
        """Its id stands for the same issue as its key, and so for the same comment."""
        first = keyed.comment()
        second = keyed.comment(issueKey=str(keyed.sim.site.find_issue("DEV-1").id))
        assert row_of(second)["id"] == row_of(first)["id"]
        assert len(keyed.comments()) == 1

    def test_one_that_is_gone(self, keyed):
        """A comment that was deleted since is not made again."""
        row = row_of(keyed.comment())
        issue = keyed.sim.site.find_issue("DEV-1")
        issue.comments = [comment for comment in issue.comments if str(comment.id) != row["id"]]
        envelope = keyed.comment()
        assert (row_of(envelope)["id"], row_of(envelope)["body"]) == (row["id"], None)
        assert "is not there any more" in warnings_of(envelope)
