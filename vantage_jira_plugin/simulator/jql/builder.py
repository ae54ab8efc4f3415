"""Builds the tree of a query bottom up. Which words are keywords is known in `parser`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from lark import Token, Transformer
from lark.exceptions import VisitError

from .complaints import IN_JQL, place_of
from .errors import JqlSyntaxError
from .tree import And, Call, Clause, Empty, FieldName, Many, Not, Or, Predicate, Query, Sort, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Tree

    from .tree import Operand, Where

__all__ = ["build_query"]

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\", "'": "'", '"': '"', " ": " "}
_ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)


def _unescaped(text: str, token: Token) -> str:
    def replaced(found: re.Match[str]) -> str:
        code = found[1]
        if len(code) > 1:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise JqlSyntaxError(
                f"{IN_JQL}'\\{code}' is an illegal JQL escape sequence. The valid escape sequences are "
                f"\\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. {place_of(token)}"
            )
        return _ESCAPES[code]

    # A character beyond U+FFFF is written as two escapes; half of one stands for nothing.
    return _ESCAPED.sub(replaced, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def build_query(tree: Tree[Token]) -> Query:
    """Return the query of a parse tree.

    Raises:
        JqlSyntaxError: an escape sequence that is none.
    """
    try:
        return cast("Query", _Builder().transform(tree))
    except VisitError as error:
        raise error.orig_exc from None


class _Builder(Transformer[Token, Any]):
    """Builds the tree bottom up; a method per rule of the grammar."""

    def query(self, parts: Sequence[Any]) -> Query:
        where, order = parts
        return Query(where, order or ())

    def or_clause(self, clauses: Sequence[Where]) -> Where:
        return clauses[0] if len(clauses) == 1 else Or(tuple(clauses))

    def and_clause(self, clauses: Sequence[Where]) -> Where:
        return clauses[0] if len(clauses) == 1 else And(tuple(clauses))

    def not_clause(self, parts: Sequence[Where]) -> Not:
        return Not(parts[0])

    def clause(self, parts: Sequence[Any]) -> Clause:
        field, operator, operand, *predicates = parts
        return Clause(field, operator, operand, tuple(predicates))

    def change_clause(self, parts: Sequence[Any]) -> Clause:
        field, _changed, *predicates = parts
        return Clause(field, "changed", None, tuple(predicates))

    def operator(self, parts: Sequence[Token]) -> str:
        return parts[0].lower()

    def not_in(self, _parts: Sequence[Token]) -> str:
        return "not in"

    def is_not(self, _parts: Sequence[Token]) -> str:
        return "is not"

    def was_not(self, _parts: Sequence[Token]) -> str:
        return "was not"

    def was_in(self, _parts: Sequence[Token]) -> str:
        return "was in"

    def was_not_in(self, _parts: Sequence[Token]) -> str:
        return "was not in"

    def value(self, parts: Sequence[Token]) -> Value:
        return Value(_plain(parts[0]), str(parts[0]))

    def argument(self, parts: Sequence[Token]) -> str:
        return _plain(parts[0])

    def function(self, parts: Sequence[Any]) -> Call:
        name, *arguments = parts
        given = tuple(argument for argument in arguments if argument is not None)
        listed = ", ".join(given)
        return Call(_plain(name), given, f"{name}({listed})")

    def many(self, members: Sequence[Operand]) -> Many:
        encoded = ", ".join(member.encoded for member in members)
        return Many(tuple(members), f"({encoded})")

    def empty(self, parts: Sequence[Token]) -> Empty:
        return Empty(str(parts[0]))

    def predicate(self, parts: Sequence[Any]) -> Predicate:
        name, operand = parts
        return Predicate(name.lower(), operand)

    def order(self, parts: Sequence[Any]) -> tuple[Sort, ...]:
        return tuple(part for part in parts if isinstance(part, Sort))

    def sort(self, parts: Sequence[Any]) -> Sort:
        field, direction = parts
        return Sort(field, None if direction is None else direction.lower())

    def field(self, parts: Sequence[Token]) -> FieldName:
        token = parts[0]
        if token.type == "CUSTOM":
            number = int(re.sub(r"\D", "", token))
            return FieldName(f"cf[{number}]", str(token), number)
        name = _plain(token)
        written = re.fullmatch(r"cf\[(\d+)\]", name)
        return FieldName(name, str(token), int(written[1]) if written else None)


def _plain(token: Token) -> str:
    text = token[1:-1] if token.type == "STRING" else str(token)
    return _unescaped(text, token)
