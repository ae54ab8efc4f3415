"""Worklogs with a key: looking for a lost one from the end of the list, and doing each of them once."""

from __future__ import annotations

import json

import pytest

from tests.writing.keyed import row_of
from vantage_jira_plugin.errors import JiraUnavailableError, NotFoundError
from vantage_jira_plugin.operations import ADD_WORKLOG
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.writing import worklogs
from vantage_jira_plugin.writing.entry import Entry
from vantage_jira_plugin.writing.worklogs import WorklogFinder

_PATH = "/DEV-1/worklog$"


@pytest.fixture
def finder(keyed):
    """Looks for the worklog of the key `k` on DEV-1."""
    return WorklogFinder(keyed.connection._client(), "DEV-1", "k")


@pytest.fixture
def entry(keyed, sim):
    """A write that begins now, long after the worklogs that are there, with a token that is good."""
    for _ in range(3):
        keyed.make_worklog("old")
    sim.clock.advance(86_400)
    keyed.connection.authenticate()
    return Entry.reserved(owner="a", digest="d", place="DEV-1", now=sim.clock())


def _starts(sim):
    """Return where the pages that were read begin."""
    return [page.query["startAt"][0] for page in sim.requests_to("/rest/api/3/issue/DEV-1/worklog")]


class TestFinding:
    """What is read, and what it says."""

    def test_a_page_suffices_for_most_issues(self, finder, entry, keyed, sim):
        """Where all worklogs fit on one page, one request says whether it is there, properties and all."""
        assert finder.find(entry, now=sim.clock()) is None
        made = keyed.make_worklog()
        assert finder.find(entry, now=sim.clock())["id"] == str(made.id)
        assert _starts(sim) == ["0", "0"]

    @pytest.mark.parametrize(("newer", "starts"), [(0, ["0", "104"]), (250, ["0", "354", "254", "154"])])
    def test_longer_lists_are_read_from_the_end(self, finder, entry, keyed, sim, newer, starts):
        """Page by page, as far back as the write."""
        for _ in range(200):
            keyed.make_worklog("old")
        made = keyed.make_worklog()
        for _ in range(newer):
            keyed.make_worklog("other")
        assert finder.find(entry, now=sim.clock())["id"] == str(made.id)
        assert _starts(sim) == starts

    def test_it_goes_back_no_further_than_the_write(self, finder, entry, keyed, sim):
        """The first worklog that is older ends the look."""
        issue = sim.site.find_issue("DEV-1")
        issue.worklogs[:] = issue.worklogs[:1] * 1_000
        assert finder.find(entry, now=sim.clock()) is None
        assert _starts(sim) == ["0", "900"]

    @pytest.mark.parametrize("count", [99, 100, 101])
    def test_full_pages_are_read_to_their_end(self, finder, entry, keyed, sim, count):
        """The last of as many worklogs as fit on a page is found."""
        issue = sim.site.find_issue("DEV-1")
        issue.worklogs[:] = []
        for _ in range(count - 1):
            keyed.make_worklog("other")
        assert finder.find(entry, now=sim.clock()) is None
        made = keyed.make_worklog()
        assert finder.find(entry, now=sim.clock())["id"] == str(made.id)

    def test_too_many_are_no_answer(self, finder, entry, keyed, sim, monkeypatch):
        """What was not looked through to its beginning is not taken for "not there"."""
        monkeypatch.setattr(worklogs, "_PAGES", 2)
        for _ in range(210):
            keyed.make_worklog("other")
        with pytest.raises(JiraUnavailableError, match="could not look through all of the worklogs of DEV-1"):
            finder.find(entry, now=sim.clock())

    @pytest.mark.parametrize("page", [{"worklogs": []}, {"worklogs": [], "total": 500}])
    def test_a_list_with_gaps_is_no_answer(self, finder, entry, sim, page):
        """Neither one that does not say how long it is, nor one that has fewer worklogs than it says."""
        sim.faults.add(Fault("answer", path=_PATH, status=200, body=page, times=None))
        with pytest.raises(JiraUnavailableError):
            finder.find(entry, now=sim.clock())

    def test_an_issue_that_is_gone_is_no_answer(self, keyed, sim, entry):
        """A worklog may be there though its issue cannot be seen at the moment."""
        with pytest.raises(NotFoundError):
            WorklogFinder(keyed.connection._client(), "DEV-9999", "k").find(entry, now=sim.clock())

    def test_recalled_by_id(self, finder, keyed):
        """An id counts only where its worklog carries the key; its address says which issue it is on."""
        made, other = keyed.make_worklog(), keyed.make_worklog("other")
        found = finder.recall(str(made.id))
        assert found["id"] == str(made.id)
        assert finder.is_here(finder.where(found))
        assert finder.recall(str(other.id)) is None
        assert finder.recall("x") is None


