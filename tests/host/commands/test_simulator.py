from __future__ import annotations

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
