"""Finding the operation that a method and path name. Knows no operation itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vantage_jira_plugin.simulator.operations import Route

__all__ = ["Found", "Router"]


@dataclass(frozen=True, slots=True)
class Found:
    """An operation and the values of its path parameters, decoded."""

    route: Route
    parameters: dict[str, str]


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


class Router:
    """Routes as a tree of path segments; a literal segment wins over a parameter."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.template.split("/")[1:]:
                if segment.startswith("{"):
                    node.parameter = node = node.parameter or _Node()
                else:
                    node = node.literals.setdefault(segment, _Node())
            if route.method in node.routes:
                raise ValueError(f"two operations for {route.method} {route.template}")
            node.routes[route.method] = route

    def find(self, method: str, path: str) -> Found | frozenset[str]:
        """Return the operation, or the methods that the path does have: none where it is unknown."""
        segments = path.split("/")[1:]
        allowed: set[str] = set()
        for node in _leaves(self._root, segments, 0):
            route = node.routes.get(method)
            if route is not None:
                return Found(route, _parameters(route, segments))
            allowed.update(node.routes)
        return frozenset(allowed)


def _leaves(node: _Node, segments: Sequence[str], index: int) -> Iterator[_Node]:
    if index == len(segments):
        if node.routes:
            yield node
        return
    literal = node.literals.get(segments[index])
    if literal is not None:
        yield from _leaves(literal, segments, index + 1)
    if node.parameter is not None and segments[index]:
        yield from _leaves(node.parameter, segments, index + 1)


def _parameters(route: Route, segments: Sequence[str]) -> dict[str, str]:
    names = route.template.split("/")[1:]
    return {name[1:-1]: unquote(segment) for name, segment in zip(names, segments, strict=True) if name.startswith("{")}
