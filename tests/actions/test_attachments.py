"""addAttachment: what goes out, what comes back, what is found out before anything goes out."""

from __future__ import annotations

import base64

import pytest

from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.simulator.multipart import read_parts

_BYTES = bytes(range(256)) * 20
_FILE = {"issueKey": "DEV-1", "fileName": "a.bin"}


def _row(envelope):
    assert "error" not in envelope, envelope
    (row,) = envelope["output1"]["data"]
    return row


def _sent(sim):
    return [entry for entry in sim.requests_to("/rest/api/3/issue") if entry.method == "POST"]


def test_a_file_arrives_as_it_was_given(run, sim):
    """Name, type and content, in the form that Jira asks for, with the header without which it is blocked."""
    content = base64.encodebytes(_BYTES).decode()
    row = _row(run("addAttachment", issueKey="dev-1", fileName="ü b.png", contentBase64=content, mimeType="image/png"))
    (sent,) = _sent(sim)
    assert sent.headers["x-atlassian-token"] == "no-check"
    (part,) = read_parts(sent.headers["content-type"], sent.body)
    assert (part.name, part.file_name, part.media_type, part.content) == ("file", "ü b.png", "image/png", _BYTES)
    (file,) = sim.site.find_issue("DEV-1").attachments
    assert file.content == _BYTES
    account = sim.site.accounts[sim.site.default_account_id]
    assert row == {
        "id": str(file.id),
        "issueKey": "DEV-1",
        "url": f"{sim.site.url}/browse/DEV-1",
        "fileName": "ü b.png",
        "sizeBytes": len(_BYTES),
        "mimeType": "image/png",
        "author": account.display_name,
        "authorAccountId": account.account_id,
        "created": row["created"],
    }


def test_texts_are_written_in_utf_8(run, sim):
    """Line ends and blanks stay what they are."""
    text = "  grüße\r\n\t日本\n"
    row = _row(run("addAttachment", issueKey="DEV-1", fileName="log", text=text))
    assert (row["sizeBytes"], row["mimeType"]) == (len(text.encode()), "text/plain")
    assert sim.site.find_issue("DEV-1").attachments[0].content == text.encode()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image/png"),
        ("report.HTML", "text/html"),
        ("a.json", "application/json"),
        ("a.log.gz", "application/octet-stream"),
        ("Makefile", "application/octet-stream"),
    ],
)
def test_the_name_says_the_type_by_default(run, name, kind):
    """The same on every machine; what says nothing is bytes."""
    content = base64.b64encode(_BYTES).decode()
    assert _row(run("addAttachment", issueKey="DEV-1", fileName=name, contentBase64=content))["mimeType"] == kind


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({}, "text is missing; give it or contentBase64"),
        ({"text": "", "contentBase64": ""}, "text is missing; give it or contentBase64"),
        ({"text": "a", "contentBase64": "YQ=="}, "text must not be given together with contentBase64"),
    ],
    ids=["neither", "both empty", "both"],
)
def test_the_content_is_given_in_one_way(run, sim, inputs, text):
    """Anything else sends nothing."""
    error = run("addAttachment", **_FILE, **inputs)["error"]
    assert (error["code"], error["message"]) == ("input_invalid", f"addAttachment cannot run: {text}")
    assert sim.requests == []


@pytest.mark.parametrize("name", ["text", "contentBase64"])
def test_a_file_that_is_too_large_is_not_sent(run, sim, name):
    """The site is asked first; the error names the input, the size and the limit."""
    sim.site.upload_limit_bytes = 2
    error = run("addAttachment", **_FILE, **{name: "YWJj"})["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", [name])
    size = 4 if name == "text" else 3
    assert error["errors"][name] == [f"is a file of {size} bytes; this site takes 2 at most"]
    assert "limit" in error["hint"]
    assert _sent(sim) == []
    sim.site.upload_limit_bytes = size
    assert _row(run("addAttachment", **_FILE, **{name: "YWJj"}))["sizeBytes"] == size


def test_a_site_without_attachments_is_told(run, sim):
    """It is an administrator's move, and nothing is sent."""
    sim.site.attachments_enabled = False
    error = run("addAttachment", **_FILE, text="a")["error"]
    assert (error["code"], error["retryable"]) == ("forbidden", False)
    assert "switched off" in error["message"]
    assert _sent(sim) == []


def test_a_limit_that_is_lowered_meanwhile_is_jiras_refusal(run, sim):
    """A 413 is told as it comes, and so is a missing permission."""
    settings = {"enabled": True, "uploadLimit": "unknown"}
    sim.faults.add(Fault("answer", path="/attachment/meta$", status=200, body=settings, times=None))
    sim.site.upload_limit_bytes = 2
    error = run("addAttachment", **_FILE, text="abc")["error"]
    assert (error["code"], error["status"]) == ("jira_invalid", 413)
    sim.site.deny(sim.site.default_account_id, "CREATE_ATTACHMENTS", "DEV")
    assert run("addAttachment", **_FILE, text="a")["error"]["code"] == "forbidden"
    assert run("addAttachment", **{**_FILE, "issueKey": "DEV-9999"}, text="a")["error"]["code"] == "not_found"


def test_a_request_that_is_repeated_carries_the_whole_file(run, sim, slept):
    """After a wait, and after the token was renewed."""
    sim.faults.add(Fault("answer", path="/attachments$", status=429, headers={"Retry-After": "1"}))
    sim.faults.add(Fault("answer", path="/attachments$", status=401, body={"code": 401, "message": "Unauthorized"}))
    _row(run("addAttachment", **_FILE, contentBase64=base64.b64encode(_BYTES).decode()))
    parts = [read_parts(sent.headers["content-type"], sent.body) for sent in _sent(sim)]
    assert [part.content for (part,) in parts] == [_BYTES] * 3
    assert [file.content for file in sim.site.find_issue("DEV-1").attachments] == [_BYTES]


def test_without_a_key_a_lost_answer_stays_unknown(run, sim):
    """Nothing is sent twice."""
    sim.faults.add(Fault("lost_answer", method="POST", path="/attachments$"))
    error = run("addAttachment", **_FILE, text="a")["error"]
    assert (error["code"], error["retryable"]) == ("unknown_outcome", False)
    assert len(_sent(sim)) == 1


def test_a_dry_run_describes_the_file(run, sim):
    """Its content is in no plan, and the real run costs what it says."""
    metadata = run("addAttachment", **_FILE, text="secret", dryRun=True)["output1"]["metadata"]
    (planned,) = metadata["plan"]
    assert planned["body"] == {"fileName": "a.bin", "sizeBytes": 6, "mimeType": "application/octet-stream"}
    assert metadata["estimate"] == {"requests": 2, "points": 2}
    assert "secret" not in str(metadata)
    assert _sent(sim) == []
