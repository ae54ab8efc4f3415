from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft4Validator

from tests.simulator.asking import document
from vantage_jira_plugin.simulator.documents import is_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def judge(shared_jira: Path) -> Draft4Validator:
    """Atlassian's own schema of documents."""
    return Draft4Validator(json.loads((shared_jira / "spec" / "adf-schema-full.json").read_text()))


def _documents(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return documents with the names under which `validity.json` judges them."""
    for path in sorted(folder.iterdir()):
        if path.name == "validity.json":
            continue
        if path.suffix == ".json":
            yield path.name, json.loads(path.read_text())
        else:
            for number, line in enumerate(path.read_text().splitlines()):
                entry = json.loads(line)
                yield f"{path.name}#{number}", entry.get("doc", entry)


def _parts(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return parts of a document as documents, where they belong and where they do not."""
    for block in whole.get("content") or ():
        yield {"type": "doc", "version": 1, "content": [block]}
        if not isinstance(block, dict):
            continue
        for child in block.get("content") or ():
            yield {"type": "doc", "version": 1, "content": [child]}
            yield {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [child]}]}
        for name in ("attrs", "content"):
            if name in block:
                without = {key: value for key, value in block.items() if key != name}
                yield {"type": "doc", "version": 1, "content": [without]}
        yield {"type": "doc", "version": 1, "content": [{**block, "colour": "red"}]}


def _shape(node: Any) -> str:
    """Return what a node is made of without its values."""
    if isinstance(node, dict):
        inner = ",".join(name if name != "type" else str(node[name]) for name in node if name != "content")
        marks = _shape(node["marks"]) if "marks" in node else ""
        attrs = ",".join(node["attrs"]) if isinstance(node.get("attrs"), dict) else ""
        return f"{inner}{marks}({attrs}){_shape(node.get('content', ''))}"
    return "[" + " ".join(dict.fromkeys(map(_shape, node))) + "]" if isinstance(node, list) else ""


def test_verdicts_are_those_of_the_schema(shared_jira: Path, judge: Draft4Validator) -> None:
    """Recorded and authored documents, and their parts in every shape, are judged as the schema judges them."""
    folder = shared_jira / "recorded" / "adf"
    known = json.loads((folder / "validity.json").read_text())
    verdicts = {True: 0, False: 0}
    seen: set[str] = set()
    for name, whole in _documents(folder):
        if name in known:
            assert is_document(whole) == known[name], name
        for part in _parts(whole):
            text = json.dumps(part)
            if text not in seen:
                seen.add(text)
                expected = judge.is_valid(part)
                verdicts[expected] += 1
                assert is_document(part) == expected, text
    assert min(verdicts.values()) > 100


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        [],
        {},
        {"type": "doc", "version": 1},
        {"type": "doc", "version": 2, "content": []},
        {"type": "doc", "version": True, "content": []},
        {"type": "doc", "version": 1, "content": "text"},
        {"type": "doc", "version": 1, "content": [], "colour": "red"},
        {"type": "doc", "version": 1, "content": [{"type": "text", "text": "bare"}]},
        {"type": "doc", "version": 1, "content": [{"type": "unknown"}]},
        {"type": "doc", "version": 1, "content": [None]},
        document(""),
    ],
)
def test_what_is_no_document(value: object) -> None:
    """Strings, empty texts, wrong versions, bare text and unknown nodes are refused."""
    assert not is_document(value)


def test_a_document() -> None:
    """Paragraphs of text make a document; nothing at all makes an empty one."""
    assert is_document(document("Hello", "World"))
    assert is_document({"type": "doc", "version": 1, "content": []})


def test_nesting_has_an_end() -> None:
    """A document nested beyond reason is refused rather than crashing."""
    item: dict[str, Any] = {"type": "listItem", "content": document("x")["content"]}
    for _ in range(300):
        item = {"type": "listItem", "content": [{"type": "bulletList", "content": [item]}]}
    assert not is_document({"type": "doc", "version": 1, "content": [{"type": "bulletList", "content": [item]}]})


_MARKS = ["strong", "em", "code", "underline", "strike", "unknown"]


@given(st.lists(st.sampled_from(_MARKS), unique=True, max_size=4), st.text(max_size=5))
def test_code_stands_alone_among_formats(marks: list[str], text: str) -> None:
    """Formats combine with each other, `code` with none of them, and text is never empty."""
    node = {"type": "text", "text": text, "marks": [{"type": mark} for mark in marks]}
    paragraph = {"type": "paragraph", "content": [node]}
    expected = bool(text) and "unknown" not in marks and ("code" not in marks or marks == ["code"])
    assert is_document({"type": "doc", "version": 1, "content": [paragraph]}) == expected


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "content", "attrs", "marks", "text", "version", "level"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@given(_JSON, st.sampled_from(["type", "content", "attrs", "marks", "text"]))
def test_any_json_gets_a_verdict(value: Any, name: str) -> None:
    """Whatever comes in place of a document, or of a part of one, is judged and never fails."""
    assert is_document(value) in {True, False}
    whole = copy.deepcopy(document("x"))
    whole["content"][0][name] = value
    assert is_document(whole) in {True, False}
