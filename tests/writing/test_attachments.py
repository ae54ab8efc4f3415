"""Attachments with a key: known by what they are, and each of them added once."""

from __future__ import annotations

import pytest

from tests.writing.keyed import row_of
from vantage_jira_plugin.errors import JiraUnavailableError, NotFoundError
from vantage_jira_plugin.operations import ADD_ATTACHMENT
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.upload import Upload
from vantage_jira_plugin.writing import attachments
from vantage_jira_plugin.writing.attachments import AttachmentFinder
from vantage_jira_plugin.writing.entry import Entry

_PATH = "/DEV-1/attachments$"
_CONTENT = "/attachment/content/"


def _finder(keyed, name="report.txt", content=b"1 failed"):
    return AttachmentFinder(keyed.connection._client(), "DEV-1", "k", Upload("file", name, content, "text/plain"))


@pytest.fixture
def finder(keyed):
    """Looks for `report.txt` on DEV-1."""
    return _finder(keyed)


@pytest.fixture
def entry(keyed, sim):
    """A write that begins now, long after the same file was attached before, with a token that is good."""
    keyed.make_attachment()
    sim.clock.advance(86_400)
    keyed.connection.authenticate()
    return Entry.reserved(owner="a", digest="d", place="DEV-1", now=sim.clock())


def _asked(sim, since):
    return [request.site_path.removeprefix("/rest/api/3/").partition("/")[0] for request in sim.requests[since:]]


class TestFinding:
    """What is read, and what it says."""

    def test_nothing_alike_is_one_request(self, finder, entry, keyed, sim):
        """Other names, other sizes and older files are told apart by the list alone."""
        keyed.make_attachment("other.txt")
        keyed.make_attachment(content=b"2 failed, 3 passed")
        since = len(sim.requests)
        assert finder.find(entry, now=sim.clock()) is None
        assert _asked(sim, since) == ["issue"]

    def test_what_is_alike_is_compared(self, finder, entry, keyed, sim):
        """Author and content decide."""
        since = len(sim.requests)
        somebody = next(one for one in sim.site.accounts if one != sim.site.default_account_id)
        keyed.make_attachment(author_id=somebody)
        keyed.make_attachment(content=b"2 failed")
        assert finder.find(entry, now=sim.clock()) is None
        made = keyed.make_attachment()
        assert finder.find(entry, now=sim.clock())["id"] == str(made.id)
        asked = _asked(sim, since)
        assert (asked.count("issue"), asked.count("myself"), asked.count("attachment")) == (2, 2, 3)
        (download, *_) = sim.requests_to("/rest/api/3/attachment/content")
        assert download.query == {"redirect": ["false"]}
        assert download.headers["accept"] == "*/*"

    def test_large_files_are_not_downloaded(self, entry, keyed, sim, monkeypatch):
        """Beyond a few megabytes name, size, author and time decide."""
        monkeypatch.setattr(attachments, "_COMPARED_BYTES", 4)
        made = keyed.make_attachment(content=b"2 failed")
        assert _finder(keyed).find(entry, now=sim.clock())["id"] == str(made.id)
        assert sim.requests_to("/rest/api/3/attachment/content") == []

    def test_umlauts_are_the_same_in_either_way(self, entry, keyed, sim):
        """A name may be stored with its marks as letters of their own."""
        made = keyed.make_attachment("gru\u0308ße.txt")
        assert _finder(keyed, "gr\u00fcße.txt").find(entry, now=sim.clock())["id"] == str(made.id)

    @pytest.mark.parametrize(
        "fault",
        [
            Fault("answer", path=_CONTENT, status=200, body="<html>Log in</html>"),
            Fault("answer", path=_CONTENT, status=303, headers={"Location": "https://elsewhere.example/"}),
            Fault("answer", path=_CONTENT, status=404, body=b""),
            Fault("answer", path="/DEV-1$", status=200, body={"id": "1", "key": "DEV-1", "fields": {}}),
        ],
        ids=["a page", "a redirect", "nothing", "no list"],
    )
    def test_what_cannot_be_compared_is_no_answer(self, finder, entry, keyed, sim, fault):
        """It is not taken for another file; and nobody follows a redirect."""
        keyed.make_attachment()
        sim.faults.add(fault)
        with pytest.raises((JiraUnavailableError, NotFoundError)):
            finder.find(entry, now=sim.clock())
        assert len(sim.requests_to("/rest/api/3/attachment/content")) <= 1

    def test_a_list_that_is_none_says_so(self, finder, entry, sim):
        """An issue without the field tells nothing."""
        sim.faults.add(Fault("answer", path="/DEV-1$", status=200, body={"id": "1", "key": "DEV-1", "fields": None}))
        with pytest.raises(JiraUnavailableError, match="the attachments of DEV-1"):
            finder.find(entry, now=sim.clock())

    def test_recalled_by_id(self, finder, keyed):
        """An id counts only where it is the same file on this issue."""
        made, other = keyed.make_attachment(), keyed.make_attachment("other.txt")
        elsewhere = keyed.make_attachment(on="DEV-2")
        assert finder.recall(str(made.id))["id"] == str(made.id)
        assert finder.recall(str(other.id)) is None
        assert finder.recall(str(elsewhere.id)) is None
        assert finder.where({}) == finder.here == "DEV-1"


