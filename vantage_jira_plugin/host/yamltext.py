"""YAML in and out, as JSON data only. What a document means is the caller's business."""

from __future__ import annotations

import re
from typing import Any

import yaml

__all__ = ["dump_yaml", "load_yaml"]


class _Loader(yaml.SafeLoader):
    """Refuses repeated keys and leaves dates and words such as `no` as text, as YAML 1.2 does."""


#: Most nodes of a document, each alias counted with all that it stands for.
MAX_NODES = 100_000
_TAG = "tag:yaml.org,2002:"
#: Types of JSON; a tag for any other, such as !!binary or !!set, is refused.
_JSON_TAGS = frozenset(_TAG + name for name in ("null", "bool", "int", "float", "str", "seq", "map"))
#: Types that PyYAML, which follows YAML 1.1, sees in more texts than people expect: 012 and 12:30 are no numbers.
_DOUBTFUL_TAGS = (_TAG + "timestamp", _TAG + "bool", _TAG + "int", _TAG + "float")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _DOUBTFUL_TAGS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Writes equal parts twice instead of an anchor and a reference to it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Never refer back."""
        return True


# The loader takes nothing else for these types; the dumper quotes what either version of YAML would.
# Source: https://yaml.org/spec/1.2.2/#1032-tag-resolution
for _class in (_Loader, _Dumper):
    _class.add_implicit_resolver(_TAG + "bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
    _class.add_implicit_resolver(_TAG + "int", re.compile("^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))
    _class.add_implicit_resolver(
        _TAG + "float",
        re.compile(
            r"^[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)\.[0-9]*(?:[eE][-+]?[0-9]+)?|(?:0|[1-9][0-9]*)[eE][-+]?[0-9]+)$"
        ),
        list("-+.0123456789"),
    )


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _ in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} comes twice", key_node.start_mark)
        seen.add(key)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _count(node: yaml.Node | None, known: dict[int, int]) -> int:
    """Return how many nodes a part has, aliases written out, before anything is built of it."""
    if node is None:
        return 0
    if node.tag not in _JSON_TAGS and node.tag != _TAG + "merge":
        problem = f"{node.tag.removeprefix(_TAG)} is no type of JSON"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    if id(node) not in known:
        known[id(node)] = MAX_NODES  # a part that holds itself never ends
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        parts = node.value if isinstance(node, yaml.SequenceNode) else [part for pair in pairs for part in pair]
        known[id(node)] = 1 + sum(_count(part, known) for part in parts)
    if known[id(node)] > MAX_NODES:
        problem = f"the document has more than {MAX_NODES} parts"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    return known[id(node)]


def load_yaml(text: str) -> Any:
    """Return the data of a YAML document.

    Raises:
        ValueError: not YAML, or a key comes twice; the text names the line.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            _count(node, {})
            return None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise ValueError(f"{where}{getattr(error, 'problem', None) or error}") from error


def dump_yaml(document: object) -> str:
    """Return JSON data as YAML, in its own order."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text
