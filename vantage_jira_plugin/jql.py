"""JQL as text: values quoted, queries confined to projects, projects that are named plainly. Pure; no full parser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vantage_jira_plugin.errors import InputError, ProjectNotAllowedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = ["LeftOut", "confined", "created_order", "left_out", "narrowed", "quoted", "split"]

#: What matters outside values: quoted texts (with escapes) are one piece.
_PIECES = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<order>\border\s+by\b)|(?P<open>\()|(?P<close>\))|(?P<odd>["'\\])""",
    re.IGNORECASE | re.DOTALL,
)
#: An order whose first field is `created`. Source: as below, "Created": its alias is `createdDate`.
_CREATED_ORDER = re.compile(
    r"""order\s+by\s+(["']?)created(?:date)?\1(?:\s+(?P<direction>asc|desc))?\s*(?:,.*)?""", re.IGNORECASE | re.DOTALL
)
#: A text in quotes, a parenthesis, or a word or sign that makes a clause mean something else.
_TOKENS = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<paren>[()])|(?P<either>\bor\b|\|\|?)"""
    r"""|(?P<not>\bnot\b(?!\s+in\b)|!(?![=~]))|(?P<word>[^\s()"'=!~<>,&|]+)|(?P<sign>[=!~<>]+|,|&&?)""",
    re.IGNORECASE | re.DOTALL,
)
#: Keys as Jira writes them; a word in other letters may be the name of any project.
_PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]+")
_ISSUE_KEY = re.compile(r"([A-Z][A-Z0-9_]+)-[0-9]+")
#: Fields whose values name an issue. Source: as below, "Issue key".
_ISSUE_FIELDS = frozenset({"issuekey", "key", "issue", "id"})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Projects that a query names by key though it may not find their issues.

    Attributes:
        keys: of these projects, as the query names them.
        all: whether the query can find nothing else.
    """

    keys: tuple[str, ...] = ()
    all: bool = False


def quoted(value: str) -> str:
    """Return a value as a JQL string.

    Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/, "reserved characters".
    """
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def confined(jql: str, projects: Collection[str] | None) -> str:
    """Return a query that finds only issues of the given projects; None leaves it as it is.

    Raises:
        InputError: quotes or parentheses do not match, so that the query could break out.
        ProjectNotAllowedError: there is no project to confine it to.
    """
    if projects is None:
        return jql
    if not projects:
        raise ProjectNotAllowedError(
            "this connection may touch no project: allowedProjects is empty",
            hint="Ask an administrator to add projects to allowedProjects.",
        )
    clauses, order = split(jql)
    restriction = f"project in ({', '.join(quoted(project) for project in sorted(projects))})"
    whole = f"{restriction} AND ({clauses})" if clauses else restriction
    return f"{whole} {order}".strip()


def left_out(jql: str, projects: Collection[str]) -> LeftOut:
    """Return which projects a query names plainly (`project = X`, `key in (X-1, X-2)`) beside those it may find.

    It says nothing of what is not certain: of a query with NOT, of names and numbers of projects. A query for other
    projects alone is one that has such a clause beside others that all must hold; issues that were moved answer to keys
    of their old project, so that one for issues is never.
    """
    try:
        clauses, _ = split(jql)
    except InputError:
        return LeftOut()  # Jira shall say what is wrong with it
    tokens = list(_TOKENS.finditer(clauses))
    if any(token["not"] for token in tokens):
        return LeftOut()
    keys: dict[str, None] = {}
    depth, whole, either = 0, False, False
    for number, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token["paren"] or "", 0)
        either = either or (depth == 0 and token["either"] is not None)
        field = (token["word"] or "").casefold()
        if field != "project" and field not in _ISSUE_FIELDS:
            continue
        named = _named([one[0] for one in tokens[number + 1 :]], _PROJECT_KEY if field == "project" else _ISSUE_KEY)
        others = [key for key in named if key not in projects]
        keys |= dict.fromkeys(others)
        whole = whole or (depth == 0 and field == "project" and len(others) == len(named) > 0)
    return LeftOut(tuple(keys), whole and not either)


def _named(tokens: Sequence[str], shape: re.Pattern[str]) -> list[str]:
    """Return the projects whose keys a clause names, of the tokens behind its field; none where it is not plain."""
    sign = tokens[0].casefold() if tokens else ""
    if sign == "=":
        values = tokens[1:2]
    elif sign == "in" and tokens[1:2] == ["("] and ")" in tokens:
        inside = tokens[2 : tokens.index(")")]
        values = inside[::2]
        if set(inside[1::2]) - {","}:
            return []  # a function
    else:
        return []
    found = [shape.fullmatch(value.strip("\"'")) for value in values]
    if None in found or (sign == "=" and tokens[2:3] == ["("]):
        return []
    return [one[one.re.groups] for one in found if one is not None]


def narrowed(clauses: str, more: Iterable[str], order: str) -> str:
    """Return a query of clauses, as `split` gives them, and of further ones, in an order."""
    restrictions = list(more)
    if restrictions and clauses:
        clauses = f"({clauses})"
    return f"{' AND '.join(filter(None, [clauses, *restrictions]))} {order}".strip()


def created_order(order: str) -> Literal["asc", "desc", "unsaid"] | None:
    """Return in which direction an `ORDER BY` part sorts by `created` first; None where it sorts by something else.

    Which direction Jira takes where none is said is not documented for each field.
    Source: https://support.atlassian.com/jira-software-cloud/docs/jql-keywords/, "ORDER BY".
    """
    found = _CREATED_ORDER.fullmatch(order)
    if found is None:
        return None
    said = (found["direction"] or "").lower()
    return "asc" if said == "asc" else "desc" if said == "desc" else "unsaid"


def split(jql: str) -> tuple[str, str]:
    """Return the clauses and the `ORDER BY` part; parentheses of the clauses match.

    Raises:
        InputError: they do not, or quotes do not.
    """
    depth = 0
    end = len(jql)
    for piece in _PIECES.finditer(jql):
        if piece["odd"] or (piece["close"] and depth == 0):
            raise _unmatched()
        depth += bool(piece["open"]) - bool(piece["close"])
        if piece["order"] and depth == 0:
            end = min(end, piece.start())
    if depth:
        raise _unmatched()
    return jql[:end].strip(), jql[end:].strip()


def _unmatched() -> InputError:
    text = "must have matching quotes and parentheses, and no backslash outside quotes"
    return InputError(f"the query cannot be narrowed: jql {text}", errors={"jql": [text]})