class TestOnce:
    """One key, one attachment."""

    def test_the_same_call_gives_the_same_attachment(self, keyed, another):
        """Whichever worker calls."""
        first = keyed.attach()
        second = another().attach()
        assert row_of(second) == row_of(first)
        assert "done before" in " ".join(second["output1"]["metadata"]["warnings"])
        assert len(keyed.attachments) == len(keyed.sent) == 1

    @pytest.mark.parametrize("more", [{"text": "2 failed"}, {"fileName": "b.txt"}, {"mimeType": "text/html"}])
    def test_other_inputs_are_told(self, keyed, more):
        """The attachment of the key stays what it was."""
        first = keyed.attach()
        second = keyed.attach(**more)
        assert row_of(second) == row_of(first)
        assert "the inputs were different this time" in " ".join(second["output1"]["metadata"]["warnings"])

    def test_another_issue_is_refused(self, keyed):
        """The key stands for a file on the first issue."""
        keyed.attach()
        error = keyed.attach(issueKey="DEV-2")["error"]
        assert (error["code"], list(error["errors"])) == ("input_invalid", ["idempotencyKey"])

    @pytest.mark.parametrize("kind", ["lost_answer", "truncate", "cut_json", "empty", "html"])
    def test_a_lost_answer_is_settled(self, keyed, another, kind):
        """What was made is found in the same call, and the next call knows."""
        keyed.sim.faults.add(Fault(kind, method="POST", path=_PATH))
        row = row_of(keyed.attach())
        assert row["id"] == str(keyed.attachments[0].id)
        assert row_of(another().attach()) == row
        assert len(keyed.attachments) == len(keyed.sent) == 1

    def test_what_never_arrived_is_done_by_the_next_call(self, keyed, another):
        """It is unknown at first; once enough time has passed it is sent again, once, and whole."""
        keyed.sim.faults.add(Fault("reset", method="POST", path=_PATH))
        error = keyed.attach()["error"]
        assert (error["code"], error["retryable"]) == ("unknown_outcome", True)
        assert "look in the attachments of DEV-1 for what was made" in error["hint"]
        assert "with the name report.txt and 8 bytes" in error["hint"]
        row_of(another().attach())
        assert [file.content for file in keyed.attachments] == [b"1 failed"]

    def test_a_worker_that_was_killed(self, keyed, another):
        """Between reserving and sending nothing was made, between sending and noting it was; both are settled."""
        keyed.killed("made", ADD_ATTACHMENT)
        keyed.killed("not made", ADD_ATTACHMENT)
        made = keyed.make_attachment()
        keyed.sim.clock.advance(400)
        worker = another()
        assert row_of(worker.attach("made"))["id"] == str(made.id)
        assert keyed.sent == []
        row = row_of(worker.attach("not made", fileName="other.txt"))
        assert [str(file.id) for file in keyed.attachments] == [str(made.id), row["id"]]

    def test_one_that_was_deleted_since_is_told(self, keyed):
        """The id is known, the rest is not, and nothing is made anew."""
        first = row_of(keyed.attach())
        keyed.sim.site.find_issue("DEV-1").attachments.clear()
        second = keyed.attach()
        assert (row_of(second)["id"], row_of(second)["fileName"]) == (first["id"], None)
        assert "is not there any more" in " ".join(second["output1"]["metadata"]["warnings"])
