"""A host that somebody else could have written: the contract, pluggy and the standard library. A process, not a module.

It reads `{folder, authUrl, apiUrl, clientId, clientSecret, job}` as JSON on stdin and prints what the job answers.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import sys
import time
import urllib.request
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pluggy

from vantage_jira_plugin import contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Where nobody listens: the browser is not followed there.
REDIRECT_URI = "http://127.0.0.1:1/callback"
CREDENTIAL_ID = "somebody's login / 1"

Addresses = namedtuple("Addresses", ["auth_url", "api_url"])  # noqa: PYI024 - whatever has the two attributes


class Held:
    """A record in a file, while its lock is held."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.record = read_record(path)

    def save(self, record: Mapping[str, object]) -> None:
        """Write beside the file, then put it in its place."""
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(dict(record), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def delete(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


def read_record(path: Path) -> Mapping[str, object] | None:
    """Return what is stored, as something that cannot be written to."""
    return MappingProxyType(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


class Files:
    """One file per credential, and one to lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, credential_id: str) -> Path:
        return self._folder / f"{credential_id.encode().hex()}.json"

    def read(self, credential_id: str) -> Mapping[str, object] | None:
        """Return the record without a lock."""
        return read_record(self._path(credential_id))

    @contextmanager
    def exclusive(self, credential_id: str, *, timeout_seconds: float) -> Iterator[Held]:
        """Hold the record against every process."""
        path = self._path(credential_id)
        ends_at = time.monotonic() + timeout_seconds
        with path.with_suffix(".lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > ends_at:
                        raise TimeoutError(credential_id) from None
                    time.sleep(0.01)
            yield Held(path)


class Services:
    """What the contract asks of a host, and nothing more."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        self.endpoints = Addresses(asked["authUrl"], asked["apiUrl"])
        self.credentials = Files(Path(asked["folder"]))
        self._secret = asked["clientSecret"]

    def client_secret(self, service_id: str, client_id: str) -> str | None:
        """Return the secret of the only app."""
        return self._secret if service_id and client_id else None

    def open_record(self, sealed: str) -> Mapping[str, object]:
        """Open what `sealed` closed."""
        return json.loads(base64.b64decode(sealed.removeprefix("box:"), validate=True))

    def progress(self, done: int, total: int | None, message: str) -> None:
        """Say nothing."""


def sealed(record: Mapping[str, object]) -> str:
    """Close a record; base64 is no seal, and this is no host to use."""
    return "box:" + base64.b64encode(json.dumps(record).encode()).decode()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A browser that stops where it is sent."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def browse(url: str) -> str:
    """Open the consent page of a simulator that consents by itself; return where the browser is sent."""
    try:
        urllib.request.build_opener(NoRedirect).open(url, timeout=10)
    except urllib.error.HTTPError as sent:
        with sent:
            return sent.headers["Location"]
    raise RuntimeError("the page did not send the browser on")


class Host:
    """The plugin loaded by its entry point, and one connection."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        manager = pluggy.PluginManager(contract.PROJECT_NAME)
        manager.add_hookspecs(contract)
        manager.load_setuptools_entrypoints(contract.ENTRY_POINT_GROUP)
        manager.check_pending()
        self.hook = manager.hook
        settings = {
            "encryptedRecord": sealed(dict.fromkeys(("accessToken", "refreshToken", "cloudId", "tokenExpiry"))),
            "serviceId": "trackers",
            "clientId": asked["clientId"],
            "credentialId": CREDENTIAL_ID,
            "retryAfter": None,
        }
        self.connection = self.hook.vantage_configure(
            connector="jira", settings=MappingProxyType(settings), services=Services(asked)
        )

    def run(self, action: str, **inputs: Any) -> Any:
        """Run one action and return its rows, or its error."""
        envelope = self.hook.vantage_execute_action(
            connection=self.connection,
            action=action,
            inputs=MappingProxyType(inputs),
            config=MappingProxyType({"color": "blue"}),
            context=MappingProxyType({"companyId": "c1", "userId": "u1", "nodeType": "jira", "timeoutSeconds": 60}),
        )
        return envelope["error"] if "error" in envelope else envelope["output1"]["data"]


def connect(host: Host) -> Any:
    """Connect as a person would."""
    started = host.hook.vantage_authorize(connection=host.connection, redirect_uri=REDIRECT_URI)
    return host.hook.vantage_authorized(
        connection=host.connection, callback_url=browse(started["url"]), state=started["state"]
    )


def report(host: Host) -> Any:
    """File a bug, comment on it, change it, find it again."""
    (created,) = host.run("createIssue", projectKey="DEV", issueType="Bug", summary="It breaks", description="**so**")
    host.run("addComment", issueKey=created["key"], body="Seen again.")
    host.run("updateIssue", issueKey=created["key"], labels=["automation"])
    return host.run("searchIssues", jql=f"key = {created['key']}")


def once(host: Host) -> Any:
    """File a bug, comment on it, work on it and attach a file, under keys that other processes use as well."""
    (created,) = host.run("createIssue", projectKey="DEV", issueType="Bug", summary="Once", idempotencyKey="bug")
    (comment,) = host.run("addComment", issueKey=created["key"], body="Once.", idempotencyKey="comment")
    key = created["key"]
    (worklog,) = host.run("addWorklog", issueKey=key, timeSpent="1h", idempotencyKey="worklog")
    (file,) = host.run("addAttachment", issueKey=key, fileName="a.txt", text="Once.", idempotencyKey="file")
    return [created["id"], comment["id"], worklog["id"], file["id"]]


def read(host: Host) -> Any:
    """Read one issue."""
    return host.run("getIssue", issueKey="DEV-1")


def forget(host: Host) -> Any:
    """Disconnect, then try to read all the same."""
    host.hook.vantage_disconnect(connection=host.connection)
    return read(host)


JOBS = {"connect": connect, "report": report, "once": once, "read": read, "forget": forget}

if __name__ == "__main__":
    request = json.load(sys.stdin)
    json.dump(JOBS[request["job"]](Host(request)), sys.stdout)
