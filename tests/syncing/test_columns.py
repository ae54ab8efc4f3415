"""Columns of changed issues."""

from __future__ import annotations

from vantage_jira_plugin.syncing.columns import change_columns, columns_changed

_ALWAYS = tuple({"name": name, "type": "string", "title": name} for name in ("id", "key", "url"))


def _column(name, kind="string"):
    return {"name": name, "type": kind, "title": name}


def test_the_change_stands_behind_id_key_and_url():
    """Every row begins with id, key, url and then says what changed."""
    names = [column["name"] for column in change_columns((*_ALWAYS, _column("summary")))]
    assert names == ["id", "key", "url", "change", "changedAt", "previousKey", "inQuery", "summary"]


def test_a_field_of_the_same_name_is_told_apart():
    """A field whose column would be called as one of the change gets another name; no other does."""
    names = [column["name"] for column in change_columns((*_ALWAYS, _column("change"), _column("Change")))]
    assert names[-2:] == ["change (field)", "Change"]


def test_a_field_that_is_called_as_the_other_name_keeps_its_own():
    """Where a field is called as a clashing one would be, no two columns have one name, in columns nor in rows."""
    names = [column["name"] for column in change_columns((*_ALWAYS, _column("change"), _column("change (field)")))]
    assert names[-2:] == ["change (field) (field)", "change (field)"]


def test_columns_that_came_went_or_changed_are_told():
    """Each difference to the last call is one text; a first call has none."""
    columns = [_column("a"), _column("b", "number"), _column("c")]
    before = [("a", "string"), ("b", "string"), ("d", "date")]
    assert columns_changed(before, columns) == [
        "the column c (string) is new",
        "the column d (date) is gone",
        "the column b was string and is now number",
    ]
    assert columns_changed((), columns) == []
    assert columns_changed([("a", "string")], columns[:1]) == []
