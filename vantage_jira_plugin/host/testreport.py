"""JUnit XML test reports as flat rows. Nothing here knows of actions or envelopes.

Source: https://github.com/testmoapp/junitxml (the format, as written by pytest and others)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COLUMNS", "read_test_report"]

#: Columns of a row, in order, with their JSON types.
COLUMNS = {
    "suite": "string",
    "name": "string",
    "classname": "string",
    "file": "string",
    "line": "integer",
    "outcome": "string",
    "message": "string",
    "details": "string",
    "timeSeconds": "number",
}


def read_test_report(content: bytes) -> list[dict[str, Any]]:
    """Return one row per test: `{suite, name, ..., outcome: passed|failed|error|skipped, ...}`.

    Raises:
        ValueError: this is not a JUnit XML report.
    """
    # Reports never declare entities; refusing them keeps hostile files cheap (see Python's `xml` warnings).
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("a test report must not hold a document type declaration")
    try:
        root: Any = JUnitXml.fromstring(content)
    except (ParseError, JUnitXmlError, LookupError) as error:  # LookupError: an unknown encoding
        raise ValueError(f"not a JUnit XML report: {error}") from error
    return [row for suite in root for row in _suite_rows(suite)]


def _suite_rows(suite: Any) -> Iterator[dict[str, Any]]:
    for case in suite.iterchildren(TestCase):
        yield _case_row(suite.name, case)
    for inner in suite.testsuites():
        yield from _suite_rows(inner)


def _case_row(suite: str | None, case: Any) -> dict[str, Any]:
    results = {type(result): result for result in reversed(case.result)}
    kinds = ((Error, "error"), (Failure, "failed"), (Skipped, "skipped"))
    outcome, result = next(((name, results[kind]) for kind, name in kinds if kind in results), ("passed", None))
    attributes = case._elem.attrib  # noqa: SLF001 - junitparser has no public access to other attributes
    return {
        "suite": suite,
        "name": case.name,
        "classname": case.classname,
        "file": attributes.get("file"),
        "line": _number(attributes.get("line"), int),
        "outcome": outcome,
        "message": None if result is None else result.message,
        "details": None if result is None else result.text,
        "timeSeconds": _number(attributes.get("time"), float),
    }


def _number(text: str | None, kind: type[int | float]) -> float | None:
    """Return the number, or None where a report has none or nonsense."""
    try:
        number = None if text is None else kind(text)
    except ValueError:
        return None
    return number if number is None or abs(number) < float("inf") else None
