"""The Jira simulator as a process of its own, and its controls. What it simulates is its own business."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any, Self

from .errors import HostError

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["OPENER", "SimulatorProcess"]

#: Opens loopback addresses, whatever proxy the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
#: How long one control request may take, in seconds.
CONTROL_TIMEOUT_SECONDS = 5.0
#: How long the process may take to end, in seconds.
END_TIMEOUT_SECONDS = 5.0


class SimulatorProcess:
    """Runs `python -m vantage_jira_plugin.simulator` while the block runs.

    Attributes:
        ready: its first line: `{authUrl, apiUrl, clientId, clientSecret, serviceClientId, serviceClientSecret}`.
    """

    ready: dict[str, str]

    def __enter__(self) -> Self:
        # It also ends when its standard input closes, so that it cannot outlive a killed parent.
        command = [sys.executable, "-m", "vantage_jira_plugin.simulator", "--port", "0", "--until-stdin-closes"]
        self._process = subprocess.Popen(  # noqa: S603 - fixed arguments
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self._end()
            raise HostError("the simulator did not start; what it said is above")
        self.ready = json.loads(line)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def requests(self) -> list[dict[str, Any]]:
        """Return the log of what came in: `[{method, path, host, status, body, closed_window, ...}]`."""
        log: list[dict[str, Any]] = self._control("requests", None)
        return log

    def advance_clock(self, seconds: float) -> None:
        """Let simulated time jump, for instance past the end of an access token."""
        self._control("clock", {"advance_seconds": seconds})

    def answer_once(self, method: str, path: str, status: int, headers: dict[str, str]) -> None:
        """Answer the next request of that method and path (a regular expression) with a status."""
        fault = {"kind": "answer", "method": method, "path": path, "status": status, "headers": headers}
        self._control("faults", fault)

    def _control(self, name: str, data: object) -> Any:
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(  # noqa: S310 - the simulator's own loopback address
            f"{self.ready['apiUrl']}/_simulator/{name}", body, {"Content-Type": "application/json"}
        )
        with OPENER.open(request, timeout=CONTROL_TIMEOUT_SECONDS) as answer:
            return json.load(answer)

    def _end(self) -> None:
        process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.terminate()
        try:
            process.wait(END_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
