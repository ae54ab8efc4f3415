from __future__ import annotations

from vantage_jira_plugin.operations import ADD_ATTACHMENT, ADD_COMMENT, EDIT_ISSUE
from vantage_jira_plugin.rehearsal import Estimate, WriteReached, planned_write
from vantage_jira_plugin.upload import Upload


def test_estimates_add_up():
    """What comes before and what comes after are one run."""
    assert Estimate(1, 2) + Estimate(3, 4) == Estimate(4, 6)
    assert Estimate() + Estimate(1) == Estimate(1, 0)


def test_what_may_not_be_needed_adds_up_as_well():
    """An estimate is sure where all of its parts are."""
    both = Estimate(1, 2) + Estimate(3, 4, 0.5).if_needed
    assert (both.requests, both.points, both.unsure_requests, both.unsure_points) == (4, 6, 3, 4)
    assert (both.is_sure, (Estimate(1, 2) + Estimate(3, 4)).is_sure) == (False, True)


def test_reads_of_one_kind_are_summed():
    """In the order in which they come first; as many at once as any of them."""

    def read(path, requests, at_once):
        return {"does": "read", "method": "GET", "path": path, "requests": requests, "atOnce": at_once}

    both = Estimate(reads=(read("/a", 1, 1), read("/b", 1, 1))) + Estimate(reads=(read("/a", 3, 2),))
    assert both.reads == (read("/a", 4, 2), read("/b", 1, 1))


def test_a_planned_write_is_what_would_go_out():
    """The path has its values and its query, quoted as they are sent; what is None is not sent."""
    query = {"returnIssue": "true", "notify": None, "expand": ["a b", "c"]}
    assert planned_write(EDIT_ISSUE, {"issueIdOrKey": "A/1"}, query, {"fields": {}}) == {
        "does": "update the issue",
        "method": "PUT",
        "path": "/rest/api/3/issue/A%2F1?returnIssue=true&expand=a+b&expand=c",
        "body": {"fields": {}},
    }
    planned = planned_write(ADD_COMMENT, {"issueIdOrKey": "A-1"}, None, {"body": 1})
    assert planned["path"] == "/rest/api/3/issue/A-1/comment"
    file = Upload("file", "a.bin", bytes(300), "image/png")
    planned_file = planned_write(ADD_ATTACHMENT, {"issueIdOrKey": "A-1"}, None, file)
    assert planned_file["body"] == {"fileName": "a.bin", "sizeBytes": 300, "mimeType": "image/png"}
    assert str(WriteReached(planned)) == "add the comment"
    assert (WriteReached(planned).before, WriteReached(planned, Estimate(1, 2)).before) == (Estimate(), Estimate(1, 2))
