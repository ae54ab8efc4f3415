"""What stands beside the readable text of a field whose schema is known: ids for the next step. No names of columns."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from . import shapes, sprints, values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.contract import ColumnType
    from vantage_jira_plugin.fields.info import FieldInfo

    from .values import Cell

__all__ = ["Companion", "companions"]


@dataclass(frozen=True, slots=True)
class Companion:
    """A second column of a field.

    Attributes:
        suffix: what it is called behind the field's name.
        title: what its title says behind the field's.
    """

    suffix: str
    title: str
    type: ColumnType
    read: Callable[[object], Cell]


_ID = Companion("id", "id", "string", shapes.id_of)
_IDS = Companion("ids", "ids", "list", values.listed(shapes.id_of))
_GROUP_ID = Companion("id", "id", "string", shapes.group_id)

#: Beside one value, by its schema type.
#: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/ (`schema.type`)
_BY_TYPE: Mapping[str, Companion] = MappingProxyType(
    {
        "user": Companion("accountId", "account id", "string", shapes.account_id),
        "option-with-child": Companion("ids", "ids", "list", shapes.option_ids),
        "group": _GROUP_ID,
        "sd-customerrequesttype": Companion("id", "id", "string", shapes.request_type_id),
        **dict.fromkeys(
            (
                "issuetype",
                "option",
                "priority",
                "project",
                "resolution",
                "securitylevel",
                "status",
                "team",
                "version",
            ),
            _ID,
        ),
    }
)
#: Beside a list, by the type of its members.
_BY_ITEMS: Mapping[str, Companion] = MappingProxyType(
    {
        "user": Companion("ids", "account ids", "list", values.listed(shapes.account_id)),
        "group": Companion("ids", "ids", "list", values.listed(shapes.group_id)),
        **dict.fromkeys(("component", "option", "project", "sd-customerorganization", "team", "version"), _IDS),
    }
)
#: Beside a field of such a custom type.
_BY_CUSTOM_TYPE: Mapping[str, tuple[Companion, ...]] = MappingProxyType(
    {
        "com.pyxis.greenhopper.jira:gh-sprint": (
            Companion("ids", "ids", "list", values.listed(sprints.sprint_id)),
            Companion("active", "(active)", "string", sprints.active_sprint),
        ),
    }
)


def companions(field: FieldInfo) -> tuple[Companion, ...]:
    """Return what stands beside a field, by its schema alone."""
    known = _BY_CUSTOM_TYPE.get(field.custom_type or "")
    if known is not None:
        return known
    many = field.schema_type == "array"
    found = _BY_ITEMS.get(field.items or "") if many else _BY_TYPE.get(field.schema_type or "")
    return () if found is None else (found,)
