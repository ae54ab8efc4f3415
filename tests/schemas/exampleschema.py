"""A schema with one field of each kind, for the tests of `schemas`. No tests."""

from __future__ import annotations

from marshmallow import Schema

from vantage_jira_plugin.schemas import UNCHANGED, Flag, IsoDate, Number, Text, TextList, WholeNumber

__all__ = ["GIVEN", "Example"]

#: The required fields of `Example`.
GIVEN = {"projectKey": "DEV", "title": "Crash"}

_WORD = {"pattern": r"[A-Z][A-Z0-9_]{0,9}", "right": "a key such as DEV", "upper": True}


class Example(Schema):
    """One field of each kind."""

    key = Text(required=True, max_length=10, data_key="projectKey", **_WORD)
    title = Text(required=True, max_length=8, metadata={"title": "Title", "description": "What it is.", "x": 1})
    note = Text(max_length=20, lines=True)
    word = Text(max_length=8, pattern=r"\S+", right="one word")
    code = Text(max_length=10, min_length=3)
    day = IsoDate()
    count = WholeNumber(minimum=1, maximum=100, load_default=10, data_key="maxRows", metadata={"examples": [5]})
    wait = Number(minimum=0, maximum=3600)
    wait_null = Number(minimum=0, maximum=3600, allow_none=False)
    flag = Flag(data_key="readOnly")
    names = TextList(Text(max_length=5), max_items=3, load_default=("a", "b"))
    keys = TextList(Text(max_length=10, **_WORD), max_items=3, commas=True)
    clear = Text(max_length=8, load_default=UNCHANGED, allow_none=True)
    change = Text(max_length=8, load_default=UNCHANGED, refuses_null=True)
    clear_list = TextList(Text(max_length=5), max_items=3, load_default=UNCHANGED, allow_none=True)
    change_list = TextList(Text(max_length=5), max_items=3, load_default=UNCHANGED, refuses_null=True)
