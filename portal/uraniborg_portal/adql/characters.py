"""Characters that start no token of ADQL: what to write in place of them."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain

SYMBOLS = frozenset("()*+,-./<>=|'\"&^~")
"""Characters of ADQL besides letters, digits and spaces."""
MEANT = {
    # Quotes and primes, single and double; dashes; signs of arithmetic and of comparison.
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2013\u2014\u2212\u2010\u2011", "-"),
    **dict.fromkeys("\u00d7\u00b7", "*"),
    **dict.fromkeys("\u00f7", "/"),
    **dict.fromkeys("\u2264", "<="),
    **dict.fromkeys("\u2265", ">="),
    **dict.fromkeys("\u2260", "<>"),
}
"""What someone meant by a character that a word processor or a keyboard put there."""
PATTERNS = (
    (r"::", "Types are changed with CAST(value AS TYPE)."),
    (r"(?<=\d):\d", "Positions are decimal degrees, such as 83.82 and -5.39."),
    (r":[A-Za-z_]", "Values are written into the query, in place of :name."),
    (r"%(?:[sd](?![A-Za-z_\d])|\()", "Values are written into the query, in place of %s."),
    (r"\{[^{}:,]*\}", "Values are written into the query: put the value in place of {...}."),
    (r"[$?]", "Values are written into the query."),
    (r"#", "Comments start with '--'."),
    (r"!", "'Not equal' is <> or !=; a condition is turned with NOT."),
    (r"\d", 'Names start with a letter; others go between double quotes: "2MASS". Numbers end without letters.'),
    (r"\\", "ADQL has no escapes: a quote in a text is written twice, 'it''s'."),
)
"""What to do about some text from its first character on."""
BEHIND = (
    (r"(?i)\bI?LIKE\s+[\w ]*%$", "A pattern is a text between single quotes: LIKE 'HD%'."),
    (r"(?i)\bTOP\s+\d+\s*%$", "TOP takes a number of rows: SELECT TOP 10 id."),
    (r"(?i)\bIN\s*\[$", "A list stands in parentheses: IN (1, 2)."),
)
"""What to do about a character after some text."""
FOREIGN = {
    ";": "A query is one statement: nothing but comments may follow one ';' at its end.",
    "`": 'Names are quoted with double quotes: "name".',
    "[": 'ADQL has no lists and no brackets; names that need it go between double quotes: "name".',
    "]": 'ADQL has no lists and no brackets; names that need it go between double quotes: "name".',
    "{": "ADQL has no structures and no braces.",
    ":": "Types are changed with CAST(value AS TYPE).",
    "%": "The remainder is MOD(a, b).",
    "'": "The text has no closing quote. A quote in a text is written twice: 'Barnard''s star'.",
    '"': "The name between double quotes has no closing quote, or is empty.",
    "_": "Names start with a letter; others go between double quotes.",
}
"""What to do about a character that ADQL does not know."""
OTHERWISE = "Outside of quotes ADQL has letters, digits and ( ) * + , - . / < > = || only."


def shown(found: str) -> str:
    """Give a character as an error message shows it."""
    if found.isprintable() and not found.isspace():
        return f"'{found}'"
    name = unicodedata.name(found, "").lower()
    return f"the character U+{ord(found):04X}" + (f" ({name})" if name else "")


def remedy_for(text: str, at: int) -> str:
    """Give what to write in place of the character at an offset, which starts no token."""
    line = text[max(0, at - 80) : at + 1]
    longer = chain(
        (remedy for pattern, remedy in BEHIND if re.search(pattern, line)),
        (remedy for pattern, remedy in PATTERNS if re.compile(pattern).match(text, at)),
    )
    return next(longer, "") or FOREIGN.get(text[at]) or of_look(text[at]) or of_kind(text[at])


def of_look(found: str) -> str:
    """Give what to write in place of a character that looks like one of ADQL, nothing where it does not."""
    plain = MEANT.get(found) or unicodedata.normalize("NFKC", found)
    if plain in ("'", '"'):
        return "Texts go between straight single quotes, 'text'; names between straight double quotes."
    known = plain in SYMBOLS or plain in ("<=", ">=", "<>") or (plain.isascii() and plain.isalnum())
    return f"Write {plain} in place of {found}." if plain != found and known else ""


def of_kind(found: str) -> str:
    """Give what to do about a character that ADQL has nothing like."""
    if found.isspace():
        return "Write a plain space in place of it."
    if unicodedata.category(found) in ("Cc", "Cf"):
        return "Delete it: nothing can be seen there."
    return f'Names with other letters go between double quotes: "{found}...".' if found.isalpha() else OTHERWISE
