"""What the columns of a site's custom fields are called. Nothing about their types or values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .companions import companions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vantage_jira_plugin.fields.info import FieldInfo

__all__ = ["ColumnNames", "column_names"]


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """The names of a field's columns: its own, and those of its companions in their order."""

    main: str
    companions: tuple[str, ...] = ()


def column_names(fields: Iterable[FieldInfo], taken: Iterable[str]) -> dict[str, ColumnNames]:
    """Return the column names of every field of a site that is not one of `SYSTEM_FIELDS`, by field id.

    A custom field is called as people see it. Where several are called the same, or as a column in `taken`,
    whatever the case, the id tells them apart: `Team` and `Team (customfield_10002)`; the oldest field keeps
    the plain name. Names depend on the site's fields alone, never on which of them were asked for, so that a
    column means the same in every table.
    """
    claims = _Claims(taken)
    ordered = sorted(fields, key=lambda field: (field.custom, field.number or 0, field.id))
    mains = {field.id: claims.claim(field.name if field.custom else field.id, field.id) for field in ordered}
    return {
        field.id: ColumnNames(
            mains[field.id],
            tuple(
                claims.claim(_beside(field, mains[field.id], companion.suffix), field.id)
                for companion in companions(field)
            ),
        )
        for field in ordered
    }


def _beside(field: FieldInfo, main: str, suffix: str) -> str:
    """Return what a companion is called: `Approver accountId`, or `ownerAccountId` of a field of Jira's own."""
    return f"{main} {suffix}" if field.custom else f"{main}{suffix[0].upper()}{suffix[1:]}"


class _Claims:
    """Names given out so far; no two are alike whatever the case."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.casefold() for name in taken}

    def claim(self, wanted: str, field_id: str) -> str:
        """Return the wanted name, or one with the id where that is taken, and take it."""
        name, tries = wanted, 1
        while name.casefold() in self._taken:
            name = f"{wanted} ({field_id})" if tries == 1 else f"{wanted} ({field_id}, {tries})"
            tries += 1
        self._taken.add(name.casefold())
        return name
