"""The reference host: it keeps the contract with plugins and knows nothing of their services.

Only the entry point of the command lives here; nothing that needs the `host` extra is imported.
"""

from __future__ import annotations

import io
import sys

__all__ = ["main"]

#: Exit status for wrong use, which a missing extra is.
WRONG_USE = 2


def main() -> None:
    """Run the command `vantage-jira`."""
    try:
        from .command import vantage_jira  # noqa: PLC0415 - the extra may be missing, and loading takes time
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vantage_jira_plugin"):
            raise
        sys.stderr.write(f"the command needs {error.name}, not installed: pip install 'vantage-jira-plugin[host]'\n")
        sys.exit(WRONG_USE)
    for stream in (sys.stdout, sys.stderr):
        # Data hold every character; a terminal or pipe that does not gets its escape, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    vantage_jira()
