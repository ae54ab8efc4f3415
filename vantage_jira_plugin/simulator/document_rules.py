"""The rules of Atlassian documents (ADF) as tables. They are applied in `documents`.

They are those of Atlassian's own JSON schema, in a compact form.
Source: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ and
`json-schema/v1/full.json` of https://www.npmjs.com/package/@atlaskit/adf-schema 57.7.22
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ATTRIBUTES", "CHILDREN", "CONTENT_OPTIONAL", "MARKS", "NODE_MARKS", "PLACE_MARKS", "Attributes"]

Check = Callable[[Any], bool]


def _string(value: Any) -> bool:
    return isinstance(value, str)


def _filled(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _anything(_value: Any) -> bool:
    return True


def _numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(_number, value))


def _strings(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(map(_string, value))


def _between(low: float, high: float) -> Check:
    return lambda value: _number(value) and low <= value <= high


def _one_of(*choices: str) -> Check:
    return lambda value: isinstance(value, str) and value in choices


def _like(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _datasource(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"id", "parameters", "views"}:
        return False
    views = value["views"]
    return (
        _string(value["id"])
        and isinstance(views, list)
        and views != []
        and all(
            isinstance(view, dict) and _string(view.get("type")) and set(view) <= {"type", "properties"}
            for view in views
        )
    )


#: Attributes by name: a name with `!` must be there.
Attributes = Mapping[str, Check]

_LAYOUT = _one_of("wide", "full-width", "center", "wrap-right", "wrap-left", "align-end", "align-start")
_HEX = _like("#[0-9a-fA-F]{6}")
_LOCAL: Attributes = {"localId": _string}
_CODE: Attributes = {
    "language": _string,
    "uniqueId": _string,
    "wrap": _boolean,
    "hideLineNumbers": _boolean,
    **_LOCAL,
}
_CARD: tuple[Attributes, ...] = ({"url!": _string, **_LOCAL}, {"data!": _anything, **_LOCAL})
_EXTENSION: Attributes = {
    "extensionKey!": _filled,
    "extensionType!": _filled,
    "parameters": _anything,
    "text": _string,
    "localId": _filled,
}
_BLOCK_EXTENSION: Attributes = {**_EXTENSION, "layout": _one_of("wide", "full-width", "default")}
_CELL: Attributes = {
    "colspan": _number,
    "rowspan": _number,
    "colwidth": _numbers,
    "background": _string,
    "valign": _one_of("top", "middle", "bottom"),
    **_LOCAL,
}
_TASK: Attributes = {"localId!": _string, "state!": _one_of("TODO", "DONE")}
_SYNC: Attributes = {"resourceId!": _string, "localId!": _string}
_FILE: Attributes = {
    "alt": _string,
    "width": _number,
    "height": _number,
    "occurrenceKey": _filled,
    **_LOCAL,
}

#: Every node with the attributes that it may have: one of the alternatives must fit. Nodes that need
#: `attrs` have a required name in every alternative; an empty tuple: no `attrs` at all.
ATTRIBUTES: Mapping[str, tuple[Attributes, ...]] = {
    "blockCard": (
        {
            "datasource!": _datasource,
            "url": _string,
            "width": _number,
            "layout": _LAYOUT,
            **_LOCAL,
        },
        *_CARD,
    ),
    "blockTaskItem": (_TASK,),
    "blockquote": (_LOCAL,),
    "bodiedExtension": (_BLOCK_EXTENSION,),
    "bodiedSyncBlock": (_SYNC,),
    "bulletList": (_LOCAL,),
    "caption": (_LOCAL,),
    "codeBlock": (_CODE,),
    "date": ({"timestamp!": _filled, **_LOCAL},),
    "decisionItem": ({"localId!": _string, "state!": _string},),
    "decisionList": ({"localId!": _string},),
    "embedCard": (
        {
            "url!": _string,
            "layout!": _LAYOUT,
            "width": _between(0, 100),
            "originalHeight": _number,
            "originalWidth": _number,
            **_LOCAL,
        },
    ),
    "emoji": ({"shortName!": _string, "id": _string, "text": _string, **_LOCAL},),
    "expand": ({"title": _string, **_LOCAL},),
    "extension": (_BLOCK_EXTENSION,),
    "hardBreak": ({"text": _one_of("\n"), **_LOCAL},),
    "heading": ({"level!": _between(1, 6), **_LOCAL},),
    "inlineCard": _CARD,
    "inlineExtension": (_EXTENSION,),
    "layoutColumn": ({"width!": _between(0, 100), "valign": _one_of("top", "middle", "bottom"), **_LOCAL},),
    "layoutSection": (_LOCAL,),
    "listItem": (_LOCAL,),
    "media": (
        {"type!": _one_of("link", "file"), "id!": _filled, "collection!": _string, **_FILE},
        {
            "type!": _one_of("external"),
            "url!": _string,
            "alt": _string,
            "width": _number,
            "height": _number,
            **_LOCAL,
        },
    ),
    "mediaGroup": (),
    "mediaInline": (
        {
            "type": _one_of("link", "file", "image"),
            "id!": _filled,
            "collection!": _string,
            "data": _anything,
            **_FILE,
        },
    ),
    "mediaSingle": (
        {
            "layout!": _LAYOUT,
            "width": _between(0, 100),
            "widthType": _one_of("percentage"),
            **_LOCAL,
        },
        {
            "layout!": _LAYOUT,
            "width!": _between(0, float("inf")),
            "widthType!": _one_of("pixel"),
            **_LOCAL,
        },
    ),
    "mention": (
        {
            "id!": _string,
            "text": _string,
            "accessLevel": _string,
            "userType": _one_of("DEFAULT", "SPECIAL", "APP"),
            **_LOCAL,
        },
    ),
    "nestedExpand": ({"title": _string, **_LOCAL},),
    "orderedList": ({"order": _between(0, float("inf")), **_LOCAL},),
    "panel": (
        {
            "panelType!": _one_of("info", "note", "tip", "warning", "error", "success", "custom"),
            "panelIcon": _string,
            "panelIconId": _string,
            "panelIconText": _string,
            "panelColor": _string,
            **_LOCAL,
        },
    ),
    "paragraph": (_LOCAL,),
    "placeholder": ({"text!": _string, **_LOCAL},),
    "rule": (_LOCAL,),
    "status": (
        {
            "text!": _filled,
            "color!": _like("neutral|purple|blue|red|yellow|green|#[0-9a-fA-F]{6}"),
            "style": _string,
            **_LOCAL,
        },
    ),
    "syncBlock": (_SYNC,),
    "table": (
        {
            "displayMode": _one_of("default", "fixed"),
            "isNumberColumnEnabled": _boolean,
            "layout": _one_of("wide", "full-width", "center", "align-end", "align-start", "default"),
            "localId": _filled,
            "width": _number,
        },
    ),
    "tableCell": (_CELL,),
    "tableHeader": (_CELL,),
    "tableRow": (_LOCAL,),
    "taskItem": (_TASK,),
    "taskList": ({"localId!": _string},),
    "text": (),
}

_INLINE = "text date emoji hardBreak inlineCard mention placeholder status inlineExtension mediaInline"
_LISTS = "bulletList orderedList taskList"
_MEDIA = "mediaSingle mediaGroup"
_NESTABLE = f"paragraph heading codeBlock {_MEDIA} {_LISTS} decisionList rule extension"
_BLOCKS = f"{_NESTABLE} panel blockquote table blockCard embedCard"

#: What a node holds: names of children, fewest, most. Nodes that are missing here hold nothing.
CHILDREN: Mapping[str, tuple[str, int, float]] = {
    "doc": (f"{_BLOCKS} expand bodiedExtension layoutSection syncBlock bodiedSyncBlock", 0, float("inf")),
    "blockTaskItem": ("paragraph extension", 1, float("inf")),
    "blockquote": (f"paragraph orderedList bulletList codeBlock {_MEDIA} extension", 1, float("inf")),
    "bodiedExtension": (_BLOCKS, 1, float("inf")),
    "bodiedSyncBlock": (f"{_BLOCKS} expand layoutSection", 1, float("inf")),
    "bulletList": ("listItem", 1, float("inf")),
    "caption": (
        "hardBreak mention emoji date placeholder inlineCard status text",
        0,
        float("inf"),
    ),
    "codeBlock": ("text", 0, float("inf")),
    "decisionItem": (_INLINE, 0, float("inf")),
    "decisionList": ("decisionItem", 1, float("inf")),
    "expand": (f"{_BLOCKS} nestedExpand", 1, float("inf")),
    "heading": (_INLINE, 0, float("inf")),
    "layoutColumn": (f"{_BLOCKS} expand bodiedExtension", 1, float("inf")),
    "layoutSection": ("layoutColumn", 2, 3),
    "listItem": (f"paragraph {_LISTS} mediaSingle codeBlock extension", 1, float("inf")),
    "mediaGroup": ("media", 1, float("inf")),
    "mediaSingle": ("media caption", 1, 2),
    "nestedExpand": (f"{_NESTABLE} panel blockquote", 1, float("inf")),
    "orderedList": ("listItem", 1, float("inf")),
    "panel": (f"{_NESTABLE} blockCard", 1, float("inf")),
    "paragraph": (_INLINE, 0, float("inf")),
    "table": ("tableRow", 1, float("inf")),
    "tableCell": (f"{_BLOCKS} nestedExpand".replace(" table ", " "), 1, float("inf")),
    "tableHeader": (f"{_BLOCKS} nestedExpand".replace(" table ", " "), 1, float("inf")),
    "tableRow": ("tableCell tableHeader", 0, float("inf")),
    "taskItem": (_INLINE, 0, float("inf")),
    "taskList": ("taskItem taskList blockTaskItem", 1, float("inf")),
}
#: Nodes that may leave `content` out.
CONTENT_OPTIONAL = frozenset({"caption", "codeBlock", "decisionItem", "heading", "paragraph", "taskItem"})

#: Marks with their attributes; None: no attributes at all.
MARKS: Mapping[str, Attributes | None] = {
    "alignment": {"align!": _one_of("center", "end")},
    "annotation": {"id!": _string, "annotationType!": _one_of("inlineComment")},
    "backgroundColor": {"color!": _HEX},
    "border": {"size!": _between(1, 3), "color!": _like("#[0-9a-fA-F]{8}|#[0-9a-fA-F]{6}")},
    "breakout": {"mode!": _one_of("wide", "full-width"), "width": _number},
    "code": None,
    "dataConsumer": {"sources!": _strings},
    "em": None,
    "fontSize": {"fontSize!": _one_of("small")},
    "fragment": {"localId!": _filled, "name": _string},
    "indentation": {"level!": _between(1, 6)},
    "link": {
        "href!": _string,
        "title": _string,
        "id": _string,
        "collection": _string,
        "occurrenceKey": _string,
    },
    "strike": None,
    "strong": None,
    "subsup": {"type!": _one_of("sub", "sup")},
    "textColor": {"color!": _HEX},
    "underline": None,
}

_FORMATS = "link em strong strike subsup underline textColor annotation backgroundColor"
_ALIGNED = ("fontSize alignment", "fontSize indentation")
_MEDIA_MARKS = ("dataConsumer link annotation border",)
#: Marks of a node wherever it stands: alternatives, of which one must hold all marks of the node.
#: A node that is missing here has no `marks`, not even an empty list.
NODE_MARKS: Mapping[str, tuple[str, ...]] = {
    "bodiedExtension": ("dataConsumer fragment",),
    "bodiedSyncBlock": ("breakout",),
    "codeBlock": ("",),
    "expand": ("",),
    "extension": ("dataConsumer fragment",),
    "heading": ("",),
    "inlineExtension": ("dataConsumer fragment",),
    "layoutSection": ("breakout",),
    "media": _MEDIA_MARKS,
    "mediaInline": _MEDIA_MARKS,
    "mediaSingle": ("link",),
    "paragraph": ("",),
    "syncBlock": ("breakout",),
    "table": ("fragment",),
    "text": (_FORMATS, "code link annotation"),
}
#: The same for a node in one kind of parent.
PLACE_MARKS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("doc", "paragraph"): _ALIGNED,
    ("doc", "heading"): ("alignment", "indentation"),
    ("doc", "codeBlock"): ("breakout",),
    ("doc", "expand"): ("breakout",),
    ("bodiedSyncBlock", "paragraph"): _ALIGNED,
    ("bodiedSyncBlock", "heading"): ("alignment", "indentation"),
    ("layoutColumn", "paragraph"): _ALIGNED,
    ("layoutColumn", "heading"): ("alignment", "indentation"),
    ("tableCell", "paragraph"): ("fontSize alignment",),
    ("tableCell", "heading"): ("alignment", "indentation"),
    ("tableHeader", "paragraph"): ("fontSize alignment",),
    ("tableHeader", "heading"): ("alignment", "indentation"),
    ("codeBlock", "text"): ("",),
    **{
        (parent, "paragraph"): ("fontSize",)
        for parent in ("blockTaskItem", "bodiedExtension", "expand", "listItem", "nestedExpand", "panel")
    },
}
