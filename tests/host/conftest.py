"""What tests of the host share: an environment, an open host, a command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.host.echo import EchoPlugin
from tests.postgres import NoPostgresError, running_postgres
from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.host.command import vantage_jira
from vantage_jira_plugin.host.commands.options import Setup

#: Where the repository starts; processes that tests start run here.
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def environ(tmp_path):
    """An environment of its own: nothing of the machine's."""
    return {"VANTAGE_HOME": str(tmp_path / "home")}


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server that lives for the session; each test makes itself a database."""
    try:
        with running_postgres() as server:
            yield server
    except NoPostgresError as error:
        pytest.skip(f"no PostgreSQL: {error}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database of either kind."""
    if request.param == "sqlite":
        (tmp_path / "database").mkdir()
        return f"sqlite:///{tmp_path}/database/rows.db"
    return request.getfixturevalue("postgres").new_schema()


@pytest.fixture
def echo():
    """The plugin doubles as a third party's."""
    return EchoPlugin()


@pytest.fixture
def host(environ, echo):
    """An open host with the echo plugin and one registered credential, `c1`."""
    opened = Host.open(environ, plugins={"echo": echo})
    opened.credentials.register("c1", connector="echo", service_id="s1", client_id="app1")
    yield opened
    opened.close()


@pytest.fixture
def command(host, bare_command):
    """Return a function that runs `vantage-jira` on the open host's home folder."""
    assert host.credentials.get("c1") is not None
    return bare_command


@pytest.fixture
def bare_command(environ, echo):
    """Return a function that runs `vantage-jira` as a person would, on a machine that has no home folder yet."""

    def run(*arguments, stdin=None, open_browser=lambda _url: None):
        setup = Setup(environ=environ, plugins={"echo": echo}, open_browser=open_browser)
        return CliRunner().invoke(vantage_jira, list(arguments), input=stdin, obj=setup)

    return run
