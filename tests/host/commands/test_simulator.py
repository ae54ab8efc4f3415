from __future__ import annotations

import socket

import pytest


def test_the_simulators_own_options_reach_it(command, capsys):
    """`--help` is the simulator's own."""
    result = command("simulator", "--help")
    assert result.exit_code == 0
    assert "--access-token-seconds" in result.output + capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("--no-such-option",), ("--port", "x")])
def test_wrong_options_of_the_simulator_are_wrong_use(command, arguments):
    """The simulator refuses them with the usual exit status."""
    assert command("simulator", *arguments).exit_code == 2


def test_a_port_in_use_is_told_in_words(command):
    """Somebody else has the port: that is wrong use, and the hint says that free ones are found."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = command("simulator", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert result.stderr == (
        "vantage-jira: a port of the simulator is in use\n  hint: name other ports, or none: it finds free ones\n"
    )
