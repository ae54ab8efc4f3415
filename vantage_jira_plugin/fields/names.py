"""Which field a name means, on one site. No HTTP, no values, and no guessing between two fields."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vantage_jira_plugin.errors import InputError

from .info import FieldInfo
from .system import SYSTEM_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["FieldCatalogue", "FieldInfo"]

#: How many near names a message offers.
_NEAREST_COUNT = 3
#: How alike a name has to be to be offered, from 0 to 1.
_NEAREST_CUTOFF = 0.6
#: A longer name than any of Jira's (255 characters) has no near one, and comparing would take long.
_NAME_LENGTH_MAX = 255
#: Where each system field stands in the order of columns.
_SYSTEM_ORDER = {field_id: place for place, field_id in enumerate(SYSTEM_FIELDS)}


class FieldCatalogue:
    """The fields of one site, system and custom; immutable."""

    __slots__ = ("_by_folded", "_by_id", "_by_key", "_by_name", "_by_other", "_fields")

    def __init__(self, fields: Iterable[FieldInfo]) -> None:
        by_id: dict[str, FieldInfo] = {}
        for field in fields:
            by_id.setdefault(field.id, field)
        self._fields = tuple(sorted(by_id.values(), key=_order))
        self._by_id = {**SYSTEM_FIELDS, **by_id}
        self._by_key = _index(self._fields, lambda field: [field.key])
        self._by_name = _index(self._fields, _names)
        self._by_folded = _index(self._fields, lambda field: map(_folded, [field.id, field.key, *_names(field)]))
        self._by_other = _index(self._by_id.values(), _other_names)

    @classmethod
    def from_json(cls, data: object) -> FieldCatalogue:
        """Return the catalogue of what `GET /rest/api/3/field` answered: a list of fields.

        A page of `GET /rest/api/3/field/search` (`{"values": [...]}`) is read too. Entries without an id
        are dropped.
        """
        if isinstance(data, Mapping):
            data = data.get("values")
        entries = data if isinstance(data, Sequence) and not isinstance(data, str) else ()
        fields = (FieldInfo.from_json(entry) for entry in entries if isinstance(entry, Mapping))
        return cls(field for field in fields if field.id)

    def all(self) -> tuple[FieldInfo, ...]:
        """Return every field: system fields in their fixed order, then custom fields by name."""
        return self._fields

    def navigable(self) -> tuple[FieldInfo, ...]:
        """Return the fields that `*navigable` stands for, ordered as in `all`."""
        return tuple(field for field in self._fields if field.navigable)

    def resolve(self, wanted: str) -> FieldInfo:
        """Return the field of this id, key or name.

        An id or key as it is written wins, then a name as it is written, then any of them whatever the
        case, then the names JQL knows (`cf[10001]`, `Team[Team]`) and the English names of system fields.

        Raises:
            InputError: no field, or more than one, is called so; `errors` names the input `fields`.
        """
        wanted = wanted.strip()
        if wanted in self._by_id:
            return self._by_id[wanted]
        folded = _folded(wanted)
        for found in (
            self._by_key.get(wanted),
            self._by_name.get(wanted),
            self._by_folded.get(folded),
            self._by_other.get(folded),
        ):
            if found and len(found) == 1:
                return found[0]
            if found:
                raise _ambiguous(wanted, found)
        raise self._unknown(wanted)

    def _unknown(self, wanted: str) -> InputError:
        """Return the refusal of a name nobody knows, with the nearest ones."""
        nearest: list[FieldInfo] = []
        if len(wanted) <= _NAME_LENGTH_MAX:
            known = {**self._by_other, **self._by_folded}
            names = difflib.get_close_matches(_folded(wanted), known, _NEAREST_COUNT, _NEAREST_CUTOFF)
            nearest = list(dict.fromkeys(field for name in names for field in known[name]))[:_NEAREST_COUNT]
        shown = " or ".join(_shown(field) for field in nearest)
        text = f"There is no field {_clipped(wanted)!r} on this site, or this account may not see it."
        if shown:
            text += f" Did you mean {shown}?"
        return InputError(f"fields: {text}", errors={"fields": [text]})


def _ambiguous(wanted: str, found: Sequence[FieldInfo]) -> InputError:
    """Return the refusal of a name that several fields have, with the id of each."""
    which = ", ".join(field.described for field in found)
    text = f"{len(found)} fields are called {_clipped(wanted)!r}: {which}."
    return InputError(f"fields: {text}", errors={"fields": [text]}, hint="Name the field by its id.")


def _index(fields: Iterable[FieldInfo], names: Callable[[FieldInfo], Iterable[str]]) -> dict[str, list[FieldInfo]]:
    """Return the fields by each of their names."""
    index: dict[str, list[FieldInfo]] = {}
    for field in fields:
        for name in dict.fromkeys(names(field)):
            index.setdefault(name, []).append(field)
    return index


def _names(field: FieldInfo) -> list[str]:
    """Return the names people see."""
    return [name for name in (field.name, field.untranslated_name) if name]


def _other_names(field: FieldInfo) -> list[str]:
    """Return the folded names that count where nothing else is called so."""
    english = SYSTEM_FIELDS.get(field.id)
    names = [_folded(name) for name in field.clause_names]
    return [*names, _folded(english.name)] if english else names


def _folded(name: str) -> str:
    """Return the name without differences of case and spacing."""
    return " ".join(name.casefold().split())


def _order(field: FieldInfo) -> tuple[int, str, int, str]:
    """Return the sort key that does not depend on the order Jira answers in."""
    if field.id in _SYSTEM_ORDER:
        return (_SYSTEM_ORDER[field.id], "", 0, "")
    return (len(_SYSTEM_ORDER) + field.custom, _folded(field.name), field.number or 0, field.id)


def _shown(field: FieldInfo) -> str:
    """Return the field as a message names it: its name, and the id where that says something else."""
    return f"{field.name!r}" if _folded(field.name) == _folded(field.id) else f"{field.name!r} ({field.id})"


def _clipped(text: str) -> str:
    """Return the text short enough for a message."""
    return text if len(text) <= _NAME_LENGTH_MAX else f"{text[:_NAME_LENGTH_MAX]}..."
