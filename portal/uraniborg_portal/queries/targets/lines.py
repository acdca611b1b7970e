"""Texts with a target in each line: a name, a position, or a label and a position; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from uraniborg_portal.queries.targets.models import Problem

ACCEPTED = "Accepted: 'M31', '10.68 41.27', '00:42:44.3 +41:16:09', 'my star, 10.68, 41.27'."
SEPARATORS = re.compile(r"[,;\t]")
HEADER = re.compile(
    r"((target|object|source|main|obj)?[_ ]?(name|id)|target|object|source|label|designation|"
    r"(ra|de|dec)([_ ]?j2000)?([_ ](deg|degrees|icrs|hms|dms)|\s?[\[(]\w+[\])])?)",
    re.IGNORECASE,
)
"""A field of a first line that names a column: `Target 5` is data."""
DECIMAL = r"[+-]?\d+\.\d*"
SEXAGESIMAL = r"[+-]?\d{1,3}:\d{1,2}:\d{1,2}(?:\.\d*)?"
LABELLED = re.compile(rf"(.*\S)\s+((?:{DECIMAL})\s+(?:{DECIMAL})|(?:{SEXAGESIMAL})\s+(?:{SEXAGESIMAL}))")
"""A label, and a position with a point or colons in both of its parts."""
FRAME = re.compile(r"gal|galactic|icrs|fk[45]|[jb]\d{4}(\.0)?", re.IGNORECASE)
"""A word before a position that is no label."""
LONGEST = 200
"""Characters of a line at most."""
SHOWN = 80


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line that may be a target."""

    number: int
    """From 1, those that are left out counted."""
    label: str
    """What the target is called; where nothing else is said, what it is found by."""
    place: str
    """What says where it is: a position, or a name."""
    must_be_position: bool
    """Whether a name in its place would be a mistake: the line has a name already."""


def lines_of(text: str) -> tuple[list[Line], list[Problem]]:
    """Give the lines of a text, and those that have another form; empty lines and those with `#` are left out."""
    lines: list[Line] = []
    problems: list[Problem] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#") or (not lines and is_header(line)):
            continue
        found = line_of(number, line)
        if isinstance(found, Line):
            lines.append(found)
        else:
            problems.append(Problem(number=number, text=cut(line), why=found))
    return lines, problems


def line_of(number: int, text: str) -> Line | str:
    """Give one line, or a sentence on why it is none."""
    if len(text) > LONGEST:
        return f"It has {len(text):,} characters; at most {LONGEST} are read."
    fields = fields_of(text)
    match fields:
        case [place]:
            return alone(number, place)
        case [first, second] if not starts_as_number(first):
            return Line(number=number, label=first, place=second, must_be_position=True)
        case [first, second]:
            return Line(number=number, label=text, place=f"{first}, {second}", must_be_position=True)
        case [label, first, second] if label:
            return Line(number=number, label=label, place=f"{first}, {second}", must_be_position=True)
    return f"It has {len(fields)} fields. {ACCEPTED}"


def alone(number: int, text: str) -> Line:
    """Give a line without commas."""
    found = LABELLED.fullmatch(text)
    if found and not starts_as_number(found[1]) and not FRAME.fullmatch(found[1]):
        return Line(number=number, label=found[1], place=found[2], must_be_position=True)
    return Line(number=number, label=text, place=text, must_be_position=False)


def fields_of(text: str) -> list[str]:
    """Give what stands between commas, semicolons or tabs, without quotes around it."""
    fields = [field.strip() for field in SEPARATORS.split(text)]
    if len(fields) > 1 and re.fullmatch(r"\"[^\"]*\"|'[^']*'", fields[0]):
        fields[0] = fields[0][1:-1].strip()
    while len(fields) > 1 and not fields[-1]:
        fields.pop()
    return fields


def starts_as_number(text: str) -> bool:
    """Say whether a text begins as an angle does."""
    return re.match(r"[+\-\N{MINUS SIGN}]?\.?\d", text) is not None


def is_header(text: str) -> bool:
    """Say whether a line names columns, with commas or blanks between them."""
    fields = fields_of(text)
    words = fields if len(fields) > 1 else text.split()
    return len(words) > 1 and all(HEADER.fullmatch(word) for word in words)


def cut(text: str) -> str:
    """Give the beginning of a text."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
