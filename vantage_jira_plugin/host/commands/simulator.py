"""`simulator` and `demo`: a local Jira, alone or with the main job run on it. Neither is built here."""

from __future__ import annotations

import errno

import click

from vantage_jira_plugin.host.errors import HostError

__all__ = ["demo", "simulator"]


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def simulator(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Run the Jira simulator alone; --help shows its own options."""
    from vantage_jira_plugin.simulator.__main__ import main  # noqa: PLC0415 - only this command needs it

    try:
        status = main(list(arguments))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise HostError(
            "a port of the simulator is in use", hint="name other ports, or none: it finds free ones"
        ) from None
    ctx.exit(status)


@click.command()
@click.pass_context
def demo(ctx: click.Context) -> None:
    """File a bug from a failing test on the simulator: nothing else is needed."""
    from vantage_jira_plugin.host.demo import run_demo  # noqa: PLC0415 - only this command needs it

    ctx.exit(run_demo())
