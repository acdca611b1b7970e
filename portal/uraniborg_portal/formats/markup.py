"""Text in XML: escaped, and without the characters that XML 1.0 forbids."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FORBIDDEN_PATTERN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"
"""The same characters as an RE2 pattern, for whole columns (surrogates can't be in UTF-8)."""
REPLACEMENT = "?"
"""What stands for a forbidden character: ASCII, so that a `char` column stays one."""


def text(value: str) -> str:
    """Give a string as the content of an element; forbidden characters become question marks."""
    clean = _FORBIDDEN.sub(REPLACEMENT, value)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def attribute(value: str) -> str:
    """Give a string as the value of an attribute, with its quotes; line ends survive."""
    inner = text(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f'"{inner}"'
