from __future__ import annotations

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from tests.host.conftest import REPOSITORY
from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.errors import HostError, StoreError
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.schema import credentials, plugins

#: Starts a host that waits for its signal before it opens the database.
OPENING = """
import os, sys
from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.home import Home
print("ready", flush=True)
sys.stdin.readline()
Database.from_environment(os.environ, Home.from_environment(os.environ)).close()
"""


@pytest.fixture
def database(database_url, tmp_path):
    """An open database of either kind."""
    opened = Database.from_environment({"VANTAGE_DATABASE_URL": database_url}, Home(tmp_path))
    yield opened
    opened.close()


def test_hosts_that_start_at_once_make_the_tables_once(database_url, tmp_path):
    """Processes that open an empty database at the same moment all succeed."""
    environ = {**os.environ, "VANTAGE_HOME": str(tmp_path), "VANTAGE_DATABASE_URL": database_url}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen([sys.executable, "-c", OPENING], env=environ, cwd=REPOSITORY, **pipes) for _ in range(4)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 4
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in processes] == [("", 0)] * 4


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://u:CANARY@h/d", "CANARY nonsense", "postgresql://h:CANARY/d"],
)
def test_what_this_host_cannot_use_is_refused(tmp_path, url):
    """A URL of another kind of database is refused, and a password in it is not repeated."""
    with pytest.raises(HostError, match="VANTAGE_DATABASE_URL") as caught:
        Database.from_environment({"VANTAGE_DATABASE_URL": url}, Home(tmp_path))
    assert "CANARY" not in str(caught.value)


def test_a_failed_block_changes_nothing(database):
    """An error inside a transaction takes everything back."""
    row = {"connector": "", "service_id": "", "client_id": "", "settings": {}, "version": 0}
    row |= {"credential_id": "a", "created_at": 0.0, "updated_at": 0.0}

    def fail_after_writing():
        with database.begin() as connection:
            connection.execute(sa.insert(credentials).values(**row))
            raise KeyError

    with pytest.raises(KeyError):
        fail_after_writing()
    with database.begin() as connection:
        assert connection.execute(sa.select(credentials)).all() == []


def test_an_upsert_adds_a_row_or_changes_what_it_names(database):
    """What a new row needs besides is not touched in one that is there."""
    for settings in ({"a": 1}, {"a": 2}):
        database.upsert(plugins, {"name": "p"}, {"settings": settings}, {"enabled": settings == {"a": 1}})
        with database.begin() as connection:
            assert connection.execute(sa.select(plugins)).all() == [("p", True, settings)]


def test_a_database_that_fails_gives_a_store_error(database):
    """The database's own words come as OSError, without the row that they may quote."""
    with pytest.raises(StoreError, match="cannot be used") as caught, database.begin() as connection:
        connection.execute(sa.insert(plugins).values(name="CANARY", enabled=None, settings={}))
    assert "CANARY" not in str(caught.value)


def test_a_url_makes_no_folders_outside_the_home_folder(tmp_path):
    """A mistyped path is told instead of made."""
    (tmp_path / "home").mkdir()
    url = f"sqlite:///{tmp_path}/typo/rows.db"
    with pytest.raises(HostError, match="a folder that is not there") as caught:
        Database.from_environment({"VANTAGE_DATABASE_URL": url}, Home(tmp_path / "home"))
    assert caught.value.hint == f"mkdir -m 700 -p {tmp_path.resolve() / 'typo'}"
    assert not (tmp_path / "typo").exists()
