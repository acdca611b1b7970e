"""What a TAP service says of its answer (DALI 1.1, section 4.4); pure. The document is not parsed: anybody wrote it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

INFO = re.compile(rb"<(?:\w{1,20}:)?INFO\b([^<>]{0,2000})(/>|>([^<]{0,4000}|<!\[CDATA\[.{0,4000}?\]\]>)</)", re.DOTALL)
ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
TAG = re.compile(r"<[^<>]{0,2000}>")
HEAD, TAIL = 32_768, 8_192
"""Bytes of a document in which it says how it fared: before the table, and after it."""
LONGEST = 600
"""Characters that are shown of a service's words."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """What a document says of the query."""

    overflow: bool = False
    error: str | None = None
    """The service's own words; None where it reports no error."""


def status_of(document: bytes) -> Status:
    """Give what the INFO elements with the name QUERY_STATUS say."""
    overflow, error = False, None
    whole = len(document) <= HEAD + TAIL
    for part in (document,) if whole else (document[:HEAD], document[-TAIL:]):
        for found in INFO.finditer(part):
            said = {
                name.lower(): html.unescape(double or single)
                for name, double, single in ATTRIBUTE.findall(found[1].decode("utf-8", "replace"))
            }
            if said.get("name") == "QUERY_STATUS":
                overflow = overflow or said.get("value") == "OVERFLOW"
                if said.get("value") == "ERROR":
                    error = plain(found[3] or b"") or "The service reports an error, without words."
    return Status(overflow=overflow, error=error)


def words_of(document: bytes) -> str:
    """Give the words of an answer that is no table: those of its error, otherwise its text."""
    return status_of(document).error or plain(document[:HEAD])


def plain(text: bytes) -> str:
    """Give markup as one line of plain text, cut where it is long."""
    words = TAG.sub(" ", text.decode("utf-8", "replace").replace("<![CDATA[", "").replace("]]>", ""))
    line = " ".join(html.unescape(words).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
