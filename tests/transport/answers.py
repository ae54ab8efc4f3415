"""Operations of every kind, and answers to them. No expectations."""

from __future__ import annotations

import json

import pytest
from requests.structures import CaseInsensitiveDict

from vantage_jira_plugin.errors import PluginError
from vantage_jira_plugin.operations import Operation
from vantage_jira_plugin.transport.responses import decipher

NOW = 1_790_000_000.0
JSON_HEADERS = {"Content-Type": "application/json;charset=UTF-8"}

READ = Operation(
    "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue", frozenset({"read:jira-work"}), frozenset()
)
LIST = Operation("GET", "/rest/api/3/field", "read the list", frozenset({"read:jira-work"}), frozenset(), answer=list)
WRITE = Operation(
    "POST", "/rest/api/3/issue", "create the issue", frozenset({"write:jira-work"}), frozenset(), writes=True
)
KEYED = Operation(
    "POST",
    "/rest/api/3/search/jql",
    "search issues",
    frozenset(),
    frozenset(),
    answer_keys=(("issues", list), ("isLast", bool)),
)
UPLOAD = Operation(
    "POST",
    "/rest/api/3/issue/{issueIdOrKey}/attachments",
    "add the attachment",
    frozenset(),
    frozenset(),
    writes=True,
    answer=list,
    answer_keys=(("id", str),),
    single=True,
)
DOWNLOAD = Operation(
    "GET", "/rest/api/3/attachment/content/{id}", "download it", frozenset(), frozenset(), answer=bytes
)
QUIET_WRITE = Operation(
    "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", frozenset(), frozenset(), writes=True, answer=None
)


def deciphered(operation, status, body=b"", headers=None):
    """Return what an answer says; a body that is not bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decipher(operation, status, CaseInsensitiveDict(JSON_HEADERS if headers is None else headers), raw, now=NOW)


def failure(operation, status, body=b"", headers=None):
    """Return the error that an answer becomes."""
    with pytest.raises(PluginError) as caught:
        deciphered(operation, status, body, headers)
    return caught.value
