from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest
import sqlalchemy as sa

from tests.host.conftest import REPOSITORY
from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.errors import HostError, StoreError
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.postgresql import PostgresqlServer

#: Reads before and after a fork, in both processes, and tells by which server process each was served.
FORKING = """
import os, sys
import sqlalchemy as sa
from vantage_jira_plugin.host.postgresql import PostgresqlServer
engine = PostgresqlServer(sa.make_url(sys.argv[1])).engine
def served_by():
    with engine.begin() as connection:
        return connection.scalar(sa.select(sa.func.pg_backend_pid()))
before = served_by()
child = os.fork()
if not child:
    os._exit(0 if served_by() != before else 1)
assert os.waitpid(child, 0)[1] == 0
assert served_by() == before
engine.dispose()
"""


@pytest.fixture
def url(postgres):
    """An empty database."""
    return postgres.new_database()


@pytest.fixture
def server(url):
    """The open database."""
    opened = PostgresqlServer(sa.make_url(url))
    yield opened
    opened.engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_spelling_of_the_url_is_understood(url, tmp_path, scheme):
    """However a URL names PostgreSQL, psycopg 3 connects."""
    named = f"{scheme}:{url.partition(':')[2]}"
    database = Database.from_environment({"VANTAGE_DATABASE_URL": named}, Home(tmp_path))
    with database.begin() as connection:
        assert connection.dialect.driver == "psycopg"
        assert connection.scalar(sa.text("SELECT current_setting('transaction_isolation')")) == "read committed"
    database.close()


def test_what_the_url_says_about_the_connection_wins(url):
    """The host's own defaults fill in what the URL leaves open."""
    server = PostgresqlServer(sa.make_url(f"{url}&application_name=mine"))
    with server.engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT current_setting('application_name')")) == "mine"
        parameters = connection.connection.driver_connection.info.get_parameters()
    assert (parameters["connect_timeout"], parameters["keepalives_idle"]) == ("10", "10")
    server.engine.dispose()


def test_a_missing_driver_is_named(monkeypatch, url):
    """Without psycopg the error says what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(HostError, match="driver") as caught:
        PostgresqlServer(sa.make_url(url))
    assert "vantage-jira-plugin[postgres]" in caught.value.hint


def test_a_server_that_is_not_there_gives_a_store_error(tmp_path):
    """The server's absence is reported as OSError, and the password is not repeated."""
    url = sa.make_url(f"postgresql://u:CANARY@/d?host={tmp_path}")
    with pytest.raises(StoreError, match="cannot be used") as caught:
        PostgresqlServer(url)
    assert "CANARY" not in str(caught.value)


def test_a_commit_waits_for_the_disk_whatever_the_database_is_set_to(url):
    """A database with synchronous_commit off gets it on from this host; other levels stay."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        for level, used in (("off", "on"), ("remote_apply", "remote_apply")):
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = {level}")
            server = PostgresqlServer(sa.make_url(url))
            with server.engine.begin() as own:
                assert own.scalar(sa.text("SELECT current_setting('synchronous_commit')")) == used
            server.engine.dispose()


def test_an_account_without_the_right_to_create_can_use_what_is_there(url, server):
    """Only whoever makes the tables needs more than reading and writing rows."""
    assert server.locks is not None
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plain")
    other = PostgresqlServer(sa.make_url(url).set(username="plain"))
    with other.locks.hold("a", timeout_seconds=5) as confirm:
        confirm()
    other.engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY plain")
        connection.execute("DROP ROLE plain")


def test_a_connection_that_broke_while_it_was_kept_is_replaced(url, server):
    """A restart of the server costs no transaction that begins afterwards."""
    query = sa.select(sa.func.pg_backend_pid())
    with server.engine.begin() as connection:
        first = connection.scalar(query)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
    with server.engine.begin() as connection:
        assert connection.scalar(query) != first


def test_a_forked_process_connects_anew(url):
    """Parent and child never talk over one connection."""
    ended = subprocess.run(
        [sys.executable, "-c", FORKING, url],
        cwd=REPOSITORY,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
