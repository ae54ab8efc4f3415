"""The plugin in a host that knows the contract and nothing else, in processes of its own."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).with_name("foreignhost.py")


@pytest.fixture
def foreign_host(sim, tmp_path):
    """Return a function that starts the foreign host for one job and returns what it prints."""
    sim.auto_consent = True
    asked = {**sim.app(), "folder": str(tmp_path)}

    def run(job):
        done = subprocess.run(
            [sys.executable, "-P", "-W", "error", _SCRIPT],
            input=json.dumps({**asked, "job": job}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    return run


def test_it_knows_nothing_but_the_contract():
    """The script imports the standard library, pluggy and the contract."""
    tree = ast.parse(_SCRIPT.read_text(encoding="utf-8"))
    imported = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    froms = {
        (node.module, alias.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    ours = {(module, name) for module, name in froms if module.startswith("vantage_jira_plugin")}
    assert ours == {("vantage_jira_plugin", "contract")}
    others = imported | {module.partition(".")[0] for module, _ in froms - ours}
    assert others - sys.stdlib_module_names == {"pluggy"}


def test_it_does_the_main_job(foreign_host, sim):
    """Each process goes on where the last one stopped, also when the token has expired in between."""
    connected = foreign_host("connect")
    assert (connected["status"], connected["siteName"]) == ("connected", sim.site.name)
    sim.clock.advance(2 * sim.access_token_seconds)
    (row,) = foreign_host("report")
    assert (row["summary"], row["labels"], row["description"]) == ("It breaks", ["automation"], "**so**")
    assert sim.authorization.refreshes == 1
    assert foreign_host("read")[0]["key"] == "DEV-1"
    assert foreign_host("forget")["code"] == "reconnect"
    assert foreign_host("read")["code"] == "reconnect"


def test_processes_share_one_login(foreign_host, sim):
    """Three processes that find the token expired at the same time renew it once, and all go on."""
    foreign_host("connect")
    sim.clock.advance(2 * sim.access_token_seconds)
    with ThreadPoolExecutor(3) as processes:
        answers = list(processes.map(foreign_host, ["read"] * 3))
    assert [[row["key"] for row in rows] for rows in answers] == [["DEV-1"]] * 3
    assert (sim.authorization.refreshes, sim.authorization.replays) == (1, 0)


def test_processes_write_once(foreign_host, sim):
    """Four processes that write under the same keys at the same time make one of each."""
    foreign_host("connect")
    before = len(sim.site.issues)
    with ThreadPoolExecutor(4) as processes:
        answers = list(processes.map(foreign_host, ["once"] * 4))
    assert len({tuple(answer) for answer in answers}) == 1
    assert len(sim.site.issues) == before + 1
    issue = sim.site.issues[int(answers[0][0])]
    assert [len(issue.comments), len(issue.worklogs), len(issue.attachments)] == [1, 1, 1]
