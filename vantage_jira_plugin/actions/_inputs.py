"""The kinds of input that several actions take, each with its limits. No behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from marshmallow import Schema, ValidationError

from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS
from vantage_jira_plugin.reading.rows import parse_fields
from vantage_jira_plugin.schemas import UNCHANGED, Flag, IsoDate, Moment, Text, TextList, WholeNumber
from vantage_jira_plugin.settings import PROJECT_KEY_PATTERN, PROJECT_KEY_RIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_IDEMPOTENCY_KEY_LENGTH",
    "MAX_TEXT_LENGTH",
    "Query",
    "account_id",
    "due_date",
    "exactly_one",
    "field_names",
    "idempotency_key",
    "in_order",
    "issue_key",
    "jql",
    "labels",
    "max_rows",
    "moment",
    "name_or_id",
    "next_page_token",
    "project_key",
    "raw",
    "rich_text",
    "summary",
    "text_format",
    "with_dry_run",
]

#: What an edit may do with a value beside leaving it: `set` another, or `clear` it with null.
Change = Literal["set", "clear"]

#: Longest text of a description or comment.
#: Source: https://jira.atlassian.com/browse/JRACLOUD-64351 (32,767 characters).
MAX_TEXT_LENGTH = 32_767
#: Longest summary. Source: Jira's answer "Summary must be less than 255 characters" (recorded).
_MAX_SUMMARY_LENGTH = 255
#: Longest name of an issue type or priority.
_MAX_NAME_LENGTH = 255
#: Longest account id. Source: OpenAPI file, schema UserDetails.accountId.
_MAX_ACCOUNT_ID_LENGTH = 128
#: Longest label. Source: Jira's answer "The label ... is too long (max 255 characters)".
_MAX_LABEL_LENGTH = 255
_MAX_LABELS = 500
#: Most fields one call may ask for.
_MAX_FIELDS = 500
#: Longest query accepted; Jira's own limit is not documented.
_MAX_JQL_LENGTH = 50_000
#: Longest page token accepted; those seen have a few hundred characters.
_MAX_TOKEN_LENGTH = 10_000
#: Longest value of an idempotency key.
MAX_IDEMPOTENCY_KEY_LENGTH = 255
_ISSUE_KEY_PATTERN = PROJECT_KEY_PATTERN + r"-[1-9][0-9]{0,18}|[1-9][0-9]{0,18}"


def _about(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, **more}


def _changing(change: Change | None) -> dict[str, Any]:
    """Return what tells "not given" from null in the inputs of an edit."""
    if change is None:
        return {}
    if change == "clear":
        return {"load_default": UNCHANGED, "allow_none": True}
    return {"load_default": UNCHANGED, "refuses_null": True}


def issue_key() -> Text:
    """Key of an issue, or its id."""
    return Text(
        required=True,
        max_length=276,
        pattern=_ISSUE_KEY_PATTERN,
        right="an issue key such as DEV-123",
        upper=True,
        data_key="issueKey",
        metadata=_about("Key of the issue, such as DEV-123, or its id.", examples=["DEV-123"]),
    )


def project_key() -> Text:
    """Key of a project."""
    return Text(
        required=True,
        max_length=255,
        pattern=PROJECT_KEY_PATTERN,
        right=PROJECT_KEY_RIGHT,
        upper=True,
        data_key="projectKey",
        metadata=_about("Key of the project, such as DEV.", examples=["DEV"]),
    )


def name_or_id(
    what: str,
    *,
    example: str,
    data_key: str | None = None,
    required: bool = False,
    change: Change | None = None,
) -> Text:
    """Name of an issue type or a priority, or its id."""
    return Text(
        required=required,
        max_length=_MAX_NAME_LENGTH,
        data_key=data_key,
        metadata=_about(f"{what}, by name or id.", examples=[example]),
        **_changing(change),
    )


def summary(*, required: bool = False, change: Change | None = None) -> Text:
    """One line that names an issue."""
    return Text(
        required=required,
        max_length=_MAX_SUMMARY_LENGTH,
        metadata=_about("One line that says what the issue is about."),
        **_changing(change),
    )


def rich_text(what: str, *, required: bool = False, change: Change | None = None) -> Text:
    """Markdown or plain text, sent as an Atlassian document."""
    return Text(
        required=required,
        max_length=MAX_TEXT_LENGTH,
        lines=True,
        metadata=_about(f"{what}, in markdown or plain text."),
        **_changing(change),
    )


def labels(*, change: Change | None = None) -> TextList:
    """Labels; each is one word."""
    return TextList(
        Text(max_length=_MAX_LABEL_LENGTH, pattern=r"\S+", right="one word: Jira's labels have no spaces"),
        max_items=_MAX_LABELS,
        commas=True,
        metadata=_about("Labels, without spaces; a list, or one text with commas.", examples=[["automation"]]),
        **_changing(change),
    )


def account_id(what: str, *, data_key: str, change: Change | None = None) -> Text:
    """Atlassian account id of a person."""
    return Text(
        max_length=_MAX_ACCOUNT_ID_LENGTH,
        pattern=r"[A-Za-z0-9:_-]+",
        right="an Atlassian account id; names and e-mail addresses are not taken",
        data_key=data_key,
        metadata=_about(f"Atlassian account id of {what}."),
        **_changing(change),
    )


def due_date(*, change: Change) -> IsoDate:
    """Day by which an issue is to be done."""
    return IsoDate(metadata=_about("Due date, such as 2026-01-31.", examples=["2026-01-31"]), **_changing(change))


class _FieldNames(TextList):
    """Field names as a list, or as one text with commas; a name in quotes may hold a comma."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[str]:
        return super()._deserialize(list(parse_fields(value)) if isinstance(value, str) else value, attr, data)


