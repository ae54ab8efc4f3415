"""What is built and installed is what the repository promises."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from email.parser import Parser
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import pytest
from filelock import FileLock
from packaging.requirements import Requirement
from packaging.version import Version

from vantage_jira_plugin import __version__
from vantage_jira_plugin.manifest import manifest

_ROOT = Path(__file__).parents[1]
_PACKAGE = _ROOT / "vantage_jira_plugin"
#: What pyproject.toml asks for (build-system).
_SETUPTOOLS = Version("77")
#: What a clone has and a build does not need; what begins with a dot is left out, too.
_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
_DEPENDENCIES = {"pluggy", "requests", "authlib", "marshmallow", "markdown-it-py", "tzdata"}
#: Modules by the distribution that has them, where the names differ.
_DISTRIBUTIONS = {"markdown_it": "markdown-it-py", "opentelemetry": "opentelemetry-api", "yaml": "pyyaml"}
#: SQLAlchemy imports the driver that a database's address names.
_OF_SQLALCHEMY = {"psycopg"}
#: zoneinfo looks there for the time zones that the system lacks.
_OF_ZONEINFO = {"tzdata"}
#: requests cannot be without it, and what it raises is told apart by its classes.
_OF_REQUESTS = {"urllib3"}
#: What people may ask for beside the plugin; `dev` and `bench` are for work on it.
_EXTRAS = {"arrow", "bench", "charts", "dev", "fast", "host", "otel", "postgres"}
#: What is there without being required.
_STANDARD = sys.stdlib_module_names | {"vantage_jira_plugin"}


@pytest.fixture(scope="session")
def built(tmp_path_factory, worker_id):
    """Folder with the sdist and the wheel made of it, built once for all workers, from a copy, without network."""
    if Version(version("setuptools")) < _SETUPTOOLS:
        pytest.skip(f"building without isolation needs setuptools {_SETUPTOOLS} or newer in this environment")
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "built"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.is_dir():
            source = folder.with_name("source")
            shutil.copytree(_ROOT, source, symlinks=True, ignore=_NOT_COPIED)
            _python("-m", "build", "--no-isolation", "--outdir", str(folder.with_name("building")), str(source))
            folder.with_name("building").rename(folder)
    return folder


@pytest.fixture(scope="session")
def wheel(built):
    """The wheel."""
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def metadata(wheel):
    """The wheel's metadata, as its headers."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def _python(*arguments, **more):
    """Run Python and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, check=False, **more
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _files(*folders):
    """Return the files of the repository that a package has to have, by their path below it."""
    found = set()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".pyc" and "__pycache__" not in path.parts:
                found.add(path.relative_to(folder).as_posix())
    return found


def _expected():
    """Return every file of the package as it is installed: links are files there."""
    package = {f"vantage_jira_plugin/{name}" for name in _files(_PACKAGE)}
    examples = {f"vantage_jira_plugin/host/examples/{name}" for name in _files(_ROOT / "examples")}
    return package | examples | {"vantage_jira_plugin/plugin.yaml"}


def test_the_wheel_has_the_whole_package_and_nothing_else(wheel):
    """Modules, marker, manifest, grammar and examples are there; tests and caches are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    package = {name for name in names if not PurePosixPath(name).parts[0].endswith(".dist-info")}
    assert package == _expected()
    assert {
        "vantage_jira_plugin/py.typed",
        "vantage_jira_plugin/simulator/jql/grammar.lark",
        "vantage_jira_plugin/host/examples/checkout/test_checkout.py",
    } <= package
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_linked_files_are_real_in_the_wheel(wheel):
    """plugin.yaml and the examples are the files themselves, not the paths they are linked to."""
    with zipfile.ZipFile(wheel) as archive:
        for name, original in (
            ("plugin.yaml", "plugin.yaml"),
            ("host/examples/report-bug.yaml", "examples/report-bug.yaml"),
        ):
            assert archive.read(f"vantage_jira_plugin/{name}") == (_ROOT / original).read_bytes()


