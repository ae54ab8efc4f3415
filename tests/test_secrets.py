"""Tokens, codes and secrets are nowhere to be seen: every way out is searched for their very values."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from vantage_jira_plugin.errors import PluginError
from vantage_jira_plugin.operations import MYSELF
from vantage_jira_plugin.simulator import Fault

_HOUR = 3600
_CALLBACK = "http://127.0.0.1:8735/callback"
_CALLS = [
    ("getIssue", {"issueKey": "DEV-1"}),
    ("searchIssues", {"jql": "project = DEV", "maxRows": 3}),
    ("createIssue", {"projectKey": "DEV", "issueType": "Bug", "summary": "x"}),
    ("getAccessibleProjects", {}),
    ("listSites", {}),
    ("keepAlive", {"idleDays": 0}),
]
_FAULTS = [
    {"kind": "reset"},
    {"kind": "lost_answer"},
    {"kind": "truncate"},
    {"kind": "html"},
    {"kind": "answer", "status": 401, "body": {"code": 401, "message": "no"}},
    {"kind": "answer", "status": 429, "headers": {"Retry-After": "500"}},
    {"kind": "answer", "status": 503},
]


class _Secrets:
    """Every secret value that has been in play."""

    def __init__(self) -> None:
        self.values: set[str] = set()

    def note(self, *values: object) -> None:
        self.values |= {str(value) for value in values if value}

    def note_record(self, record) -> None:
        pending = record.get("pendingConsent") or {}
        self.note(record.get("accessToken"), record.get("refreshToken"), pending.get("codeVerifier"))

    def found_in(self, text: str | bytes) -> set[str]:
        data = text.encode(errors="replace") if isinstance(text, str) else text
        return {value for value in self.values if value.encode() in data}


def _chain(error: BaseException | None):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _shown(error: BaseException) -> str:
    """Return all that a log, a report or a debugger's summary would show of an exception and its causes."""
    parts = ["".join(traceback.format_exception(error))]
    for link in _chain(error):
        parts += [repr(link), str(link), repr(link.args), repr(vars(link))]
        request = getattr(link, "request", None)
        parts += [repr(vars(request))] if request is not None else []
    return "\n".join(parts)


def test_nothing_shows_in_process(connect, sim, services, caplog):
    """Logs at every level, reprs, exceptions with their causes, and envelopes of good and failing calls."""
    caplog.set_level(logging.NOTSET)
    secrets = _Secrets()
    secrets.note(sim.client_secret)
    connection = connect(grant={})
    started = connection.authorize(_CALLBACK)
    secrets.note_record(services.credentials.records["credential_123456"])
    callback = sim.consent(started["url"])
    secrets.note(*parse_qs(urlsplit(callback).query)["code"])
    shown = [json.dumps(connection.authorized(callback, started["state"]))]
    for kind in [None, *_FAULTS]:
        for path in ("/ex/jira/", "/oauth/token$", "/accessible-resources"):
            if kind is not None:
                sim.faults.add(Fault(path=path, times=None, **kind))
            sim.clock.advance(2 * _HOUR)
            for action, inputs in _CALLS:
                secrets.note_record(services.credentials.records["credential_123456"])
                shown.append(json.dumps(connection.execute(action, inputs, {}, {})))
            try:
                shown.append(json.dumps(connection.authenticate()))
            except PluginError as error:
                shown.append(_shown(error))
            sim.faults.clear()
            connection.execute("listSites", {}, {}, {})
            secrets.note_record(services.credentials.records["credential_123456"])
    parts = (connection, connection.settings, connection._login, connection._login._session, connection._login.record)
    shown += [repr(part) for part in parts]
    assert len(secrets.values) > 20
    assert caplog.records
    assert secrets.found_in("\n".join([*shown, caplog.text])) == set()


def test_errors_carry_no_request(connect, sim):
    """The error of a broken connection keeps its cause, but not the signed request."""
    connection = connect()
    connection.authenticate()
    token = connection._login.record.access_token
    client = connection._client()
    sim.faults.add(Fault("reset", path="/myself", times=None))
    with pytest.raises(PluginError) as broken:
        client.call(MYSELF)
    assert broken.value.__cause__ is not None
    assert token not in _shown(broken.value)


def test_nothing_shows_outside(sim, tmp_path):
    """Command lines, outputs, the database and every other file of the host hold no token and no secret."""
    secrets = _Secrets()
    secrets.note(sim.client_secret)
    grant = sim.grant()
    secrets.note(grant["access_token"], grant["refresh_token"])
    environ = {
        **os.environ,
        "VANTAGE_HOME": str(tmp_path),
        "VANTAGE_JIRA_AUTH_URL": sim.auth_url,
        "VANTAGE_JIRA_API_URL": sim.api_url,
        "VANTAGE_JIRA_CLIENT_SECRET": sim.client_secret,
    }
    record = {"accessToken": grant["access_token"], "refreshToken": grant["refresh_token"], "cloudId": None}
    one = ["--credential", "work"]
    calls = [
        (["credential", "import", *one, "--client-id", sim.client_id], json.dumps({**record, "tokenExpiry": None})),
        (["status", *one, "--format", "json"], None),
        (["credential", "show", *one, "--format", "json"], None),
        (["credential", "list"], None),
        (["run", "getIssue", *one, "--input", "issueKey=DEV-1"], None),
        (["run", "getIssue", *one, "--input", "issueKey=DEV-99999", "--format", "json"], None),
        (["run", "keepAlive", *one, "--input", "idleDays=0", "--format", "json"], None),
        (["disconnect", *one], None),
        (["status", *one], None),
    ]
    seen = []
    for arguments, stdin in calls:
        with subprocess.Popen(
            [sys.executable, "-m", "vantage_jira_plugin.host", *arguments],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            command_line = Path(f"/proc/{process.pid}/cmdline")
            seen.append(command_line.read_bytes() if command_line.exists() else b"")
            output, _ = process.communicate(stdin.encode() if stdin else b"", timeout=60)
            seen.append(output)
        seen += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for entry in sim.token_requests:
        secrets.note(json.loads(entry.body).get("refresh_token"))
    assert sim.token_requests
    assert b"DEV-1" in b"".join(seen)
    assert secrets.found_in(b"\n".join(seen)) == set()


def test_files_are_their_owners(sim, tmp_path):
    """The host's folder and files are closed to everybody else."""
    environ = {**os.environ, "VANTAGE_HOME": str(tmp_path / "home"), "VANTAGE_JIRA_CLIENT_SECRET": sim.client_secret}
    record = json.dumps({"accessToken": "a", "refreshToken": "b", "cloudId": None, "tokenExpiry": None})
    subprocess.run(
        [
            sys.executable,
            "-m",
            "vantage_jira_plugin.host",
            "credential",
            "import",
            "--credential",
            "w",
            "--client-id",
            "c",
        ],
        env=environ,
        input=record.encode(),
        check=True,
        capture_output=True,
        timeout=60,
    )
    paths = [tmp_path / "home", *(tmp_path / "home").rglob("*")]
    assert len(paths) > 2
    assert [str(path) for path in paths if path.stat().st_mode & 0o077] == []
