from __future__ import annotations

import sys

import pytest

from tests.host.echo import EchoPlugin
from vantage_jira_plugin.contract import SettingsError, hookimpl
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.manager import load_plugins


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a distribution with entry points, as pip would leave it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(**plugins):
        information = tmp_path / "thirdparty-1.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: thirdparty\nVersion: 1.0\n", "ascii")
        lines = []
        for name, source in plugins.items():
            (tmp_path / f"thirdparty_{name}.py").write_text(source, encoding="utf-8")
            monkeypatch.delitem(sys.modules, f"thirdparty_{name}", raising=False)
            lines.append(f"{name} = thirdparty_{name}\n")
        (information / "entry_points.txt").write_text("[vantage.plugins]\n" + "".join(lines), "ascii")

    return run


GOOD = """
from vantage_jira_plugin.contract import hookimpl
@hookimpl
def vantage_manifest():
    return {"name": "good", "actions": []}
@hookimpl
def vantage_configure(connector, settings):
    return ("good", dict(settings)) if connector == "good" else None
"""
WRONG_HOOK = """
from vantage_jira_plugin.contract import hookimpl
@hookimpl
def vantage_configure(connector, colour):
    return None
"""


def test_installed_plugins_are_found_by_their_entry_point(install):
    """A module named by an entry point is a plugin, and takes only the arguments it wants."""
    install(good=GOOD)
    plugins = load_plugins()
    assert "good" in plugins.names
    assert plugins.configure("good", {"a": 1}, None) == ("good", {"a": 1})


def test_a_broken_plugin_does_not_take_the_others_down(install):
    """Each plugin that fails is named with its reason when it is asked for."""
    misspelt = GOOD + "\n@hookimpl\ndef vantage_configur():\n    return None\n"
    bad = {"exits": "raise SystemExit(7)", "asserts": "assert False", "misspelt": misspelt}
    install(good=GOOD, typo="from nowhere_at_all import x", wrong=WRONG_HOOK, crash="{}['x']", **bad)
    plugins = load_plugins()
    assert "good" in plugins.names
    assert {"typo", "wrong", "crash", *bad} <= set(plugins.failed)
    assert not {"typo", "wrong", "crash", *bad} & set(plugins.names)
    with pytest.raises(HostError, match="'typo' could not be loaded: ModuleNotFoundError: No module named 'nowhere"):
        plugins.require("typo")
    with pytest.raises(HostError, match="colour"):
        plugins.configure("wrong", {}, None)


def test_a_disabled_plugin_is_not_even_imported(install):
    """An administrator's switch keeps the plugin's code out."""
    install(good="raise AssertionError('imported')")
    plugins = load_plugins(disabled={"good"})
    assert "good" not in plugins.names
    with pytest.raises(HostError, match="disabled") as caught:
        plugins.configure("good", {}, None)
    assert caught.value.hint == "vantage-jira plugins enable good"


def test_an_unknown_plugin_is_told_from_a_disabled_one(host):
    """The error lists what is loaded."""
    with pytest.raises(HostError, match=r"no plugin 'nope'; loaded: .*echo"):
        host.plugins.require("nope")


def test_a_question_reaches_only_the_plugin_it_is_for():
    """Two plugins of one class never see each other's connections."""
    first, second = EchoPlugin("first"), EchoPlugin("second")
    plugins = load_plugins(builtin={"first": first, "second": second})
    for name in ("first", "second"):
        connection = plugins.configure(name, {}, None)
        plugins.execute(name, connection, action="say", inputs={"text": name}, context={})
    assert [call[1]["text"] for call in first.calls] == ["first"]
    assert [call[1]["text"] for call in second.calls] == ["second"]


def test_a_plugin_that_does_not_answer_to_its_name_is_reported():
    """Registered under another name, a plugin neither describes nor configures itself."""
    plugins = load_plugins(builtin={"other": EchoPlugin("echo")})
    with pytest.raises(HostError, match="does not describe itself"):
        plugins.manifest("other")
    with pytest.raises(HostError, match="did not answer vantage_configure"):
        plugins.configure("other", {}, None)


def test_an_unknown_hook_is_refused():
    """A hook that the contract does not have is a spelling mistake worth stopping for."""

    class Misspelt:
        @hookimpl
        def vantage_configur(self):
            return None

    with pytest.raises(HostError, match="vantage_configur"):
        load_plugins(builtin={"misspelt": Misspelt()})


def test_refused_settings_come_through(host):
    """The plugin's SettingsError is what the host sees."""
    with pytest.raises(SettingsError) as caught:
        host.plugins.configure("echo", {"voice": "none"}, host.services("c1"))
    assert caught.value.errors == {"voice": ["must not be none"]}
