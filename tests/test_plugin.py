"""The entry point and its hooks, as a host sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pluggy
import pytest

from tests.memoryhost import MemoryServices, settings_for
from vantage_jira_plugin import contract

_HEAVY = ("requests", "authlib", "marshmallow", "markdown_it", "cryptography")


@pytest.fixture
def host() -> pluggy.PluginManager:
    """A plugin manager that knows the contract and has loaded the entry point."""
    manager = pluggy.PluginManager(contract.PROJECT_NAME)
    manager.add_hookspecs(contract)
    assert manager.load_setuptools_entrypoints(contract.ENTRY_POINT_GROUP, name="jira") == 1
    manager.check_pending()
    return manager


def test_loading_imports_nothing_heavy():
    """A fresh interpreter that loads the entry point imports neither requests nor authlib nor marshmallow."""
    code = (
        "import sys; from importlib.metadata import entry_points; "
        "(found,) = entry_points(group='vantage.plugins', name='jira'); found.load(); "
        f"print([name for name in {_HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_contract_loads_without_the_plugin():
    """A host that loads the contract loads neither the connector nor what it needs."""
    code = (
        "import sys; import vantage_jira_plugin.contract; "
        f"print([name for name in {(*_HEAVY, 'vantage_jira_plugin.connection')!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_marker_is_the_contracts():
    """The plugin's own marker marks for the same project as the contract's."""
    (entry,) = entry_points(group=contract.ENTRY_POINT_GROUP, name="jira")
    assert entry.load().hookimpl.project_name == contract.PROJECT_NAME


def test_every_specified_hook_is_implemented(host):
    """The plugin leaves no hook of the contract out and adds none of its own."""
    plugin = host.get_plugin("jira")
    specified = {name for name in dir(contract) if name.startswith("vantage_")}
    assert {name for name in dir(plugin) if name.startswith("vantage_")} - {"vantage_jira_plugin"} == specified
    assert len(specified) == 7


def test_manifest_is_json(host):
    """All plugins answer the manifest hook; ours is JSON data and names itself."""
    (manifest,) = host.hook.vantage_manifest()
    assert json.loads(json.dumps(manifest)) == manifest
    assert (manifest["name"], manifest["contractVersion"]) == ("jira", contract.CONTRACT_VERSION)


def test_other_connectors_are_left_to_others(host):
    """Configuring another connector, or using another plugin's connection, answers None."""
    services = MemoryServices("http://127.0.0.1:1", "http://127.0.0.1:1")
    assert host.hook.vantage_configure(connector="asana", settings={}, services=services) is None
    assert host.hook.vantage_authenticate(connection=object()) is None
    assert host.hook.vantage_disconnect(connection=object()) is None
    call = {"action": "getIssue", "inputs": {}, "config": {}, "context": {}}
    assert host.hook.vantage_execute_action(connection=object(), **call) is None


def test_configuring_sends_nothing(host):
    """Configuring needs no network: nobody listens where the endpoints point."""
    services = MemoryServices("http://127.0.0.1:1", "http://127.0.0.1:1")
    connection = host.hook.vantage_configure(connector="jira", settings=settings_for(None), services=services)
    assert "client" not in repr(connection).replace("Jira connection", "")
    assert services.credentials.records == {}


def test_bad_settings_name_every_field(host):
    """Settings are refused with every bad field at once."""
    services = MemoryServices("http://127.0.0.1:1", "http://127.0.0.1:1")
    with pytest.raises(contract.SettingsError) as refused:
        host.hook.vantage_configure(connector="jira", settings={"clientID": "x", "retryAfter": "1"}, services=services)
    assert set(refused.value.errors) == {
        "clientID", "clientId", "credentialId", "encryptedRecord", "retryAfter", "serviceId",
    }  # fmt: skip


def test_a_foreign_host_runs_the_main_job(host, sim, services):
    """A host written from the contract alone can connect, act and disconnect."""
    hook = host.hook
    connection = hook.vantage_configure(connector="jira", settings=settings_for(None, sim.client_id), services=services)
    started = hook.vantage_authorize(connection=connection, redirect_uri="http://127.0.0.1:8735/callback")
    callback = sim.consent(started["url"])
    connected = hook.vantage_authorized(connection=connection, callback_url=callback, state=started["state"])
    assert (connected["status"], connected["missingScopes"]) == ("connected", [])

    def run(action, **inputs):
        envelope = hook.vantage_execute_action(
            connection=connection, action=action, inputs=inputs, config={}, context={"runId": "1", "nodeId": action}
        )
        assert "error" not in envelope, envelope
        return envelope["output1"]["data"]

    (created,) = run("createIssue", projectKey="DEV", issueType="Bug", summary="It breaks", description="**so**")
    run("addComment", issueKey=created["key"], body="Seen again.")
    run("updateIssue", issueKey=created["key"], labels=["automation"], priority="High")
    (read,) = run("getIssue", issueKey=created["key"])
    assert (read["summary"], read["labels"], read["description"]) == ("It breaks", ["automation"], "**so**")
    found = run("searchIssues", jql=f"key = {created['key']}")
    assert found == [read]
    assert "DEV" in [project["key"] for project in run("getAccessibleProjects")]
    assert [site["name"] for site in run("listSites")] == [sim.site.name]
    assert hook.vantage_disconnect(connection=connection) is True
    after = hook.vantage_execute_action(connection=connection, action="listSites", inputs={}, config={}, context={})
    assert after["error"]["code"] == "reconnect"
