"""What commands share: the host they work with, `--format`, and how failures leave. No command is here."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TextIO, TypeVar, get_args

import click

from vantage_jira_plugin.contract import ErrorBody, PluginError, SettingsError
from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.host.errors import ConsentTimeoutError, HostError, StoreError
from vantage_jira_plugin.host.failures import error_body, error_lines
from vantage_jira_plugin.host.runner import Priority
from vantage_jira_plugin.host.sealing import SealedRecordError
from vantage_jira_plugin.host.services import CLIENT_SECRET_VARIABLE
from vantage_jira_plugin.host.tables import FORMATS, Format, printable, write_json

__all__ = [
    "FailingGroup",
    "Setup",
    "credential_option",
    "fail",
    "format_option",
    "note",
    "own_error",
    "pass_setup",
    "priority_option",
    "stdout",
    "timeout_option",
    "with_own_hint",
]

#: Exit status of an action that failed.
FAILED = 1
#: Exit status of wrong use.
WRONG_USE = 2
#: Notes in a command's context that something was written to stdout.
WRITTEN = "written"
#: Where this host has the client secret from.
SECRET_HINT = f"This host takes the secret, one for all credentials, from {CLIENT_SECRET_VARIABLE}."
#: What this host's own command is for what a plugin asks of an administrator, by the code of its failure.
COMMAND_HINTS = {
    "reconnect": "Here that is: vantage-jira connect --credential ID",
    "choose_site": "Here that is: vantage-jira status --credential ID --site URL",
}

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
        host = Host.open(self.environ, plugins=self.plugins)
        if host.home.warning:
            note(f"warning: {host.home.warning}")
        return host

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
            _end(ctx, own_error(error), WRONG_USE)
        except PluginError as error:
            fail(ctx, {"error": error_body(error, None)})
        except BrokenPipeError:
            raise  # click ends quietly when nobody reads
        except (OSError, SealedRecordError) as error:  # OSError: the store, a lock that took too long, a file
            _end(ctx, own_error(error), FAILED)


def own_error(error: HostError | OSError | SealedRecordError) -> ErrorBody:
    """Return the contract's error body for a failure of the host itself."""
    known = error if isinstance(error, HostError) else HostError(str(error))
    return {
        "code": _own_code(error),
        "message": known.message,
        "action": None,
        "status": None,
        "retryable": isinstance(error, TimeoutError),
        "retryAfter": None,
        "errors": known.errors,
        "hint": known.hint,
        "traceId": None,
    }


def _own_code(error: Exception) -> str:
    if isinstance(error, HostError):
        return "wrong_use"
    if isinstance(error, ConsentTimeoutError):
        return "consent_timeout"
    if isinstance(error, StoreError | SealedRecordError | TimeoutError):  # TimeoutError: a lock that took too long
        return "credential_store"
    return "host_failed"


def _end(ctx: click.Context, error: ErrorBody, exit_status: int) -> None:
    """Report a failure of the host itself, as JSON unless the command has written its own document; then end."""
    if _wants_json(ctx) and WRITTEN not in ctx.find_root().meta:
        write_json({"error": error}, stdout())
        ctx.exit(exit_status)
    note(printable(f"vantage-jira: {error['message']}"))
    for name, texts in error["errors"].items():
        for text in texts:
            note(printable(f"  {name}: {text}"))
    if error["hint"]:
        note(printable(f"  hint: {error['hint']}"))
    ctx.exit(exit_status)


def _wants_json(ctx: click.Context) -> bool:
    return ctx.find_root().meta.get("format") == "json"


def with_own_hint(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error body whose hint also says how it is done here: which command, or where the secret is from."""
    hint = error.get("hint") or ""
    own = COMMAND_HINTS.get(error["code"], "")
    if error["code"] == SettingsError.code and "client secret" in f"{error['message']} {hint}".casefold():
        own = SECRET_HINT
    return {**error, "hint": f"{hint} {own}".strip() or None}


def fail(ctx: click.Context, document: Mapping[str, Any], *, again: str | None = None) -> None:
    """Report `document["error"]`: as JSON on stdout where JSON was asked for, else in words; then end.

    `again` says how the command is run again; it goes to stderr either way.
    """
    error: Any = with_own_hint(document["error"])
    if _wants_json(ctx):
        write_json({**document, "error": error}, stdout())
        if again:
            note(again)
    else:
        for line in error_lines(error, again):
            note(line)
    ctx.exit(FAILED)


def note(text: str) -> None:
    """Tell people something, on stderr."""
    click.echo(text, err=True)


def stdout() -> TextIO:
    """Return where data goes, for whoever is about to write some."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None:
        ctx.find_root().meta[WRITTEN] = True
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


def timeout_option(text: str) -> Callable[[Command], Command]:
    """Add `--timeout` to a command that runs actions; `text` says what it is the time of."""
    return click.option(
        "--timeout",
        "timeout_seconds",
        type=click.FloatRange(min=0, min_open=True),
        help=f"{text}; the jira plugin takes 300 where none are given.",
    )


def priority_option(default: Priority) -> Callable[[Command], Command]:
    """Add `--priority` to a command that runs actions."""
    return click.option(
        "--priority",
        type=click.Choice(get_args(Priority)),
        default=default,
        show_default=True,
        help="Whether a person waits; background work leaves them a part of every budget.",
    )
