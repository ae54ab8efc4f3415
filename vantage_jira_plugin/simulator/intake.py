"""Values that clients send, checked by the kind of their field. Nothing is stored or shown here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .documents import is_document
from .timestamps import date_or_none, epoch_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .catalogue import Project
    from .fields import Field
    from .site import Site

__all__ = ["DOCUMENT_EXPECTED", "FIELD_UNKNOWN", "Intake", "ValueRefusal", "check_document_length"]

#: Reported: https://community.atlassian.com/t5/Jira-questions/qaq-p/1304733
DOCUMENT_EXPECTED = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
FIELD_UNKNOWN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
_SUMMARY_CHARACTERS = 255
#: Longest text of a single-line field and of a label.
_TEXT_CHARACTERS = 255
#: Longest text that a document field keeps, counted over the JSON of the document.
#: Source: https://support.atlassian.com/jira-cloud-administration/docs/configure-advanced-settings/
_DOCUMENT_CHARACTERS = 32_767


class ValueRefusal(ValueError):  # noqa: N818 - a refusal, not a fault
    """Jira's text for a value that a field does not take."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Reads values for issues of one project."""

    site: Site
    project: Project

    def read(self, field: Field, value: Any) -> Any:
        """Return the value as the site keeps it; None and () clear the field.

        Raises:
            ValueRefusal: with Jira's text.
        """
        if value is None:
            return None if field.id != "summary" else _summary(self, field, None)
        return _READERS[field.kind](self, field, value)

    def read_item(self, field: Field, value: Any) -> Any:
        """Return one member of a list field, for `add` and `remove`."""
        members = self.read(field, [value])
        return members[0]


# ---- text -------------------------------------------------------------------------------


def _summary(_intake: Intake, _field: Field, value: Any) -> str:
    text = value if isinstance(value, str) else None
    if value is not None and text is None:
        raise ValueRefusal("Operation value must be a string")
    if text is None or not text.strip():
        raise ValueRefusal("You must specify a summary of the issue.")
    if "\n" in text or "\r" in text:
        raise ValueRefusal("The summary is invalid because it contains newline characters.")
    if len(text) > _SUMMARY_CHARACTERS:
        raise ValueRefusal(f"Summary can't exceed {_SUMMARY_CHARACTERS} characters.")
    return text.strip()


def _text(intake: Intake, field: Field, value: Any) -> str | None:
    if field.id == "summary":
        return _summary(intake, field, value)
    if not isinstance(value, str):
        raise ValueRefusal("Operation value must be a string")
    if len(value) > _TEXT_CHARACTERS:
        raise ValueRefusal(
            f"The entered text is too long. It exceeds the allowed limit of {_TEXT_CHARACTERS} characters."
        )
    return value or None


def _url(intake: Intake, field: Field, value: Any) -> str | None:
    text = _text(intake, field, value)
    if text is not None and not text.startswith(("http://", "https://", "mailto:", "ftp://")):
        raise ValueRefusal("Incorrect url format")
    return text


def _document(_intake: Intake, _field: Field, value: Any) -> dict[str, Any]:
    if not is_document(value):
        raise ValueRefusal(DOCUMENT_EXPECTED)
    check_document_length(value)
    return value


def check_document_length(document: Mapping[str, Any]) -> None:
    """Refuse a document, of a field or of a comment, whose text is too long.

    Raises:
        ValueRefusal: with Jira's text.
    """
    if _characters(document) > _DOCUMENT_CHARACTERS:
        raise ValueRefusal(
            f"The entered text is too long. It exceeds the allowed limit of {_DOCUMENT_CHARACTERS:,} characters."
        )


