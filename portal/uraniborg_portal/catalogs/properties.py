"""HATS properties files: `key=value` lines, as Java writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from uraniborg_portal.errors import BadParameter

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def render(title: str, values: Mapping[str, object]) -> str:
    """Give the text of a properties file; keys keep their order, values that are None are left out."""
    lines = [f"#{title}"]
    lines += [f"{key}={_escape(str(value))}" for key, value in values.items() if value is not None]
    return "\n".join(lines) + "\n"


def parse(text: str) -> dict[str, str]:
    """Give the keys and values of a properties file; comments and empty lines are skipped."""
    values = {}
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and stripped[0] not in "#!" and "=" in stripped:
            key, _, value = stripped.partition("=")
            values[key.strip()] = _unescape(value.strip())
    return values


def read(path: Path) -> dict[str, str]:
    """Give the keys and values of the properties file at `path`.

    Raises
    ------
    BadParameter
        There is no such file.
    """
    try:
        return parse(path.read_text("utf-8"))
    except OSError as error:
        raise BadParameter(
            f"{path} can't be read ({error.strerror}): a HATS catalog has it.",
            "Give the folder that holds collection.properties or hats.properties.",
        ) from error


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    out, characters = [], iter(value)
    for character in characters:
        following = next(characters, "") if character == "\\" else character
        out.append(_ESCAPES.get(following, following) if character == "\\" else character)
    return "".join(out)
