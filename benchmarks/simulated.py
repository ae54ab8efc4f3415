"""Starts the simulator in a process of its own, so that it does not share the measured interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Simulated:
    """Where the simulator is, its app, and a grant as if somebody had consented."""

    auth_url: str
    api_url: str
    client_id: str
    client_secret: str
    grant: dict[str, Any]

    def control(self, name: str, data: object = None, *, delete: bool = False) -> Any:
        """Turn one of the simulator's knobs, or read one where there is no data, or delete what it has noted."""
        return _control(f"{self.api_url}/_simulator/{name}", data, method="DELETE" if delete else None)


@contextmanager
def running_simulator(*options: str) -> Iterator[Simulated]:
    """Run the simulator for the length of a `with` block; limits that would disturb a measurement are off."""
    command = [sys.executable, "-m", "vantage_jira_plugin.simulator", "--until-stdin-closes", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the simulator has no pipes")
        ready = json.loads(process.stdout.readline())
        try:
            _control(f"{ready['apiUrl']}/_simulator/settings", {"limits_on": False})
            yield Simulated(
                ready["authUrl"],
                ready["apiUrl"],
                ready["clientId"],
                ready["clientSecret"],
                _control(f"{ready['apiUrl']}/_simulator/grant", {}),
            )
        finally:
            process.stdin.close()
            process.wait(timeout=10)


def _control(url: str, data: object, method: str | None = None) -> Any:
    body = None if data is None else json.dumps(data).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)
