from __future__ import annotations

import io
import json
import signal
import subprocess
import sys

import pytest

from tests.simulator.tiny_jira import send
from vantage_jira_plugin.simulator.__main__ import build_parser, main

COMMAND = [sys.executable, "-m", "vantage_jira_plugin.simulator"]


def test_command_runs_until_told_to_stop():
    """One line of JSON when ready, then it serves; SIGTERM ends it with status 0."""
    with subprocess.Popen([*COMMAND, "--second-site"], stdout=subprocess.PIPE, text=True) as process:
        app = json.loads(process.stdout.readline())
        try:
            person = {"authUrl", "apiUrl", "clientId", "clientSecret"}
            assert app.keys() == person | {"serviceClientId", "serviceClientSecret"}
            assert send(f"{app['apiUrl']}/_simulator/app").json() == app
            grant = send(f"{app['apiUrl']}/_simulator/grant", "POST", body={}).json()
            headers = {"Authorization": f"Bearer {grant['access_token']}"}
            listed = send(f"{app['apiUrl']}/oauth/token/accessible-resources", headers=headers).json()
            assert len({entry["id"] for entry in listed}) == 2
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""


def test_command_can_bring_many_issues():
    """With --issues there are so many more in DEV, also after a reset."""
    command = [*COMMAND, "--issues", "50", "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        control = f"{json.loads(process.stdout.readline())['apiUrl']}/_simulator"
        first = send(f"{control}/issues?project=DEV").json()
        assert len(first) == 24 + 50
        send(f"{control}/reset", "POST")
        again = send(f"{control}/issues?project=DEV").json()
        assert [issue["summary"] for issue in again] == [issue["summary"] for issue in first]
        process.stdin.close()
        assert process.wait(10) == 0


def test_command_can_crowd_them(monkeypatch, capsys):
    """With --history skewed most of them are created in one week; another word is refused."""
    told = []

    def many_issues(*given, **more):
        told.append((given[1], more))

    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.setattr("vantage_jira_plugin.simulator.__main__.many_issues", many_issues)
    assert main(["--until-stdin-closes", "--issues", "7", "--history", "skewed"]) == 0
    assert main(["--until-stdin-closes"]) == 0
    assert told == [(7, {"history": "skewed"}), (0, {"history": "even"})]
    with pytest.raises(SystemExit):
        build_parser().parse_args(["--history", "odd"])
    assert "skewed" in capsys.readouterr().err


def test_command_ends_with_its_input(monkeypatch, capsys):
    """With --until-stdin-closes it lives as long as its input, and leaves the signal handlers as they were."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(sys, "stdin", io.StringIO("ignored\n"))
    assert main(["--until-stdin-closes", "--auto-consent", "--access-token-seconds", "5"]) == 0
    assert json.loads(capsys.readouterr().out)["apiUrl"].startswith("http://127.0.0.1:")
    assert signal.getsignal(signal.SIGTERM) is before


def test_wrong_use_is_told(capsys):
    """An unknown option ends with status 2."""
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["--colour"])
    assert caught.value.code == 2
    assert "--colour" in capsys.readouterr().err
