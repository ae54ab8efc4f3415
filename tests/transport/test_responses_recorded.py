from __future__ import annotations

import json
from pathlib import Path

import pytest
from requests.structures import CaseInsensitiveDict

from vantage_jira_plugin.errors import HttpError
from vantage_jira_plugin.operations import CREATE_ISSUE, GET_ISSUE, SEARCH_ISSUES
from vantage_jira_plugin.transport.responses import decipher

_RECORDED = Path(__file__).resolve().parents[3] / "shared" / "jira" / "recorded"


def _recorded():
    """Return every recorded answer as pytest parameters; none where the folder is absent."""
    if not _RECORDED.is_dir():
        skip = pytest.mark.skip(reason="recorded payloads are not beside the repository")
        return [pytest.param(None, marks=skip, id="absent")]
    lines = (_RECORDED / "errors" / "errors.jsonl").read_text(encoding="utf-8").split("\n")
    found = [(f"errors-{number}", json.loads(line)) for number, line in enumerate(lines, start=1) if line]
    found += [
        (path.stem, json.loads(path.read_text(encoding="utf-8")))
        for path in sorted((_RECORDED / "observed-2026-10-08").glob("*.json"))
    ]
    return [pytest.param(answer, id=name) for name, answer in found]


def _texts(body):
    """Return the texts of a refusal that people must get to see, with single spaces."""
    if not isinstance(body, dict):
        return []
    texts = body.get("errorMessages") or []
    fields = body.get("errors")
    texts = texts + (list(fields.values()) if isinstance(fields, dict) else [])
    return [" ".join(text.split()) for text in texts or [body[key] for key in ("detail", "message") if key in body]]


@pytest.mark.parametrize("answer", _recorded())
def test_recorded_answers_are_understood(answer):
    """Each real refusal has the right class, tells Jira's own texts and carries the trace id."""
    method = answer.get("method") or answer["request"]["method"]
    operation = GET_ISSUE if method == "GET" else CREATE_ISSUE
    body = answer["body"]
    raw = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    headers = CaseInsensitiveDict(answer.get("headers") or {})
    status = answer["status"]
    if status == 200:
        assert decipher(SEARCH_ISSUES, status, headers, raw, now=0) == body
        return
    with pytest.raises(HttpError) as caught:
        decipher(operation, status, headers, raw, now=0)
    error = caught.value
    scope = isinstance(body, dict) and "scope" in str(body.get("message"))
    expected = {400: "jira_invalid", 403: "forbidden", 404: "not_found", 410: "jira_invalid", 429: "rate_limited"}
    assert error.code == ("scope_missing" if scope else expected.get(status, "reconnect"))
    assert error.retryable is (status == 429)
    assert error.status == status
    assert error.message.startswith(f"could not {operation.does}: ")
    assert "<" not in error.message.replace("<32 hex>", "")
    assert error.trace_id == headers.get("atl-traceid", headers.get("x-arequestid"))
    if not scope:
        for text in _texts(body):
            assert text in error.message
