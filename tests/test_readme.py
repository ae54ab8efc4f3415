"""What README and docs show is real: commands, links, targets, names, code."""

from __future__ import annotations

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from vantage_jira_plugin import errors
from vantage_jira_plugin.actions import ACTIONS
from vantage_jira_plugin.host.command import vantage_jira
from vantage_jira_plugin.host.commands.options import Setup
from vantage_jira_plugin.manifest import grant_scopes
from vantage_jira_plugin.schemas import json_schema
from vantage_jira_plugin.settings import SettingsSchema
from vantage_jira_plugin.simulator.__main__ import build_parser

_ROOT = Path(__file__).parents[1]
_PAGES = {
    path.relative_to(_ROOT).as_posix(): path
    for path in (
        _ROOT / "README.md",
        _ROOT / "CHANGELOG.md",
        _ROOT / "examples" / "README.md",
        *sorted((_ROOT / "docs").glob("*.md")),
    )
}
_COMMAND = "vantage-jira"
_MAKEFILE = (_ROOT / "Makefile").read_text(encoding="utf-8")
#: A word that stands for another: `ID`, `NAME=VALUE`, `FILE|-`, `X`.
_PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*(=[A-Z]+)?(\|-)?")


@cache
def _tokens(page):
    return MarkdownIt().enable("table").parse(_PAGES[page].read_text(encoding="utf-8"))


def _inline(page):
    """Return the tokens inside every paragraph, heading and cell."""
    return [child for token in _tokens(page) if token.type == "inline" for child in token.children]


def _code_spans(page):
    return [token.content for token in _inline(page) if token.type == "code_inline"]


def _fences(page, language):
    return [token.content for token in _tokens(page) if token.type == "fence" and token.info == language]


