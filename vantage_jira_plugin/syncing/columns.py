"""The columns of changed issues, and how they differ from those of the last call. No values, no Jira."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.contract import Column

__all__ = ["CHANGE_COLUMNS", "change_columns", "columns_changed", "own_names"]

#: What every issue row begins with: id, key, url.
_ALWAYS = 3
#: What stands behind it.
CHANGE_COLUMNS: tuple[Column, ...] = (
    {"name": "change", "type": "string", "title": "Change"},
    {"name": "changedAt", "type": "datetime", "title": "Changed at"},
    {"name": "previousKey", "type": "string", "title": "Previous key"},
    {"name": "inQuery", "type": "boolean", "title": "In the query"},
)
_TAKEN = frozenset(column["name"] for column in CHANGE_COLUMNS)


def own_names(columns: Sequence[Column]) -> dict[str, str]:
    """Return what each column of an issue table is called beside those of the change, by its name there."""
    taken = {*_TAKEN, *(column["name"] for column in columns)}
    names = {}
    for column in columns:
        name = column["name"]
        if name in _TAKEN:
            while name in taken:
                name += " (field)"
            taken.add(name)
        names[column["name"]] = name
    return names


def change_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns of an issue table with those of the change behind id, key and url."""
    names = own_names(columns)
    fields: list[Column] = [
        {"name": names[column["name"]], "type": column["type"], "title": column["title"]}
        for column in columns[_ALWAYS:]
    ]
    return (*columns[:_ALWAYS], *CHANGE_COLUMNS, *fields)


def columns_changed(before: Sequence[tuple[str, str]], columns: Sequence[Column]) -> list[str]:
    """Return what is to be told of columns that came, went or changed their type since the last call."""
    old: Mapping[str, str] = dict(before)
    new: dict[str, str] = {column["name"]: column["type"] for column in columns}
    told = [f"the column {name} ({kind}) is new" for name, kind in new.items() if name not in old]
    told += [f"the column {name} ({kind}) is gone" for name, kind in old.items() if name not in new]
    told += [
        f"the column {name} was {old[name]} and is now {kind}"
        for name, kind in new.items()
        if name in old and old[name] != kind
    ]
    return told if before else []