def _labels(_intake: Intake, _field: Field, value: Any) -> tuple[str, ...]:
    labels: list[str] = []
    for index, label in enumerate(_array(value)):
        if not isinstance(label, str):
            raise ValueRefusal(f"string expected at index {index}")
        if any(character.isspace() for character in label):
            raise ValueRefusal(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > _TEXT_CHARACTERS:
            raise ValueRefusal(
                f"The label '{label}' exceeds the maximum length for a single label of {_TEXT_CHARACTERS} characters."
            )
        if label:
            labels.append(label)
    return tuple(sorted(set(labels)))


# ---- numbers and times ------------------------------------------------------------------


def _number(_intake: Intake, _field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueRefusal("Operation value must be a number")
    return float(value)


def _date(_intake: Intake, _field: Field, value: Any) -> str | None:
    if value == "":
        return None
    day = date_or_none(value) if isinstance(value, str) else None
    if day is None:
        raise ValueRefusal("Operation value must be a string in the format 'yyyy-MM-dd'")
    return day


def _datetime(_intake: Intake, _field: Field, value: Any) -> float | None:
    if value == "":
        return None
    at = epoch_or_none(value) if isinstance(value, str) else None
    if at is None:
        raise ValueRefusal("Operation value must be a string in the format \"yyyy-MM-dd'T'HH:mm:ss.SSSZ\"")
    return at


# ---- things of the site -----------------------------------------------------------------


def _user(intake: Intake, field: Field, value: Any) -> str | None:
    if not isinstance(value, dict):
        raise ValueRefusal("Operation value must be an object")
    account_id = value.get("accountId", value.get("id"))
    if account_id is None:
        return None
    if account_id == "-1" and field.id == "assignee":
        return intake.project.lead_id
    account = intake.site.accounts.get(account_id) if isinstance(account_id, str) else None
    if account is None:
        raise ValueRefusal(f"User '{account_id}' does not exist.")
    if field.id == "assignee" and not (
        account.active and intake.site.allowed(account.account_id, "ASSIGNABLE_USER", intake.project)
    ):
        raise ValueRefusal(f"User '{account_id}' cannot be assigned issues.")
    return account.account_id


def _priority(intake: Intake, _field: Field, value: Any) -> str:
    return _named("Priority", value, intake.site.priorities.values())


def _parts(intake: Intake, field: Field, value: Any) -> tuple[str, ...]:
    label = "Component" if field.kind == "components" else "Version"
    parts = intake.project.components if field.kind == "components" else intake.project.versions
    found = [_named(label, item, parts) for item in _array(value)]
    return tuple(dict.fromkeys(found))


def _option(_intake: Intake, field: Field, value: Any) -> str | None:
    if not isinstance(value, dict) or not {"id", "value"} & set(value):
        raise ValueRefusal("Could not find valid 'id' or 'value' in the Parent Option object.")
    option_id, text = value.get("id"), value.get("value")
    for option in field.options:
        if option.id == option_id or (option_id is None and option.value == text):
            return option.id
    if option_id is not None:
        raise ValueRefusal(f"Option id '{option_id}' is not valid")
    raise ValueRefusal(f"Option value '{text}' is not valid")


def _options(intake: Intake, field: Field, value: Any) -> tuple[str, ...]:
    found = (_option(intake, field, item) for item in _array(value))
    return tuple(dict.fromkeys(option_id for option_id in found if option_id is not None))


def _sprints(intake: Intake, _field: Field, value: Any) -> tuple[int, ...]:
    # Reading gives an array of objects, writing takes one number.
    # Reported: https://github.com/getsentry/sentry-plugins/issues/329
    number = int(value) if isinstance(value, str) and value.isdigit() else value
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueRefusal("Number value expected as the Sprint id.")
    if number not in intake.site.sprints:
        raise ValueRefusal(f"Sprint with ID '{number}' does not exist.")
    return (number,)


def _team(intake: Intake, _field: Field, value: Any) -> str:
    if not isinstance(value, str) or value not in intake.site.teams:
        raise ValueRefusal(f"Team ID '{value}' is not valid.")
    return value


def _parent(intake: Intake, _field: Field, value: Any) -> int:
    if not isinstance(value, dict):
        raise ValueRefusal("data was not an object")
    wanted = value.get("key", value.get("id"))
    issue = intake.site.find_issue(str(wanted)) if wanted is not None else None
    if issue is None:
        raise ValueRefusal("Could not find issue by id or key.")
    return issue.id


def _issue_type(intake: Intake, _field: Field, value: Any) -> str:
    if not isinstance(value, dict):
        raise ValueRefusal("Specify a valid issue type")
    for issue_type in intake.site.issue_types.values():
        if issue_type.id == str(value.get("id", "")) or ("id" not in value and issue_type.name == value.get("name")):
            if issue_type.id not in intake.project.type_ids:
                raise ValueRefusal("The issue type selected is invalid.")
            return issue_type.id
    raise ValueRefusal("Specify a valid issue type")


def _named(label: str, value: Any, things: Iterable[Any]) -> str:
    """Return the id of the thing that `{"id": ...}` or `{"name": ...}` points at."""
    if not isinstance(value, dict) or not {"id", "name"} & set(value):
        raise ValueRefusal(f"Specify the {label} (id or name) in string format")
    wanted_id, name = value.get("id"), value.get("name")
    for thing in things:
        if thing.id == wanted_id or (wanted_id is None and thing.name == name):
            found: str = thing.id
            return found
    if wanted_id is not None:
        raise ValueRefusal(f"{label} id '{wanted_id}' is not valid")
    raise ValueRefusal(f"{label} name '{name}' is not valid")


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueRefusal("data was not an array")
    return value


def _characters(node: Any) -> int:
    """Count the characters of text in a document."""
    if isinstance(node, dict):
        return len(node.get("text", "")) + _characters(node.get("content", []))
    return sum(map(_characters, node))


_READERS: Mapping[str, Callable[[Intake, Field, Any], Any]] = {
    "text": _text,
    "url": _url,
    "document": _document,
    "labels": _labels,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "user": _user,
    "priority": _priority,
    "components": _parts,
    "versions": _parts,
    "option": _option,
    "options": _options,
    "sprints": _sprints,
    "team": _team,
    "parent": _parent,
    "issuetype": _issue_type,
}