def _shell_lines(page):
    """Return the lines of shell that a reader may paste, without comments."""
    lines = [line for block in _fences(page, "sh") for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def _table(page, heading):
    """Return the rows of the table whose first column is headed so; a cell is its inline token."""
    rows, cells = [], []
    for token in _tokens(page):
        if token.type == "tr_open":
            cells = []
        elif token.type == "inline":
            cells.append(token)
        elif token.type == "tr_close" and (rows or cells[0].content == heading):
            rows.append(cells)
        elif token.type == "table_close" and rows:
            return rows[1:]
    raise AssertionError(f"{page} has no table of {heading}")


def _names(cell, *, bold=None):
    """Return the code spans of a cell: all, only those in bold, or only the others."""
    names, depth = [], 0
    for part in cell.children:
        depth += part.type == "strong_open"
        depth -= part.type == "strong_close"
        if part.type == "code_inline" and bold in {None, depth > 0}:
            names.append(part.content)
    return names


def _shown_commands():
    """Every command line that is shown with placeholders, as `(page, line)`."""
    for page in _PAGES:
        yield from ((page, span) for span in _code_spans(page) if span.startswith(f"{_COMMAND} "))
    # In the table of commands, what follows in the same cell belongs to the same group.
    for first, *others in (_names(row[0]) for row in _table("docs/host.md", "command")):
        group = " ".join(first.split()[:2])
        yield from (("docs/host.md", f"{group} {other}") for other in others)


def _pasted_commands():
    """Every command line that a reader may paste, as `(page, words after the command)`."""
    for page in _PAGES:
        yield from ((page, words[1:]) for words in _shell_lines(page) if words[0] == _COMMAND)
    for line in re.findall(rf"^\t\$\(BIN\)/{_COMMAND} ([^>\n]*)", _MAKEFILE, re.MULTILINE):
        yield "Makefile", shlex.split(line)


def _found(words):
    """Return the command that the first words name, and the rest."""
    command = vantage_jira
    while words and isinstance(command, click.Group):
        assert words[0] in command.commands, f"no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


def _options(command):
    if command is vantage_jira.commands["simulator"]:
        return {name for action in build_parser()._actions for name in action.option_strings}
    names = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return names | {"--help"}


@pytest.mark.parametrize(("page", "words"), list(_pasted_commands()))
def test_a_command_to_paste_is_accepted(monkeypatch, page, words):
    """The real command takes these words: no option unknown, none missing, every value of its type."""
    monkeypatch.chdir(_ROOT)
    command, rest = _found(words)
    command.make_context(words[0], list(rest))


@pytest.mark.parametrize(("page", "line"), sorted(set(_shown_commands())))
def test_a_command_that_is_shown_exists(page, line):
    """The command, each of its options, and a place for each other word exist."""
    words = [word for word in re.split(r"[\s\[\]]+", line.replace("\\|", "|")) if word not in {"", "..."}]
    command, rest = _found(words[1:])
    unknown = {word for word in rest if word.startswith("--")} - _options(command)
    assert unknown == set(), f"{page}: {line}"
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    positional = [word for word, before in zip(rest, ["", *rest], strict=False) if not before.startswith("--")]
    positional = [word for word in positional if not word.startswith("--")]
    assert len(positional) <= len(arguments), f"{page}: {line}"
    assert all(_PLACEHOLDER.fullmatch(word) for word in positional if page == "docs/host.md")


def test_every_command_is_shown():
    """The table of commands leaves none out."""
    shown = {line.split()[1] for page, line in _shown_commands() if page == "docs/host.md"}
    assert shown == set(vantage_jira.commands)
    plugins = {line.split()[2] for page, line in _shown_commands() if line.startswith(f"{_COMMAND} plugins ")}
    assert plugins == set(vantage_jira.commands["plugins"].commands)


@pytest.mark.parametrize("page", _PAGES)
def test_links_lead_somewhere(page):
    """What a page links to in the repository is there."""
    links = [str(token.attrs["href"]) for token in _inline(page) if token.type == "link_open"]
    missing = [
        link for link in links if "://" not in link and not (_PAGES[page].parent / link.partition("#")[0]).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", _PAGES)
def test_make_targets_exist(page):
    """Each `make target` is one of the Makefile's, and says in `make help` what it does."""
    lines = [*_shell_lines(page), *(span.split() for span in _code_spans(page))]
    named = {words[1] for words in lines if words[0] == "make" and len(words) > 1}
    described = set(re.findall(r"^([a-z]+):.*## ", _MAKEFILE, re.MULTILINE))
    assert named <= described


def test_settings_are_those_of_the_schema():
    """The README's table has every setting, in the schema's order."""
    shown = [name for row in _table("README.md", "setting") for name in _names(row[0])]
    assert shown == list(json_schema(SettingsSchema)["properties"])


def test_error_codes_are_those_of_the_tree():
    """The README's table has each code of errors.py, once."""
    shown = [code for row in _table("README.md", "code") for code in _names(row[0])]
    kinds = [getattr(errors, name) for name in errors.__all__]
    assert sorted(shown) == sorted({kind.code for kind in kinds if hasattr(kind, "code")})


def test_actions_and_their_inputs_are_those_of_the_catalogue():
    """The README's table has every action with every input, the required ones in bold."""
    shown = {}
    for name, _, inputs in _table("README.md", "action"):
        shown[name.content.strip("`")] = (_names(inputs, bold=True), _names(inputs, bold=False))
    real = {}
    for name, action in ACTIONS.items():
        schema = json_schema(action.inputs)
        required = schema.get("required", [])
        real[name] = (required, [each for each in schema["properties"] if each not in {*required, "dryRun"}])
    assert shown == real


def test_scopes_are_those_of_the_actions():
    """The README asks for the scopes that the actions need, and no more."""
    shown = {span for span in _code_spans("README.md") if re.fullmatch(r"(read|write|manage):[\w-]+", span)}
    assert shown == set(grant_scopes())


def test_environment_variables_are_those_of_the_host():
    """docs/host.md names every variable that the host reads, and no other."""
    source = "".join(path.read_text(encoding="utf-8") for path in (_ROOT / "vantage_jira_plugin").rglob("*.py"))
    name = re.compile(r"\bVANTAGE_[A-Z_]+\b")
    assert {found for row in _table("docs/host.md", "name") for found in _names(row[0])} == set(name.findall(source))
    assert {found for page in _PAGES.values() for found in name.findall(page.read_text(encoding="utf-8"))} <= set(
        name.findall(source)
    )


@pytest.mark.parametrize("page", [page for page in _PAGES if _fences(page, "yaml")])
def test_workflows_that_are_shown_pass_the_check(tmp_path, page):
    """A workflow in a page is accepted as it stands, with the installed plugin's actions."""
    for number, text in enumerate(_fences(page, "yaml")):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text, encoding="utf-8")
        setup = Setup(environ={"VANTAGE_HOME": str(tmp_path / "home")})
        result = CliRunner().invoke(vantage_jira, ["workflow", str(path), "--check"], obj=setup)
        assert result.exit_code == 0, result.output


def _matches(value, shown):
    """Tell whether a value is what is shown; `...` stands for anything."""
    if shown is Ellipsis or shown == [Ellipsis]:
        return True
    if isinstance(shown, dict):
        return (
            isinstance(value, dict)
            and value.keys() == shown.keys()
            and all(_matches(value[k], shown[k]) for k in shown)
        )
    return value == shown


@pytest.mark.parametrize("page", [page for page in _PAGES if _fences(page, "python")])
def test_python_that_is_shown_does_what_it_says(page):
    """Each line runs, and gives the value in its comment; words may follow the value after a colon."""
    names = {}
    for block in _fences(page, "python"):
        for line in block.splitlines():
            code, _, comment = line.partition("  # ")
            if not comment:
                exec(code, names)  # noqa: S102 - our own pages
                continue
            shown = ast.literal_eval(re.sub(r"^([\w.]+|\".*?\"): .*", r"\1", comment))
            assert _matches(eval(code, names), shown), line  # noqa: S307 - our own pages
