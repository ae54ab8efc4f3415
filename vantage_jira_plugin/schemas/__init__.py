"""Declares and checks data from outside; settings and action inputs are both schemas of these fields."""

from .fields import Checked, Flag, IsoDate, Number, Text, TextList, WholeNumber
from .formats import Base64, Moment
from .loading import UNCHANGED, declared, json_schema, load, nearest

__all__ = [
    "UNCHANGED",
    "Base64",
    "Checked",
    "Flag",
    "IsoDate",
    "Moment",
    "Number",
    "Text",
    "TextList",
    "WholeNumber",
    "declared",
    "json_schema",
    "load",
    "nearest",
]
