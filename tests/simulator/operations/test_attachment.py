from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking

_BYTES = bytes(range(256)) + b"\r\n--cu\r\n\r"


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_files_are_attached(ask: Asking) -> None:
    """Each comes back in a list, is one of the issue's, moves its `updated`, and is in the changelog."""
    ask.clock.at += 60
    answer = ask.attach("DEV-4", ("file", "grüße.txt", _BYTES), ("file", "b.txt", b""))
    assert answer.status == 200
    first, second = answer.body
    assert (first["filename"], first["size"], first["mimeType"]) == ("grüße.txt", len(_BYTES), "text/plain")
    assert (second["filename"], second["size"]) == ("b.txt", 0)
    issue = ask("GET", "/issue/DEV-4", expand="changelog").body
    assert issue["fields"]["attachment"] == [first, second]
    assert issue["fields"]["updated"] == first["created"]
    change = issue["changelog"]["histories"][0]["items"][0]
    assert (change["field"], change["to"], change["toString"]) == ("Attachment", second["id"], "b.txt")


def test_a_file_comes_back_as_it_was(ask: Asking) -> None:
    """Byte by byte, without a redirect where none is wanted; elsewhere Jira sends to another host."""
    (added,) = ask.attach("DEV-4", ("file", "a b.bin", _BYTES)).body
    path = f"/attachment/content/{added['id']}"
    answer = ask("GET", path, redirect="false")
    assert (answer.status, answer.body) == (200, _BYTES)
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20b.bin"
    redirect = ask("GET", path)
    assert (redirect.status, redirect.body) == (303, None)
    assert redirect.headers["Location"].startswith("https://api.media.atlassian.com/")
    shown = ask("GET", f"/attachment/{added['id']}").body
    assert shown == {**added, "id": int(added["id"])}


@pytest.mark.parametrize("token", ["", "nocheck", "NO-CHECK"])
def test_a_form_without_its_header_is_blocked(ask: Asking, token: str) -> None:
    """Anything but `no-check` is answered with 403 and a plain text."""
    answer = ask.attach("DEV-4", ("file", "a.txt", b"a"), token=token)
    assert (answer.status, answer.body) == (403, b"XSRF check failed")
    assert ask("GET", "/issue/DEV-4").body["fields"]["attachment"] == []


def test_a_form_holds_files(ask: Asking) -> None:
    """Parts of another name, without a file's name, or none at all are refused, and so is what is no form."""
    for files in ((("other", "a.txt", b"a"),), (("file", "", b"a"),), (("file", "a", b""), ("x", "a", b"")), ()):
        assert ask.attach("DEV-4", *files).status == 400
    headers = {"content-type": "multipart/form-data; boundary=cut", "x-atlassian-token": "no-check"}
    assert ask("POST", "/issue/DEV-4/attachments", raw=b"nothing", headers=headers).status == 400
    assert ask.attach("DEV-4", *[("file", f"{number}.txt", b"") for number in range(61)]).status == 413


def test_files_have_a_largest_size(ask: Asking) -> None:
    """The settings tell it; one byte more is answered with 413, and nothing of that form is attached."""
    ask.site.upload_limit_bytes = 10
    assert ask("GET", "/attachment/meta").body == {"enabled": True, "uploadLimit": 10}
    assert ask.attach("DEV-4", ("file", "a.txt", bytes(10))).status == 200
    assert ask.attach("DEV-4", ("file", "a.txt", b"a"), ("file", "b.txt", bytes(11))).status == 413
    assert len(ask("GET", "/issue/DEV-4").body["fields"]["attachment"]) == 1


def test_an_issue_is_full_at_last(ask: Asking) -> None:
    """Beyond 2,000 attachments the answer is 413."""
    issue = ask.site.find_issue("DEV-4")
    assert issue is not None
    file = ask.site.add_attachment(issue, ask.account_id, file_name="a", mime_type="text/plain", content=b"")
    issue.attachments.extend([file] * 1_998)
    assert ask.attach("DEV-4", ("file", "a.txt", b"a")).status == 200
    assert ask.attach("DEV-4", ("file", "a.txt", b"a")).status == 413


def test_attaching_needs_its_permission(ask: Asking) -> None:
    """Who may not attach is refused, and everybody is where attachments are switched off."""
    (added,) = ask.attach("DEV-4", ("file", "a.txt", b"a")).body
    ask.site.deny(ask.account_id, "CREATE_ATTACHMENTS", "DEV")
    assert ask.attach("DEV-4", ("file", "a.txt", b"a")).status == 403
    ask.site.allow(ask.account_id, "CREATE_ATTACHMENTS", "DEV")
    ask.site.attachments_enabled = False
    assert ask.attach("DEV-4", ("file", "a.txt", b"a")).status == 403
    assert ask("GET", f"/attachment/{added['id']}").status == 404
    assert ask("GET", "/attachment/meta").body["enabled"] is False


def test_what_is_gone_or_unseen_is_not_found(ask: Asking) -> None:
    """Files of deleted issues and of projects that the account may not browse, and ids that are none."""
    (lost,) = ask.attach("DEV-23", ("file", "a.txt", b"a")).body
    (unseen,) = ask.attach("OPS-1", ("file", "a.txt", b"a")).body
    ask("DELETE", "/issue/DEV-23")
    ask.site.deny(ask.account_id, "BROWSE_PROJECTS", "OPS")
    for number in (lost["id"], unseen["id"], "1", "x"):
        assert ask("GET", f"/attachment/{number}").status == 404
        assert ask("GET", f"/attachment/content/{number}", redirect="false").status == 404
