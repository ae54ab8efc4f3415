"""`vantage-jira demo`: the main job on the simulator, with what goes wrong in real life. Jira is not faked here."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .application import Host
from .commands.action import action_schemas
from .commands.options import FAILED, note
from .commands.output import print_output
from .commands.workflow import step_line
from .connect import connect
from .failures import error_lines
from .runner import run_workflow
from .simulatorprocess import OPENER, SimulatorProcess
from .tables import write_rows
from .workflow import load_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import Output

    from .workflow import Step

__all__ = ["evidence", "run_demo"]

#: Credential of the demonstration, in a home folder that is deleted afterwards.
CREDENTIAL_ID = "demo"
#: The site's project that gets the bug.
PROJECT_KEY = "DEV"
#: Step of the example that files the bug.
FILING_STEP = "bug"
#: The step after which the access token is made to expire.
EXPIRING_STEP = FILING_STEP
#: More than an access token lives: one hour, https://community.developer.atlassian.com/t/60806/2
CLOCK_JUMP_SECONDS = 4000
#: What Jira answers to a burst: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
BURST_HEADERS = {"Retry-After": "1", "RateLimit-Reason": "jira-burst-based"}
#: How long the demonstration's person and test run may take, in seconds.
CONSENT_TIMEOUT_SECONDS = 20.0
PYTEST_TIMEOUT_SECONDS = 60.0
#: Columns of the evidence.
EVIDENCE_COLUMNS = ("fact", "times", "verdict")


def run_demo() -> int:
    """Run the demonstration and return its exit status: 0 where everything happened as it should."""
    with (
        tempfile.TemporaryDirectory(prefix="vantage-demo-") as folder,
        as_file(files("vantage_jira_plugin.host") / "examples") as examples,
    ):
        report = _test_report(examples, Path(folder))
        note("2. the Jira simulator starts in a process of its own")
        with SimulatorProcess() as simulator:
            return _run(simulator, examples / "report-bug.yaml", report, Path(folder) / "home")


def evidence(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the simulator's request log proves, one row per fact; `happened` where it is as it should be."""
    refreshes = _seen(requests, "POST", "/oauth/token", 200, '"refresh_token"')
    limited = _seen(requests, "POST", "/comment", 429)
    early = [request for request in requests if request["closed_window"]]
    created = _seen(requests, "POST", "/rest/api/3/issue", 201)
    comments = _seen(requests, "POST", "/comment", 201)
    facts = (
        ("refreshes of the expired access token", len(refreshes), 1),
        ("answers 429 with Retry-After: 1", len(limited), 1),
        ("requests sent before Retry-After had passed", len(early), 0),
        ("bugs filed", len(created), 1),
        ("comments added", len(comments), 1),
    )
    return [_judged(*fact) for fact in facts]


def _judged(fact: str, times: int, expected: int) -> dict[str, Any]:
    happened = times == expected
    verdict = "as it should be" if happened else f"should be {expected}"
    return {"fact": fact, "times": times, "verdict": verdict, "happened": happened}


def _run(simulator: SimulatorProcess, file: Path, report: Path, home: Path) -> int:
    ready = simulator.ready
    host = Host.open(
        {
            "VANTAGE_HOME": str(home),
            "VANTAGE_JIRA_AUTH_URL": ready["authUrl"],
            "VANTAGE_JIRA_API_URL": ready["apiUrl"],
            "VANTAGE_JIRA_CLIENT_SECRET": ready["clientSecret"],
        }
    )
    note("3. OAuth: a person opens the consent page, accepts, and is sent back to 127.0.0.1")
    host.credentials.register(CREDENTIAL_ID, connector="jira", service_id="demo", client_id=ready["clientId"])
    answer = connect(
        host.link(CREDENTIAL_ID),
        port=0,
        timeout_seconds=CONSENT_TIMEOUT_SECONDS,
        announce=lambda url: note(f"   {url.partition('?')[0]}?..."),
        open_browser=_person,
    )
    note(f"   {answer['status']}: {answer['displayName']} on {answer['siteUrl']}")
    if answer["status"] != "connected":
        return FAILED

    note(f"4. {file.name} runs; on the way the access token expires and Jira answers 429 once")
    simulator.answer_once("POST", "/comment$", 429, BURST_HEADERS)

    def after(step: Step, output: Output) -> None:
        note(f"   {step_line(step, output)}")
        if step.id == EXPIRING_STEP:
            simulator.advance_clock(CLOCK_JUMP_SECONDS)
            note("   ... more than an hour goes by: the access token has expired")

    workflow = load_workflow(file, lambda connector: action_schemas(host, connector))
    result = run_workflow(
        workflow,
        host,
        inputs={"report": str(report), "project": PROJECT_KEY, "build": "demo"},
        run_id="demo",
        credential_id=CREDENTIAL_ID,
        on_step=after,
    )
    if result.failure is not None:
        note(f"   step {result.failure.step.id!r} failed")
        for line in error_lines(result.failure.error):
            note(f"   {line}")
        return FAILED
    print_output({"output1": result.outputs[workflow.output]}, "table")

    note("5. what the simulator's own log and the last table say about it")
    filed = {row["key"] for row in result.outputs[FILING_STEP]["data"]}
    found = [row for row in result.outputs[workflow.output]["data"] if row["key"] in filed]
    rows = [*evidence(simulator.requests()), _judged("bugs found again by the search", len(found), 1)]
    write_rows(rows, EVIDENCE_COLUMNS, "table", sys.stdout)
    return 0 if all(row["happened"] for row in rows) else FAILED


def _test_report(examples: Path, folder: Path) -> Path:
    """Run the example's failing tests where pytest is there; else return the report that comes along."""
    shipped = examples / "junit-report.xml"
    source = examples / "checkout"
    if importlib.util.find_spec("pytest") is None or not source.is_dir():
        note("1. pytest or its example is not here: the report of an earlier run is used")
        return shipped
    note("1. pytest runs examples/checkout, where one test fails")
    copied, report = folder / "checkout", folder / "junit-report.xml"
    shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__"))
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", "-c", "pytest.ini"]
    (copied / "pytest.ini").write_text("[pytest]\njunit_family = xunit1\n", encoding="ascii")
    ended = subprocess.run(  # noqa: S603 - fixed arguments
        [sys.executable, "-m", "pytest", *quiet, f"--junitxml={report}"],
        cwd=copied,
        capture_output=True,
        text=True,
        timeout=PYTEST_TIMEOUT_SECONDS,
        check=False,
    )
    note(f"   {ended.stdout.strip().rpartition(chr(10))[2]}")
    return report if report.exists() else shipped


def _person(authorize_url: str) -> None:
    """Do in the background what a person does in the browser: accept, and follow the way back."""
    from vantage_jira_plugin.simulator.browser import consent  # noqa: PLC0415 - only the demo needs it

    def act() -> None:
        location = consent(authorize_url, accept=True, cloud_ids=None)
        with OPENER.open(location, timeout=CONSENT_TIMEOUT_SECONDS) as page:
            page.read()

    threading.Thread(target=act, name="vantage-demo-person", daemon=True).start()


def _seen(
    requests: list[dict[str, Any]], method: str, path_end: str, status: int, body: str = ""
) -> list[Mapping[str, Any]]:
    pattern = re.compile(f"{re.escape(path_end)}/?$")
    return [
        request
        for request in requests
        if request["method"] == method
        and request["status"] == status
        and pattern.search(request["path"])
        and body in request["body"]
    ]
