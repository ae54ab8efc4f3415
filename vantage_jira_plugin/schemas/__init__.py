"""Declares and checks data from outside; settings and action inputs are both schemas of these fields."""

from .fields import Checked, Flag, IsoDate, Number, Text, TextList, WholeNumber
from .loading import UNCHANGED, declared, json_schema, load, nearest

__all__ = [
    "UNCHANGED",
    "Checked",
    "Flag",
    "IsoDate",
    "Number",
    "Text",
    "TextList",
    "WholeNumber",
    "declared",
    "json_schema",
    "load",
    "nearest",
]
