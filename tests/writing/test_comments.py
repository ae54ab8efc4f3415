"""Looking for a lost comment: newest first, as far back as the write, by its property."""

from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.errors import JiraUnavailableError, NotFoundError
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.writing import comments
from vantage_jira_plugin.writing.comments import CommentFinder
from vantage_jira_plugin.writing.entry import Entry


@pytest.fixture
def finder(keyed):
    """Looks for the comment of the key `k` on DEV-1."""
    return CommentFinder(keyed.connection._client(), "DEV-1", "k")


@pytest.fixture
def entry(keyed, sim):
    """A write that begins now, long after the comments that are there, with a token that is good."""
    sim.clock.advance(86_400)
    keyed.connection.authenticate()
    return Entry.reserved(owner="a", digest="d", place="DEV-1", now=sim.clock())


def _asked(sim):
    """Return the pages that were read, and the ids that were fetched."""
    pages = sim.requests_to("/rest/api/3/issue/DEV-1/comment")
    fetched = sim.requests_to("/rest/api/3/comment/list")
    return [page.query["startAt"][0] for page in pages], [json.loads(entry.body)["ids"] for entry in fetched]


def test_old_comments_are_not_fetched(finder, entry, keyed, sim):
    """Where there is none of that time, one request says so."""
    assert finder.find(entry, now=sim.clock()) is None
    assert _asked(sim) == (["0"], [])


def test_it_is_found_among_those_of_its_time(finder, entry, keyed, sim):
    """Comments since the write began are fetched with their properties, in one request."""
    ids = [keyed.make_comment(f"other {number}").id for number in range(3)]
    made = keyed.make_comment()
    assert finder.find(entry, now=sim.clock())["id"] == str(made.id)
    assert _asked(sim) == (["0"], [[*ids, made.id]])
    later = Entry.reserved(owner="a", digest="d", place="DEV-1", now=sim.clock() + 500)
    assert finder.find(later, now=sim.clock()) is None


def test_it_is_found_behind_many_newer_ones(finder, entry, keyed, sim):
    """A talkative issue is read page by page."""
    made = keyed.make_comment()
    for number in range(250):
        keyed.make_comment(f"other {number}")
    assert finder.find(entry, now=sim.clock())["id"] == str(made.id)
    assert _asked(sim)[0] == ["0", "100", "200"]


def test_too_many_are_no_answer(finder, entry, keyed, sim, monkeypatch):
    """What was not looked through to its beginning is not taken for "not there"."""
    monkeypatch.setattr(comments, "_PAGES", 2)
    for number in range(210):
        keyed.make_comment(f"other {number}")
    with pytest.raises(JiraUnavailableError, match="could not look through all of the comments of DEV-1"):
        finder.find(entry, now=sim.clock())


def test_an_answer_that_is_cut_is_no_answer(finder, entry, keyed, sim):
    """A list of comments that says it is not the last page may lack the one."""
    keyed.make_comment("other")
    sim.faults.add(Fault("answer", path="/comment/list", status=200, body={"values": [], "isLast": False}))
    with pytest.raises(JiraUnavailableError):
        finder.find(entry, now=sim.clock())


def test_a_comment_that_does_not_say_when_is_looked_at(finder, entry, keyed, sim):
    """Only a time that can be read leaves a comment out."""
    made = keyed.make_comment()
    page = {"comments": [{"id": "1", "created": "yesterday"}, {"id": str(made.id)}, 5], "total": 3}
    sim.faults.add(Fault("answer", path="/DEV-1/comment", status=200, body=page))
    assert finder.find(entry, now=sim.clock())["id"] == str(made.id)


def test_an_issue_that_is_gone_is_no_answer(keyed, sim, entry):
    """A comment may be there though its issue cannot be seen at the moment."""
    with pytest.raises(NotFoundError):
        CommentFinder(keyed.connection._client(), "DEV-9999", "k").find(entry, now=sim.clock())


def test_recalled_by_id(finder, keyed):
    """An id counts only where its comment carries the key."""
    made, other = keyed.make_comment(), keyed.make_comment("other")
    assert finder.recall(str(made.id))["id"] == str(made.id)
    assert finder.recall(str(other.id)) is None
    assert finder.recall("x") is None
    assert (finder.after(), finder.named({})) == (None, "DEV-1")
    assert finder.where({"self": "https://x/rest/api/3/issue/10001/comment/7"}) == "10001"
    assert finder.where({}) is None


def test_an_issue_is_the_same_by_key_by_id_and_by_an_old_key(finder, sim):
    """Only what is another issue, or is not there, is another place."""
    issue = sim.site.find_issue("DEV-1")
    sim.site.move_issue(issue, "OPS", sim.site.default_account_id)
    assert [finder.is_here(name) for name in (issue.key, str(issue.id), "DEV-2", "DEV-9999")] == [
        True,
        True,
        False,
        False,
    ]
