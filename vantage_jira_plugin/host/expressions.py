"""`${...}` in a workflow's values: JMESPath over what is known so far. The runner knows what is.

Source: https://jmespath.org/specification.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath.exceptions import EmptyExpressionError, IncompleteExpressionError, JMESPathError, LexerError
from jmespath.functions import Functions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Expression", "ExpressionError", "Template", "is_false", "parse_template"]

#: Quotes inside which a brace does not count: raw string, identifier, JSON literal.
QUOTES = "'\"`"
#: How deep names from the root are followed, as in `steps.bug.data`.
ROOT_DEPTH = 3


class ExpressionError(ValueError):
    """An expression cannot be read, or has no value where it needs one."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled JMESPath expression.

    Attributes:
        roots: the names it starts from, such as `("steps", "bug", "data")`.
    """

    text: str
    roots: tuple[tuple[str, ...], ...]
    compiled: Any = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Compile an expression.

        Raises:
            ExpressionError: it is no JMESPath, or calls a function that does not exist.
        """
        try:
            compiled = jmespath.compile(text)
        except (JMESPathError, RecursionError) as error:
            raise ExpressionError(f"${{{text}}} cannot be read: {_reason(error, text)}") from error
        unknown = [name for name in _functions(compiled.parsed) if name not in Functions.FUNCTION_TABLE]
        if unknown:
            raise ExpressionError(f"${{{text}}} calls {unknown[0]}(), which does not exist")
        return cls(text, tuple(_roots(compiled.parsed)), compiled)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Return the value, None where the names lead nowhere.

        Raises:
            ExpressionError: a function was given something it cannot work with.
        """
        try:
            return self.compiled.search(scope)
        except (JMESPathError, RecursionError) as error:
            raise ExpressionError(f"${{{self.text}}} has no value: {error}") from error


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions in it; one that is a single expression keeps the value's type."""

    parts: tuple[str | Expression, ...]

    def __str__(self) -> str:
        """Return the text as it was written."""
        shown = (
            f"${{{part.text}}}" if isinstance(part, Expression) else part.replace("${", "$${") for part in self.parts
        )
        return "".join(shown)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Return the expressions in the text."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Return the value of a single expression, else the text with every expression filled in.

        Raises:
            ExpressionError: an expression inside a text has no value.
        """
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return self.parts[0].evaluate(scope)
        return "".join(part if isinstance(part, str) else _text(part, scope) for part in self.parts)


def parse_template(text: str) -> Template:
    """Read a text in which `${...}` is an expression and `$${` stands for `${`.

    Raises:
        ExpressionError: an expression does not end or cannot be read.
    """
    parts: list[str | Expression] = []
    literal, position = "", 0
    while position < len(text):
        if text.startswith("$${", position):
            literal, position = literal + "${", position + 3
        elif text.startswith("${", position):
            end = _end(text, position + 2)
            if literal:
                parts.append(literal)
            parts.append(Expression.parse(text[position + 2 : end].strip()))
            literal, position = "", end + 1
        else:
            literal, position = literal + text[position], position + 1
    if literal or not parts:
        parts.append(literal)
    return Template(tuple(parts))


def is_false(value: object) -> bool:
    """Tell whether a condition does not hold: null, false and what is empty; a zero holds, as in JMESPath."""
    return value is None or value is False or value in ("", [], {})


def _end(text: str, start: int) -> int:
    """Return where the brace opened before `start` closes."""
    depth, quote, position = 1, "", start
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in QUOTES:
            quote = character
        elif character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return position
        position += 1
    raise ExpressionError(f"an expression has no closing brace: {text[start - 2 : start + 40]}")


def _reason(error: Exception, text: str) -> str:
    """Return in one line what JMESPath found wrong; it draws a picture of several lines."""
    if isinstance(error, EmptyExpressionError):
        return "it is empty"
    if isinstance(error, LexerError):
        return f"{error.message} at {text[error.lexer_position :]!r}"
    if isinstance(error, IncompleteExpressionError) or getattr(error, "token_type", None) == "EOF":
        return "it ends too early"
    position = getattr(error, "lex_position", None)
    return f"{text[position:]!r} is not expected there" if position is not None else str(error).partition("\n")[0]


def _text(expression: Expression, scope: Mapping[str, Any]) -> str:
    value = expression.evaluate(scope)
    if value is None:
        raise ExpressionError(f"${{{expression.text}}} has no value to put into the text")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _functions(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "function_expression":
        yield node["value"]
    for child in _nodes(node):
        yield from _functions(child)


#: Nodes whose further children look at what the first one found, no longer at the root.
NARROWING = frozenset({"index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe"})


def _roots(node: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the chains of names that start at the root of the scope."""
    names, _ = _leading(node)
    if names:
        yield names[:ROOT_DEPTH]
    elif node["type"] in NARROWING or node["type"] == "subexpression":
        yield from _roots(_nodes(node)[0])
    elif node["type"] != "expref":  # that one looks at elements of whatever the function is given
        for child in _nodes(node):
            yield from _roots(child)


def _leading(node: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    """Return the names an expression begins with, and whether it is nothing but names."""
    if node["type"] == "field":
        return (node["value"],), True
    if node["type"] in NARROWING:
        return _leading(_nodes(node)[0])[0], False
    names: tuple[str, ...] = ()
    if node["type"] == "subexpression":
        for child in _nodes(node):
            more, whole = _leading(child)
            names += more
            if not whole:
                return names, False
        return names, True
    return names, False


def _nodes(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [child for child in node["children"] if isinstance(child, dict)]
