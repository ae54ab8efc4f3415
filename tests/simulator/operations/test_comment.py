from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asking import Asking, document, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_a_comment_is_added(ask: Asking) -> None:
    """A comment comes back with its author, stays with the issue and moves its `updated`."""
    ask.clock.at += 60
    answer = ask("POST", "/issue/DEV-4/comment", {"body": document("Hello")})
    assert answer.status == 201
    assert answer.headers["Location"] == answer.body["self"]
    assert answer.body["author"]["displayName"] == "Mara Lindqvist"
    page = ask("GET", "/issue/DEV-4/comment").body
    assert (page["total"], page["comments"][-1]["body"]) == (2, document("Hello"))
    assert ask("GET", "/issue/DEV-4").body["fields"]["updated"] == answer.body["created"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("plain", "Comment body is not valid!"),
        ({"type": "doc", "version": 1}, "Comment body is not valid!"),
        (document(""), "Comment body is not valid!"),
        (None, "Comment body can not be empty!"),
        ({"type": "doc", "version": 1, "content": []}, "Comment body can not be empty!"),
        (
            document("x" * 20_000, "x" * 12_768),
            "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
        ),
    ],
)
def test_a_comment_is_a_document(ask: Asking, body: Any, text: str) -> None:
    """Strings, empty, broken and too long documents are refused under `comment`, whichever way they come."""
    comment_id = ask("GET", "/issue/DEV-4/comment").body["comments"][0]["id"]
    new = {"project": {"key": "DEV"}, "issuetype": {"name": "Task"}, "summary": "x"}
    update = {"comment": [{"add": {"body": body}}]}
    for method, path, sent in (
        ("POST", "/issue/DEV-4/comment", {"body": body}),
        ("PUT", f"/issue/DEV-4/comment/{comment_id}", {"body": body}),
        ("PUT", "/issue/DEV-4", {"update": update}),
        ("POST", "/issue", {"fields": new, "update": update}),
    ):
        answer = ask(method, path, sent)
        assert (answer.status, answer.body) == (400, {"errorMessages": [], "errors": {"comment": text}})
    assert ask("GET", "/issue/DEV-4/comment").body["total"] == 1


def test_longest_comment_is_kept(ask: Asking) -> None:
    """A comment of exactly the limit is taken."""
    assert ask("POST", "/issue/DEV-4/comment", {"body": document("x" * 32_767)}).status == 201


def test_commenting_needs_its_permission(ask: Asking) -> None:
    """Who may not comment is told so with 400."""
    ask.site.deny(ask.account_id, "ADD_COMMENTS", "DEV")
    answer = ask("POST", "/issue/DEV-4/comment", {"body": document("x")})
    assert (answer.status, answer.body["errorMessages"]) == (
        400,
        ["You do not have the permission to comment on this issue."],
    )


def test_comments_come_in_pages(ask: Asking) -> None:
    """Pages are cut by `startAt` and `maxResults`, newest first with `-created`."""
    for number in range(4):
        ask("POST", "/issue/DEV-5/comment", {"body": document(str(number))})
    page = ask("GET", "/issue/DEV-5/comment", startAt="1", maxResults="2", orderBy="-created").body
    assert (page["startAt"], page["maxResults"], page["total"]) == (1, 2, 4)
    assert [comment["body"] for comment in page["comments"]] == [document("2"), document("1")]
    assert ask("GET", "/issue/DEV-5/comment", orderBy="author").status == 400


@pytest.mark.parametrize(
    ("order", "texts"),
    [("created", ["0", "1"]), ("+created", ["0", "1"]), (" created", ["0", "1"]), ("-created", ["1", "0"])],
)
def test_comments_are_ordered(ask: Asking, order: str, texts: list[str]) -> None:
    """Rising with or without a plus, which a query may turn into a blank, or falling."""
    for number in range(2):
        ask("POST", "/issue/DEV-5/comment", {"body": document(str(number))})
    page = ask("GET", "/issue/DEV-5/comment", orderBy=order).body
    assert [comment["body"] for comment in page["comments"]] == [document(text) for text in texts]


