"""JQL as text: values quoted, queries confined to projects. Pure; it does not parse clauses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from vantage_jira_plugin.errors import InputError, ProjectNotAllowedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["confined", "created_order", "narrowed", "quoted", "split"]

#: What matters outside values: quoted texts (with escapes) are one piece.
_PIECES = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<order>\border\s+by\b)|(?P<open>\()|(?P<close>\))|(?P<odd>["'\\])""",
    re.IGNORECASE | re.DOTALL,
)
#: An order whose first field is `created`. Source: as below, "Created": its alias is `createdDate`.
_CREATED_ORDER = re.compile(
    r"""order\s+by\s+(["']?)created(?:date)?\1(?:\s+(?P<direction>asc|desc))?\s*(?:,.*)?""", re.IGNORECASE | re.DOTALL
)


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
