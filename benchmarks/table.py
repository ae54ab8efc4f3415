"""A Markdown table that is filled row by row. It knows nothing of what it shows."""

from __future__ import annotations


class Table:
    """A table with these heads."""

    def __init__(self, heads: tuple[str, ...]) -> None:
        self._heads = heads
        self._rows: list[tuple[str, ...]] = []

    def add(self, *cells: object) -> None:
        """Add a row."""
        if len(cells) != len(self._heads):
            raise ValueError(f"{len(cells)} cells for {len(self._heads)} heads")
        self._rows.append(tuple(str(cell).replace("|", "\\|") for cell in cells))

    def __str__(self) -> str:
        lines = [f"| {' | '.join(cells)} |" for cells in (self._heads, *self._rows)]
        return "\n".join([lines[0], f"|{'---|' * len(self._heads)}", *lines[1:]])