def test_bodies_are_rendered_when_asked(ask: Asking) -> None:
    """`expand=renderedBody` adds the text as HTML, wherever comments are shown."""
    sent = {"body": document("<b> & c", "d")}
    added = ask("POST", "/issue/DEV-5/comment", sent, expand="renderedBody").body
    expected = "<p>&lt;b&gt; &amp; c</p>\n\n<p>d</p>"
    path = f"/issue/DEV-5/comment/{added['id']}"
    assert added["renderedBody"] == expected
    assert ask("GET", path, expand="renderedBody").body["renderedBody"] == expected
    assert ask("GET", "/issue/DEV-5/comment", expand="renderedBody").body["comments"][0]["renderedBody"] == expected
    listed = ask("POST", "/comment/list", {"ids": [int(added["id"])]}, expand="renderedBody").body
    assert listed["values"][0]["renderedBody"] == expected
    assert "renderedBody" not in ask("GET", path).body


def test_properties_and_visibility_are_kept(ask: Asking) -> None:
    """A comment's visibility shows always, its properties only where that is documented: in lists by id."""
    visibility = {"type": "role", "value": "Developers", "identifier": "Developers"}
    sent = {"body": document("x"), "properties": [{"key": "k", "value": [1]}], "visibility": visibility}
    added = ask("POST", "/issue/DEV-5/comment", sent, expand="properties").body
    shown = ask("GET", f"/issue/DEV-5/comment/{added['id']}", expand="properties").body
    assert shown["visibility"] == visibility
    assert (
        "properties" not in added | shown | ask("GET", "/issue/DEV-5/comment", expand="properties").body["comments"][0]
    )
    listed = ask("POST", "/comment/list", {"ids": [int(added["id"])]}, expand="renderedBody,properties").body
    assert listed["values"][0]["properties"] == [{"key": "k", "value": [1]}]
    assert "properties" not in ask("POST", "/comment/list", {"ids": [int(added["id"])]}).body["values"][0]
    assert ask("POST", "/issue/DEV-5/comment", {"body": document("x"), "visibility": "all"}).status == 400


def test_changed_properties_are_read_back(ask: Asking) -> None:
    """An edit sets further properties and replaces those of the same key."""
    sent = {"body": document("x"), "properties": [{"key": "a", "value": 1}]}
    number = ask("POST", "/issue/DEV-5/comment", sent).body["id"]
    more = [{"key": "a", "value": 2}, {"key": "b", "value": None}]
    ask("PUT", f"/issue/DEV-5/comment/{number}", {"body": document("y"), "properties": more})
    (listed,) = ask("POST", "/comment/list", {"ids": [int(number)]}, expand="properties").body["values"]
    assert (listed["body"], listed["properties"]) == (document("y"), more)


def test_comments_are_listed_by_id(ask: Asking) -> None:
    """Comments of several issues come in order of their ids, once each, without what is gone or unseen."""
    ids = [int(ask("POST", f"/issue/{key}/comment", {"body": document(key)}).body["id"]) for key in ("DEV-5", "OPS-1")]
    gone = int(ask("POST", "/issue/DEV-5/comment", {"body": document("gone")}).body["id"])
    ask("DELETE", f"/issue/DEV-5/comment/{gone}")
    lost = int(ask("POST", "/issue/DEV-23/comment", {"body": document("lost")}).body["id"])
    ask("DELETE", "/issue/DEV-23")
    page = ask("POST", "/comment/list", {"ids": [*reversed(ids), ids[0], gone, lost, 1]}).body
    assert [int(comment["id"]) for comment in page["values"]] == ids
    assert (page["total"], page["isLast"]) == (2, True)
    ask.site.deny(ask.account_id, "BROWSE_PROJECTS", "OPS")
    assert ask("POST", "/comment/list", {"ids": ids}).body["total"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ids": []},
        {"ids": list(range(1_001))},
        {"ids": ["1"]},
        {"ids": [True]},
        {"ids": [1.5]},
        {"ids": [2**63]},
        {"ids": 1},
        {"ids": [1], "expand": "properties"},
        [1],
    ],
)
def test_lists_of_ids_are_read_strictly(ask: Asking, body: Any) -> None:
    """1 to 1000 whole numbers and nothing else."""
    assert ask("POST", "/comment/list", body).status == 400
    assert ask("POST", "/comment/list", {"ids": list(range(1_000))}).status == 200


def test_a_comment_is_changed_and_deleted(ask: Asking) -> None:
    """An edit names who made it; a deleted comment is gone."""
    path = f"/issue/DEV-4/comment/{ask('GET', '/issue/DEV-4/comment').body['comments'][0]['id']}"
    answer = ask("PUT", path, {"body": document("Better")})
    assert answer.body["author"]["displayName"] == "Priya Raman"
    assert answer.body["updateAuthor"]["displayName"] == "Mara Lindqvist"
    assert ask("DELETE", path).status == 204
    assert ask("GET", path).status == 404
