"""A query as data. How it is written is known in `parser`, what it means in `evaluation`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "And",
    "Call",
    "Clause",
    "Empty",
    "FieldName",
    "Many",
    "Not",
    "Operand",
    "Or",
    "Predicate",
    "Query",
    "Sort",
    "Value",
    "Where",
]


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field as the query names it; `custom_id` where it is written `cf[10010]`."""

    name: str
    encoded: str
    custom_id: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A word or a quoted string."""

    text: str
    encoded: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[str, ...]
    encoded: str


@dataclass(frozen=True, slots=True)
class Empty:
    """`EMPTY` or `NULL`."""

    encoded: str = "EMPTY"


@dataclass(frozen=True, slots=True)
class Many:
    """A list in parentheses."""

    members: tuple[Operand, ...]
    encoded: str


Operand = Value | Call | Empty | Many


@dataclass(frozen=True, slots=True)
class Predicate:
    """A restriction of `was` or `changed`: after, before, on, during, from, to, by."""

    name: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class Clause:
    """A field, an operator in lower case and an operand; `changed` has none."""

    field: FieldName
    operator: str
    operand: Operand | None
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    clauses: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    clauses: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    clause: Where


Where = And | Or | Not | Clause


@dataclass(frozen=True, slots=True)
class Sort:
    """A field to sort by; `direction` is asc, desc or None where the query does not say."""

    field: FieldName
    direction: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; without `where` it is unbounded."""

    where: Where | None
    order: tuple[Sort, ...] = ()
