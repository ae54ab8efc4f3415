"""The command `vantage-jira`, put together from its subcommands. None of them is written here."""

from __future__ import annotations

import click

from vantage_jira_plugin import __version__

from .commands.action import actions, manifest, run
from .commands.connection import connect, disconnect, status
from .commands.credential import credential
from .commands.keepalive import keep_alive
from .commands.options import FailingGroup, Setup
from .commands.plugin import plugins
from .commands.simulator import demo, simulator
from .commands.usage import usage
from .commands.workflow import workflow

__all__ = ["vantage_jira"]


@click.group(cls=FailingGroup)
@click.version_option(__version__, prog_name="vantage-jira")
@click.pass_context
def vantage_jira(ctx: click.Context) -> None:
    """Run Jira actions and workflows through the Vantage plugin.

    Data goes to stdout, everything else to stderr. Exit status: 0 done, 1 failed, 2 wrong use.
    """
    ctx.call_on_close(ctx.ensure_object(Setup).close)


for _command in (
    demo,
    connect,
    credential,
    status,
    disconnect,
    keep_alive,
    actions,
    run,
    workflow,
    usage,
    plugins,
    simulator,
    manifest,
):
    vantage_jira.add_command(_command)
