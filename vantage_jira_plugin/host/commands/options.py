"""What commands share: the host they work with, `--format`, and how failures leave. No command is here."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TextIO, TypeVar

import click

from vantage_jira_plugin.contract import PluginError
from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.failures import error_body, error_lines
from vantage_jira_plugin.host.sealing import SealedRecordError
from vantage_jira_plugin.host.tables import FORMATS, Format, write_json

__all__ = [
    "FailingGroup",
    "Setup",
    "credential_option",
    "fail",
    "format_option",
    "note",
    "pass_setup",
    "stdout",
]

#: Exit status of an action that failed.
FAILED = 1
#: Exit status of wrong use.
WRONG_USE = 2

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Setup:
    """What a command starts from; tests and the demo give their own.

    Attributes:
        plugins: plugins beside the installed ones, by name.
        open_browser: shows a person the consent page.
    """

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    plugins: Mapping[str, object] = field(default_factory=dict)
    open_browser: Callable[[str], object] = webbrowser.open

    @cached_property
    def host(self) -> Host:
        """Open the host on first use: not every command needs a database."""
        return Host.open(self.environ, plugins=self.plugins)

    def close(self) -> None:
        """Close the host where a command has opened it; the next one opens it anew."""
        host = self.__dict__.pop("host", None)
        if host is not None:
            host.close()


pass_setup = click.make_pass_decorator(Setup, ensure=True)


class FailingGroup(click.Group):
    """Turns expected errors into words and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a person can act on never ends in a traceback."""
        try:
            return super().invoke(ctx)
        except HostError as error:
            note(f"vantage-jira: {error.message}")
            if error.hint:
                note(f"  hint: {error.hint}")
            ctx.exit(WRONG_USE)
        except PluginError as error:
            fail(ctx, {"error": error_body(error, None)})
        except BrokenPipeError:
            raise  # click ends quietly when nobody reads
        except (OSError, SealedRecordError) as error:  # OSError: the store, a lock that took too long, a file
            note(f"vantage-jira: {error}")
            ctx.exit(FAILED)


def fail(ctx: click.Context, document: Mapping[str, Any]) -> None:
    """Report `document["error"]`: as JSON on stdout where JSON was asked for, else in words; then end."""
    if ctx.find_root().meta.get("format") == "json":
        write_json(document, stdout())
    else:
        for line in error_lines(document["error"]):
            note(line)
    ctx.exit(FAILED)


def note(text: str) -> None:
    """Tell people something, on stderr."""
    click.echo(text, err=True)


def stdout() -> TextIO:
    """Return where data goes."""
    return sys.stdout


def format_option(command: Command) -> Command:
    """Add `--format` to a command that prints data."""

    def remember(ctx: click.Context, _parameter: click.Parameter, value: Format) -> Format:
        ctx.find_root().meta["format"] = value
        return value

    option = click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        callback=remember,
        help="How data is written to stdout.",
    )
    return option(command)


def credential_option(command: Command) -> Command:
    """Add the required `--credential`."""
    option = click.option("--credential", "credential_id", metavar="ID", required=True, help="The stored credential.")
    return option(command)
