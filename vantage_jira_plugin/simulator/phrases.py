"""What made-up issues say: summaries, and documents that many of them share. Nothing happens here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

__all__ = ["WORDS", "descriptions", "remarks"]

WORDS = ("sensor", "battery", "display", "upload", "report", "alarm", "export", "login")
#: Documents of each sort; issues share them, so that hundreds of thousands fit into memory.
_DOCUMENTS = 300
_SENTENCES = (
    "The {0} stops when the {1} is busy, and starts again after a minute.",
    "Customers see an old {0} until they open the {1} again.",
    "Nobody knows since when the {0} waits for the {1}; the log has it for two weeks.",
    "With the new {1} the {0} takes half the time, but only over a fast network.",
    "After the last release the {0} shows numbers that the {1} never sent.",
    "It is enough to switch the {0} off; the {1} finds its way back without help.",
)
_REMARKS = (
    "I can repeat it with every {0}. The {1} does not matter.",
    "Not before the {0} is out: it changes the {1} as well.",
    "Done on the test bench. Somebody should look at the {1} of the {0} again.",
    "The supplier says that the {0} is as it should be.",
)


def descriptions(chance: random.Random) -> Sequence[dict[str, Any]]:
    """Return documents that tell of a trouble: paragraphs, with marks, steps and code."""
    return [_description(chance) for _ in range(_DOCUMENTS)]


def remarks(chance: random.Random) -> Sequence[dict[str, Any]]:
    """Return documents of one paragraph."""
    return [_document(_paragraph(_said(chance, _REMARKS))) for _ in range(_DOCUMENTS)]


def _description(chance: random.Random) -> dict[str, Any]:
    word = chance.choice(WORDS)
    steps = [
        {"type": "listItem", "content": [_paragraph(f"Step {number}: {_said(chance, _SENTENCES)}")]}
        for number in range(1, chance.randint(1, 3))
    ]
    blocks = [_paragraph(_said(chance, _SENTENCES), _strong(f"Seen with every {word}."))]
    if steps:
        blocks.append({"type": "orderedList", "attrs": {"order": 1}, "content": steps})
    if chance.random() < 0.3:  # noqa: PLR2004 - some of them
        code = _text(f"{word}: timeout after {chance.randint(2, 60)} s")
        blocks.append({"type": "codeBlock", "attrs": {"language": "text"}, "content": [code]})
    return _document(*blocks)


def _said(chance: random.Random, sentences: Sequence[str]) -> str:
    return chance.choice(sentences).format(*chance.sample(WORDS, 2))


def _document(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(blocks)}


def _paragraph(text: str, *more: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [_text(f"{text} " if more else text), *more]}


def _strong(text: str) -> dict[str, Any]:
    return {**_text(text), "marks": [{"type": "strong"}]}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
