"""A query as the parse operation shows it. Nothing is checked here."""

from __future__ import annotations

from typing import Any

from .tree import And, Call, Clause, Empty, FieldName, Many, Not, Operand, Or, Query, Where

__all__ = ["structure_json"]


def structure_json(query: Query) -> dict[str, Any]:
    """Return the query as `{where?, orderBy?}`.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-jql/
    """
    shown: dict[str, Any] = {}
    if query.where is not None:
        shown["where"] = _where(query.where)
    if query.order:
        shown["orderBy"] = {
            "fields": [
                {"field": _field(sort.field)} | ({} if sort.direction is None else {"direction": sort.direction})
                for sort in query.order
            ]
        }
    return shown


def _where(where: Where) -> dict[str, Any]:
    if isinstance(where, And | Or):
        word = "and" if isinstance(where, And) else "or"
        return {"operator": word, "clauses": [_where(clause) for clause in where.clauses]}
    if isinstance(where, Not):
        return {"operator": "not", "clauses": [_where(where.clause)]}
    return _clause(where)


def _clause(clause: Clause) -> dict[str, Any]:
    shown: dict[str, Any] = {"field": _field(clause.field), "operator": clause.operator}
    if clause.operand is not None:
        shown["operand"] = _operand(clause.operand)
    if clause.operator.startswith("was") or clause.operator == "changed":
        shown["predicates"] = [
            {"operator": predicate.name, "operand": _operand(predicate.operand)} for predicate in clause.predicates
        ]
    return shown


def _field(field: FieldName) -> dict[str, Any]:
    return {"name": field.name, "encodedName": field.encoded}


def _operand(operand: Operand) -> dict[str, Any]:
    if isinstance(operand, Many):
        return {"values": [_operand(member) for member in operand.members], "encodedOperand": operand.encoded}
    if isinstance(operand, Call):
        return {
            "function": operand.name,
            "arguments": list(operand.arguments),
            "encodedOperand": operand.encoded,
        }
    if isinstance(operand, Empty):
        return {"keyword": "empty", "encodedOperand": operand.encoded.lower()}
    return {"value": operand.text, "encodedValue": operand.encoded}
