"""Jira's texts for queries that it cannot read or run. No parsing and no evaluation live here."""

from __future__ import annotations

__all__ = ["JqlError", "JqlSyntaxError", "field_unknown", "operator_unsupported", "value_unknown"]


class JqlError(ValueError):
    """A query that Jira refuses; `messages` are Jira's texts, `about_values` where only values are wrong."""

    def __init__(self, *messages: str, about_values: bool = False) -> None:
        super().__init__(*messages)
        self.messages = list(messages)
        self.about_values = about_values


class JqlSyntaxError(JqlError):
    """A query that is not JQL."""


def field_unknown(name: str) -> JqlError:
    """Return the refusal of a field that is not there, or not to be seen."""
    return JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")


def operator_unsupported(operator: str, name: str) -> JqlError:
    """Return the refusal of an operator that the field does not have."""
    return JqlError(f"The operator '{operator}' is not supported by the '{name}' field.")


def value_unknown(value: str, name: str) -> JqlError:
    """Return the refusal of a value that the field does not have."""
    if value.isascii() and value.isdigit():
        return JqlError(f"A value with ID '{value}' does not exist for the field '{name}'.", about_values=True)
    return JqlError(f"The value '{value}' does not exist for the field '{name}'.", about_values=True)
