"""Which fields a caller asks for, and what to send to Jira for them. No columns and no values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.fields.names import FieldCatalogue
from vantage_jira_plugin.fields.system import (
    ALWAYS_COLUMNS,
    DEFAULT_ISSUE_FIELDS,
    EXCLUDE,
    WILDCARDS,
    needs_catalogue,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.fields.info import FieldInfo

__all__ = ["Selection", "parse_fields", "select_fields"]

#: What Jira is asked for where every row's own columns are enough: with `key` alone a page may hold 5,000
#: issues. https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
_KEY_ONLY = "key"
#: What exclusions alone take from. Jira means navigable fields in a search and all fields of a single issue;
#: said aloud, both mean the same.
_EXCLUSION_BASE = "*navigable"
#: The system field that is the `key` of every row: asked for as `key`, and no second column under a wildcard.
_ISSUE_KEY = "issuekey"
#: Names between commas or lines; in double quotes a name may hold commas, and two quotes mean one.
_NAMES = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,\n]*))\s*(?:,|\n|$)')


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields of a table in the order asked for, and the `fields` to send."""

    fields: tuple[FieldInfo, ...]
    request_fields: tuple[str, ...]


def parse_fields(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return the field names in a text such as `summary, "Steps, expected"`, or in a list of names.

    Names are trimmed, empty ones and repetitions dropped. No name at all means `DEFAULT_ISSUE_FIELDS`.

    Raises:
        InputError: a name is not a text; `errors` names the input `fields`.
    """
    names = [quoted or plain for quoted, plain in _NAMES.findall(value)] if isinstance(value, str) else value
    for name in names:
        if not isinstance(name, str):
            raise _refusal(f"A field is named by a text, not by {type(name).__name__}.")
    if isinstance(value, str):
        names = [name.replace('""', '"') for name in names]
    trimmed = (name.strip() for name in names)
    return tuple(dict.fromkeys(name for name in trimmed if name)) or DEFAULT_ISSUE_FIELDS


def select_fields(wanted: Sequence[str], catalogue: FieldCatalogue | None) -> Selection:
    """Return the fields these names, wildcards and exclusions (`-comment`) stand for, each once.

    `catalogue` may be None where `needs_catalogue` says that nobody has to ask the site.

    Raises:
        InputError: a name means no field or several, or nothing is left; `errors` names the input `fields`.
    """
    wanted = tuple(wanted) or DEFAULT_ISSUE_FIELDS
    if catalogue is None and needs_catalogue(wanted):
        raise _refusal(f"The fields of the site are not known, and {', '.join(wanted)} cannot do without.")
    known = catalogue or FieldCatalogue(())
    excluded = _distinct(known, [name[len(EXCLUDE) :] for name in wanted if name.startswith(EXCLUDE)])
    included = [name for name in wanted if not name.startswith(EXCLUDE)] or [_EXCLUSION_BASE]
    wildcards = tuple(name for name in dict.fromkeys(included) if name in WILDCARDS)
    named = _distinct(known, [name for name in included if name not in WILDCARDS])
    fields = dict(named)
    if wildcards:
        everything = known.all() if WILDCARDS[0] in wildcards else known.navigable()
        fields = {field.id: field for field in everything if field.id != _ISSUE_KEY} | named
    fields = {field_id: field for field_id, field in fields.items() if field_id not in excluded}
    if not fields and excluded:
        raise _refusal("Every field that is asked for is also excluded.")
    asked = tuple(_request_id(field_id) for field_id in named if field_id in fields)
    if not wildcards:
        return Selection(tuple(fields.values()), asked or (_KEY_ONLY,))
    exclusions = tuple(f"{EXCLUDE}{field_id}" for field_id in excluded)
    return Selection(tuple(fields.values()), (*wildcards, *asked, *exclusions))


def _distinct(catalogue: FieldCatalogue, names: Sequence[str]) -> dict[str, FieldInfo]:
    """Return the fields of these names by id, without the columns that every row has."""
    found = (catalogue.resolve(name) for name in names if name not in ALWAYS_COLUMNS)
    return {field.id: field for field in found}


def _request_id(field_id: str) -> str:
    """Return what Jira calls the field in `fields`."""
    return _KEY_ONLY if field_id == _ISSUE_KEY else field_id


def _refusal(text: str) -> InputError:
    """Return the refusal of the input `fields`."""
    return InputError(text, errors={"fields": [text]})
