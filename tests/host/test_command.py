from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.host.conftest import REPOSITORY
from vantage_jira_plugin import __version__
from vantage_jira_plugin.host.command import vantage_jira


def run(code_or_module, *arguments, environ=None):
    """Run Python in a process of its own, from the repository."""
    return subprocess.run(
        [sys.executable, *code_or_module, *arguments],
        env={**os.environ, **(environ or {})},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_command_of_the_contract_is_there():
    """The contract's table and the host's own administration."""
    promised = {"demo", "connect", "credential", "status", "actions", "run", "workflow", "simulator", "manifest"}
    assert promised | {"plugins", "disconnect", "keepAlive", "usage"} == set(vantage_jira.commands)
    assert {"import", "list", "show", "remove"} <= set(vantage_jira.commands["credential"].commands)


def test_every_command_has_a_help_text(command):
    """Each command says what it does."""
    for name, one in vantage_jira.commands.items():
        assert one.help, name
        if name != "simulator":
            assert command(name, "--help").exit_code == 0


def test_it_runs_as_a_module(environ):
    """A process of its own keeps data on stdout and ends with the right status."""
    version = run(["-m", "vantage_jira_plugin.host"], "--version", environ=environ)
    assert (version.returncode, version.stdout.strip()) == (0, f"vantage-jira, version {__version__}")
    wrong = run(["-m", "vantage_jira_plugin.host"], "run", "x", "--credential", "no", environ=environ)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("vantage-jira: there is no credential 'no'; known: none")


@pytest.mark.parametrize("missing", ["click", "sqlalchemy", "yaml"])
def test_a_missing_extra_is_told_in_words(missing):
    """Without the host's libraries the command says what to install."""
    code = f"import sys; sys.modules[{missing!r}] = None; from vantage_jira_plugin.host import main; main()"
    result = run(["-c", code])
    assert (result.returncode, result.stdout) == (2, "")
    assert "pip install 'vantage-jira-plugin[host]'" in result.stderr


def test_the_host_imports_neither_connector_nor_simulator():
    """Loading the whole command brings in nothing of the package but the contract and the host."""
    code = (
        "import sys, vantage_jira_plugin.host.command, vantage_jira_plugin.host.demo\n"
        "print(*sorted(name.split('.')[1] for name in sys.modules if name.startswith('vantage_jira_plugin.')))"
    )
    assert set(run(["-c", code]).stdout.split()) == {"contract", "errors", "host"}