class TestOnce:
    """One key, one worklog."""

    def test_the_same_call_gives_the_same_worklog(self, keyed, another):
        """Whichever worker calls, and although the time that is sent by default is another."""
        first = keyed.work()
        keyed.sim.clock.advance(60)
        second = another().work()
        assert row_of(second) == row_of(first)
        (warning,) = second["output1"]["metadata"]["warnings"]
        assert "done before with the same idempotency key (DEV-1)" in warning
        assert "different" not in warning
        assert len(keyed.worklogs()) == len(keyed.sent) == 1

    @pytest.mark.parametrize(
        "more", [{"timeSpent": "1h"}, {"comment": "x"}, {"adjustEstimate": "leave"}, {"started": "2026-01-01T09:00Z"}]
    )
    def test_other_inputs_are_told(self, keyed, more):
        """The worklog of the key stays what it was."""
        first = keyed.work()
        second = keyed.work(**more)
        assert row_of(second) == row_of(first)
        assert "the inputs were different this time" in " ".join(second["output1"]["metadata"]["warnings"])

    def test_another_issue_is_refused(self, keyed):
        """The key stands for work on the first issue."""
        keyed.work()
        error = keyed.work(issueKey="DEV-2")["error"]
        assert (error["code"], list(error["errors"])) == ("input_invalid", ["idempotencyKey"])

    @pytest.mark.parametrize("kind", ["lost_answer", "truncate", "cut_json", "empty", "html"])
    def test_a_lost_answer_is_settled(self, keyed, another, kind):
        """What was made is found in the same call, and the next call knows."""
        keyed.sim.faults.add(Fault(kind, method="POST", path=_PATH))
        row = row_of(keyed.work())
        assert row["id"] == str(keyed.worklogs()[0].id)
        assert row_of(another().work()) == row
        assert len(keyed.worklogs()) == len(keyed.sent) == 1

    def test_what_never_arrived_is_done_by_the_next_call(self, keyed, another):
        """It is unknown at first; once enough time has passed it is sent again, once."""
        keyed.sim.faults.add(Fault("reset", method="POST", path=_PATH))
        error = keyed.work()["error"]
        assert (error["code"], error["retryable"]) == ("unknown_outcome", True)
        assert "the worklogs of DEV-1" in error["hint"]
        row_of(another().work())
        assert len(keyed.worklogs()) == 1

    def test_a_worker_that_was_killed(self, keyed, another):
        """Between reserving and sending nothing was made, between sending and noting it was; both are settled."""
        keyed.killed("made", ADD_WORKLOG)
        keyed.killed("not made", ADD_WORKLOG)
        made = keyed.make_worklog("made")
        keyed.sim.clock.advance(400)
        worker = another()
        assert row_of(worker.work("made"))["id"] == str(made.id)
        assert keyed.sent == []
        assert row_of(worker.work("not made"))["id"] == str(keyed.worklogs("not made")[0].id)

    def test_one_that_was_deleted_since_is_told(self, keyed):
        """The id is known, the rest is not, and nothing is made anew."""
        first = row_of(keyed.work())
        keyed.sim.site.find_issue("DEV-1").worklogs.clear()
        second = keyed.work()
        assert (row_of(second)["id"], row_of(second)["timeSpent"]) == (first["id"], None)
        assert "is not there any more" in " ".join(second["output1"]["metadata"]["warnings"])

    def test_the_key_travels_with_the_worklog(self, keyed):
        """As a property, in the one request that makes it."""
        keyed.work("run/node")
        (sent,) = keyed.sent
        assert json.loads(sent.body)["properties"] == [{"key": "vantage.idempotencyKey", "value": {"key": "run/node"}}]
        assert len(keyed.worklogs("run/node")) == 1