def test_the_sdist_builds_elsewhere(built):
    """It has what a build needs, only plain files, and no test."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
    assert {member.type for member in members} <= {tarfile.REGTYPE, tarfile.DIRTYPE}
    names = {member.name.partition("/")[2] for member in members if member.isfile()}
    assert _expected() <= names
    assert {"LICENSE", "README.md", "CHANGELOG.md", "setup.cfg", "pyproject.toml", "PKG-INFO"} <= names
    assert not [name for name in names if name.startswith("tests") or name.endswith(".pyc")]


def test_the_metadata_is_as_promised(metadata):
    """Name, version, Python, licence, and the README as the description."""
    assert metadata["Name"] == "vantage-jira-plugin"
    assert metadata["Version"] == __version__ == manifest()["version"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Apache-2.0" in (metadata["License-Expression"], metadata["License"])
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().strip() == (_ROOT / "README.md").read_text(encoding="utf-8").strip()


def test_the_dependencies_are_these_few(metadata):
    """Installing the plugin installs no more; the host and the tools are extras."""
    requirements = [Requirement(text) for text in metadata.get_all("Requires-Dist")]
    assert {requirement.name for requirement in requirements if requirement.marker is None} == _DEPENDENCIES
    assert set(metadata.get_all("Provides-Extra")) == _EXTRAS


def test_entry_points_are_as_promised(wheel):
    """The plugin's and the command's, no others."""
    parser = ConfigParser()
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        parser.read_string(archive.read(name).decode())
    assert {section: dict(parser[section]) for section in parser.sections()} == {
        "vantage.plugins": {"jira": "vantage_jira_plugin.plugin"},
        "console_scripts": {"vantage-jira": "vantage_jira_plugin.host:main"},
    }


def test_the_installed_wheel_works(wheel, tmp_path):
    """A fresh interpreter loads plugin, manifest, grammar, examples and command from the installed wheel."""
    target = tmp_path / "site"
    _python("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel))
    code = (
        "import json, yaml\n"
        "from importlib.metadata import entry_points, version\n"
        "from importlib.resources import files\n"
        "(entry,) = entry_points(group='vantage.plugins', name='jira')\n"
        "plugin = entry.load()\n"
        "import vantage_jira_plugin.simulator.jql.parser as parser\n"
        "package = files('vantage_jira_plugin')\n"
        "print(json.dumps({\n"
        "    'from': [plugin.__file__, parser.__file__],\n"
        "    'version': version('vantage-jira-plugin'),\n"
        "    'same': yaml.safe_load((package / 'plugin.yaml').read_text()) == plugin.vantage_manifest(),\n"
        "    'examples': (package / 'host' / 'examples' / 'checkout' / 'cart.py').is_file(),\n"
        "}))\n"
    )
    fresh = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(target)}}
    found = json.loads(_python("-c", code, **fresh))
    assert {Path(name).is_relative_to(target) for name in found.pop("from")} == {True}
    assert found == {"version": __version__, "same": True, "examples": True}
    assert _python("-m", "vantage_jira_plugin.host", "--version", **fresh).split()[-1] == __version__
    assert "vantage-jira" in {path.name for path in (target / "bin").iterdir()}


# ---- what needs no build ----------------------------------------------------------------------


def _requirements(*extras):
    """Return the names that setup.cfg requires, with those of some extras."""
    parser = ConfigParser()
    parser.read(_ROOT / "setup.cfg", encoding="utf-8")
    texts = [parser["options"]["install_requires"], *(parser["options.extras_require"][extra] for extra in extras)]
    return {Requirement(line).name for text in texts for line in text.splitlines() if line}


def _imported(path):
    """Return the top modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("part", ["plugin", "host"])
def test_what_is_imported_is_required(part):
    """The plugin imports what its installation and its own extras have; host and simulator what theirs add, too."""
    extra = {_PACKAGE / "host", _PACKAGE / "simulator"}
    paths = [path for path in _PACKAGE.rglob("*.py") if (part == "host") is bool(extra & set(path.parents))]
    modules = {module for path in paths if "examples" not in path.parts for module in _imported(path)} - _STANDARD
    names = {_DISTRIBUTIONS.get(module, module) for module in modules}
    required = _requirements("host", "postgres") if part == "host" else _requirements("arrow", "fast", "otel")
    assert names - required <= (set() if part == "host" else _OF_REQUESTS)
    used_elsewhere = _DEPENDENCIES | _OF_SQLALCHEMY if part == "host" else _OF_ZONEINFO
    assert required - used_elsewhere <= names, "required, and imported nowhere"
