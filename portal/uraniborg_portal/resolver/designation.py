"""Names as people write them, brought to one key; pure."""

from __future__ import annotations

import re
import unicodedata

FULL_WORDS = {"messier": "m", "hipparcos": "hip", "barnard": "b"}
"""Catalog names that people write out."""


def key(text: str) -> str:
    """Give the key under which a name is found.

    The same for `M42`, `m 42`, `Messier 042`; for `NGC 224`, `ngc0224`; for `Barnard's star`, `barnards-star`.
    Signs between digits stay: they part coordinates in designations.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("'", "")
    plain = re.sub(r"^(messier|hipparcos|barnard)(?=[\s_]*\d)", lambda found: FULL_WORDS[found[0]], plain.strip())
    plain = re.sub(r"(?<!\d)[-+]|[-+](?!\d)|[^a-z0-9+-]", "", plain)
    return re.sub(r"(?<!\d)0+(?=\d)", "", plain)


def spaced(name: str) -> str:
    """Give a catalog name as people read it: `NGC0224` is `NGC 224`, `M040` is `M40`."""
    found = re.fullmatch(r"([A-Za-z]+)0*(\d[\d-]*)", name)
    if not found:
        return name
    return f"{found[1]}{found[2]}" if found[1] == "M" else f"{found[1]} {found[2]}"
