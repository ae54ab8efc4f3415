"""What the input `target` means: a place, a format, and what may be said of it. Nothing is read or written there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from vantage_jira_plugin.errors import InputError

from .formats import SUFFIXES, TEXT_FORMATS

__all__ = ["Target", "parse_target"]

_COMPRESSED = ".gz"
#: `scheme://`, or fsspec's chains of them (`zip://a::s3://b`).
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(?:://|::)")
#: Other names of the local file system in fsspec, under which a folder of the settings would not be seen.
_OTHER_LOCAL = frozenset({"local"})
_CONTROL = re.compile("[\x00-\x1f\x7f]")
#: How a URL begins that names a user and a password, or a host and a port.
_PASSWORD = re.compile(r"[^/@]*:")
#: What leads out of a folder: two dots between slashes, written in any way.
_UPWARDS = re.compile(r"(?:^|[/\\])(?:\.|%2e){2}(?:[/\\?#]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an export goes, and in which format.

    Attributes:
        shown: for rows and messages; it has no credentials in it.
        path: of a local file, absolute, its folder without links; None elsewhere.
        url: of a file elsewhere, as it was given.
        compressed: whether the whole file is compressed with gzip.
    """

    shown: str
    format: str
    compressed: bool
    path: Path | None = None
    url: str | None = field(default=None, repr=False)


def parse_target(text: str, file_format: str | None, export_folder: str | None) -> Target:
    """Return what a target means.

    Args:
        text: a path, or a URL.
        file_format: one of `SUFFIXES`; None where the end of the name is to tell.
        export_folder: the setting `exportFolder`: a folder or URL that holds all targets, or None.

    Raises:
        InputError: it means nothing, or a place that the settings do not allow; `errors` names the input `target`.
    """
    if export_folder is not None and export_folder.lower().startswith("file://"):
        export_folder = _file_path(export_folder)
    url = _URL.match(text)
    if url is None or url[1].lower() == "file":
        path = _local(text if url is None else _file_path(text), export_folder)
        chosen, compressed = _format(path.name, file_format)
        return Target(str(path), chosen, compressed, path=path)
    if "::" in text or url[1].lower() in _OTHER_LOCAL:
        raise _refused("must be one URL, without others inside, or a path")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _refused("is not a URL") from None
    name = parts.path.rpartition("/")[2] or parts.netloc.rpartition("@")[2]
    if text.endswith("/") or not name:
        raise _refused("must name a file, not a folder")
    if export_folder is not None and not _below(text, export_folder):
        raise _refused("is outside the folder that the setting exportFolder allows")
    chosen, compressed = _format(name, file_format)
    return Target(_shown(text), chosen, compressed, url=text)


def _format(name: str, file_format: str | None) -> tuple[str, bool]:
    """Return the format of a file of this name, and whether it is compressed."""
    plain = name.lower().removesuffix(_COMPRESSED)
    compressed = plain != name.lower()
    by_name = next((known for known, ends in SUFFIXES.items() if plain.endswith(ends)), None)
    chosen = file_format or by_name
    if chosen is None:
        ends = ", ".join(end for ends in SUFFIXES.values() for end in ends)
        raise _refused(f"must end in one of {ends}, or the input format be given")
    if compressed and chosen not in TEXT_FORMATS:
        raise _refused(f"must not end in {_COMPRESSED}: {chosen} files are compressed inside")
    return chosen, compressed


def _file_path(text: str) -> str:
    """Return the path of a `file://` URL."""
    parts = urlsplit(text)
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/") or "::" in text:
        raise _refused("must be a file URL such as file:///data/issues.parquet")
    path = unquote(parts.path)
    if _CONTROL.search(path):
        raise _refused("must not hold control characters")
    return path


def _local(text: str, export_folder: str | None) -> Path:
    """Return the absolute path of a local file, whose folder is there; relative ones start at the setting's folder.

    Links in the folder are followed before it is judged. The file itself may be a link: it is replaced, not followed.
    """
    if export_folder is not None and _URL.match(export_folder):
        raise _refused("is outside the folder that the setting exportFolder allows")
    allowed = None if export_folder is None else Path(export_folder).resolve()
    try:
        given = (allowed or Path.cwd()) / text
        folder = given.parent.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise _refused("is in a folder that is not there, or not to be entered") from None
    path = folder / given.name
    try:
        is_folder = path.is_dir()
    except OSError:
        raise _refused("has a name that is too long there") from None
    if text.endswith("/") or given.name in {"", ".", ".."} or is_folder:
        raise _refused("must name a file, not a folder")
    if allowed is not None and not folder.is_relative_to(allowed):
        raise _refused("is outside the folder that the setting exportFolder allows")
    return path


def _below(url: str, folder: str) -> bool:
    """Tell whether a URL is below another, without a step upwards on the way."""
    return url.startswith(folder.rstrip("/") + "/") and not _UPWARDS.search(url)


def _shown(url: str) -> str:
    """Return a URL without the names, passwords and signatures that it may carry.

    Passwords are written as they are, slashes and question marks included: what may be a part of one is hidden, too,
    though it be a path.
    """
    scheme, _, rest = url.partition("://")
    place, mark, query = rest.partition("?")
    hidden = ""
    if _PASSWORD.match(place):
        if "@" not in place and "@" in query:
            place = "***"
        user, _, place = place.rpartition("@")
        hidden = "***@" if "/" in user else ""
    host, slash, path = place.partition("/")
    return f"{scheme}://{hidden}{host.rpartition('@')[2]}{slash}{path.partition('#')[0]}{'?***' if mark else ''}"


def _refused(text: str) -> InputError:
    return InputError(f"target {text}", errors={"target": [text]})
