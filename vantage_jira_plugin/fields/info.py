"""One Jira field's metadata as a value. No look-up and no table of fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FieldInfo"]

#: Ids of custom fields start so; `GET /rest/api/3/field/search` gives no `custom` flag.
_CUSTOM_PREFIX = "customfield_"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What `GET /rest/api/3/field` says about one field.

    Attributes:
        schema_type: `schema.type`; None where Jira gives no schema (`parent`, `issuekey`, `thumbnail`).
        items: `schema.items`, the type of the members where `schema_type` is `array`.
        custom_type: `schema.custom`, the key of the custom field's type.
        scope_project_id: the project a team-managed field belongs to, or None.
        untranslated_name: the name as its author wrote it, where it differs by language.
        clause_names: the names JQL knows (`cf[10001]`, `Team[Team]`).
    """

    id: str
    key: str
    name: str
    custom: bool
    navigable: bool
    schema_type: str | None = None
    items: str | None = None
    custom_type: str | None = None
    scope_project_id: str | None = None
    untranslated_name: str | None = None
    clause_names: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> FieldInfo:
        """Return the field of one element of `GET /rest/api/3/field`.

        Shape: `{"id", "key", "name", "untranslatedName"?, "custom", "navigable", "clauseNames": [...],
        "schema"?: {"type", "items"?, "custom"?, "system"?}, "scope"?: {"type", "project": {"id"}}}`.

        Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/
        """
        schema = _mapping(data.get("schema"))
        project = _mapping(_mapping(data.get("scope")).get("project"))
        field_id = _text(data.get("id")) or _text(data.get("key")) or ""
        custom_type = _text(schema.get("custom"))
        clause_names = data.get("clauseNames")
        custom = data.get("custom")
        navigable = data.get("navigable")
        return cls(
            id=field_id,
            key=_text(data.get("key")) or field_id,
            name=_text(data.get("name")) or field_id,
            custom=custom if isinstance(custom, bool) else field_id.startswith(_CUSTOM_PREFIX),
            navigable=navigable if isinstance(navigable, bool) else True,
            schema_type=_text(schema.get("type")),
            items=_text(schema.get("items")),
            custom_type=custom_type,
            scope_project_id=_text(project.get("id")),
            untranslated_name=_text(data.get("untranslatedName")),
            clause_names=tuple(name for name in clause_names if isinstance(name, str))
            if isinstance(clause_names, list)
            else (),
        )

    @property
    def number(self) -> int | None:
        """The number of a custom field (10001 of `customfield_10001`), or None."""
        digits = self.id.removeprefix(_CUSTOM_PREFIX)
        is_number = digits != self.id and digits.isascii() and digits.isdecimal()
        return int(digits) if is_number and len(digits) < len("1" * 19) else None

    @property
    def described(self) -> str:
        """The field for a message: its id, its type and the project it is limited to."""
        kind = f"array of {self.items}" if self.schema_type == "array" else self.schema_type or "unknown type"
        scope = f", project {self.scope_project_id}" if self.scope_project_id else ""
        return f"{self.id} ({kind}{scope})"


def _mapping(value: object) -> Mapping[str, object]:
    """Return the value where it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    """Return a text or a number as trimmed text; None where it is empty or anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return (value.strip() or None) if isinstance(value, str) else None