def field_names() -> TextList:
    """Fields to read, by id or by the name people see."""
    return _FieldNames(
        Text(max_length=255),
        max_items=_MAX_FIELDS,
        commas=True,
        load_default=DEFAULT_ISSUE_FIELDS,
        data_key="fields",
        metadata=_about("Fields to read, by id or name; a list, or one text with commas. *all reads all."),
    )


class Query(Text):
    """A query in JQL, by which an action finds issues."""


def jql(
    description: str,
    *,
    example: str = "project = DEV AND statusCategory != Done ORDER BY created DESC",
    required: bool = True,
    data_key: str | None = None,
) -> Query:
    """A query in JQL; where issues may be found without a restriction, Jira refuses it."""
    return Query(
        required=required,
        max_length=_MAX_JQL_LENGTH,
        lines=True,
        data_key=data_key,
        metadata=_about(description, examples=[example]),
    )


def moment(what: str) -> Moment:
    """A bound in time."""
    return Moment(metadata=_about(f"{what}, in ISO 8601 with its time zone.", examples=["2026-01-31T09:30:00+01:00"]))


def text_format() -> Text:
    """What rich text becomes in a table."""
    return Text(
        max_length=8,
        pattern="markdown|plain",
        right="markdown or plain",
        load_default="markdown",
        data_key="textFormat",
        metadata=_about("What rich text becomes: markdown, or plain text with every word and no marks."),
    )


def max_rows(*, default: int, maximum: int) -> WholeNumber:
    """How many rows at most."""
    return WholeNumber(
        minimum=1,
        maximum=maximum,
        load_default=default,
        data_key="maxRows",
        metadata=_about("Most rows to return; the table says where there are more."),
    )


def next_page_token(*, pattern: str | None = None) -> Text:
    """Where to go on with a list."""
    return Text(
        max_length=_MAX_TOKEN_LENGTH,
        pattern=pattern,
        right="the nextPageToken of an earlier call",
        data_key="nextPageToken",
        metadata=_about("Where an earlier call with the same inputs stopped (metadata.nextPageToken)."),
    )


def raw() -> Flag:
    """Whether rows carry Jira's own JSON."""
    return Flag(metadata=_about("Add Jira's own JSON of each row under _raw."))


def idempotency_key(
    about: str = "Names this write, so that it happens once; by default made of the workflow run and node.",
) -> Text:
    """What makes a repeated write recognisable."""
    return Text(
        max_length=MAX_IDEMPOTENCY_KEY_LENGTH,
        data_key="idempotencyKey",
        metadata=_about(about),
    )


def with_dry_run(inputs: type[Schema], *, writes: bool) -> type[Schema]:
    """Return the schema of an action with the input that every action takes behind its own."""
    what = (
        "Send no write: answer what would be sent, and the requests and points that it would use."
        if writes
        else "Read no more than it takes to estimate: answer the requests and points that it would use, and how it "
        "would read."
    )
    dry_run = Flag(data_key="dryRun", metadata=_about(what))
    last = type("_DryRun", (Schema,), {"dry_run": dry_run})
    return type(inputs.__name__, (last, inputs), {"__doc__": inputs.__doc__})


def in_order(loaded: Mapping[str, Any], **names: str) -> None:
    """Refuse a later bound that is before the earlier one, where both are given; the later one bears the error.

    Args:
        loaded: what the schema has loaded.
        names: attribute of the earlier and then of the later one in the schema, and what each is called outside.
    """
    (earlier, earlier_name), (later, later_name) = names.items()
    first, last = loaded.get(earlier), loaded.get(later)
    if first is not None and last is not None and last < first:
        raise ValidationError({later_name: [f"must not be before {earlier_name}"]})


def exactly_one(loaded: Mapping[str, Any], **names: str) -> None:
    """Refuse inputs of which exactly one must be given, where none or several are; the first one bears the error.

    Args:
        loaded: what the schema has loaded.
        names: attribute of each in the schema, and its name outside.
    """
    given = [name for attribute, name in names.items() if loaded.get(attribute) is not None]
    first, *others = given or names.values()
    if len(given) > 1:
        raise ValidationError({first: [f"must not be given together with {' or '.join(others)}"]})
    if not given:
        raise ValidationError({first: [f"is missing; give it or {' or '.join(others)}"]})
