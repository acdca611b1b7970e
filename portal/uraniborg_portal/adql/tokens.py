"""The tokens of ADQL (ADQL 2.1, section 2.1 and the BNF of its appendix)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from uraniborg_portal.adql import characters
from uraniborg_portal.adql.words import RESERVED
from uraniborg_portal.errors import QueryRefused

PATTERN = re.compile(
    r"""
      (?P<space>[ \t\r\n\f]+ | --[^\n]*)
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_\d]))
    | (?P<word>[A-Za-z][A-Za-z0-9_]*)
    | (?P<string>'(?:[^']|'')*')
    | (?P<delimited>"(?:[^"]|"")+")
    | (?P<symbol><>|!=|<=|>=|\|\||[()*+,\-./<>=&|^~])
    """,
    re.VERBOSE | re.ASCII,
)

CLOSING = re.compile(r";(?:[ \t\r\n\f]++|--[^\n]*+)*+")
"""The semicolon that many write after a statement, and what may stand behind it: white space and comments."""
OPEN = {"'": "open_string", '"': "open_delimited"}
"""What a quote begins that is not closed."""
UNREADABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that no text can hold: NUL, and halves of characters."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, name, number, text or symbol of the query."""

    kind: str
    """`keyword`, `name`, `delimited`, `number`, `string`, `symbol` or `end`."""
    text: str
    """Upper case for keywords, without quotes for texts and delimited names; of the end ';' where one is written."""
    at: int
    """Offset of its first character."""

    def is_symbol(self, text: str) -> bool:
        """Say whether it is this symbol, and not a text or name that looks like it."""
        return self.kind == "symbol" and self.text == text

    def described(self) -> str:
        """Give the token as an error message shows it."""
        shown = self.text if len(self.text) <= 40 else self.text[:40] + "..."
        return {"end": "the end of the query", "string": f"the text '{shown}'"}.get(self.kind, f"'{shown}'")


def place(text: str, at: int) -> tuple[int, int]:
    """Give line and column, both from 1, of an offset."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def tokenize(text: str) -> tuple[Token, ...]:
    """Give the tokens of a query, the last of kind `end`; one semicolon may close the query.

    Raises
    ------
    QueryRefused
        A character that starts no token of ADQL.
    """
    unreadable = UNREADABLE.search(text)
    if unreadable:
        raise foreign(text, unreadable.start())
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = PATTERN.match(text, at)
        if match is None and CLOSING.fullmatch(text, at):
            return (*tokens, Token("end", ";", at))
        if match is None:
            raise foreign(text, at)
        if match.lastgroup != "space":
            tokens.append(token(str(match.lastgroup), match.group(), at))
        at = match.end()
    tokens.append(Token("end", "", len(text)))
    return tuple(tokens)


def loose_tokens(text: str) -> tuple[Token, ...]:
    """Give the tokens of a query that is being written: without the end, and whatever starts no token is left out.

    What the end of the text leaves open is `open_string`, `open_delimited` (without its quote) or `comment`.
    A semicolon is the end.
    """
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = PATTERN.match(text, at)
        if match is None:
            if text[at] in OPEN:
                return (*tokens, Token(OPEN[text[at]], text[at + 1 :], at))
            if text[at] == ";":
                return (*tokens, Token("end", ";", at))
            at += 1
            continue
        if match.lastgroup != "space":
            tokens.append(token(str(match.lastgroup), match.group(), at))
        elif match.group().startswith("--") and match.end() == len(text):
            return (*tokens, Token("comment", match.group(), at))
        at = match.end()
    return tuple(tokens)


def token(group: str, text: str, at: int) -> Token:
    """Give the token of a matched text."""
    if group == "string":
        return Token("string", text[1:-1].replace("''", "'"), at)
    if group == "delimited":
        return Token("delimited", text[1:-1].replace('""', '"'), at)
    if group != "word":
        return Token(group, text, at)
    upper = text.upper()
    return Token("keyword", upper, at) if upper in RESERVED else Token("name", text, at)


def foreign(text: str, at: int) -> QueryRefused:
    """Give the error of a character that starts no token."""
    line, column = place(text, at)
    message = f"Line {line}, column {column}: {characters.shown(text[at])} is not part of ADQL here."
    return QueryRefused(message, characters.remedy_for(text, at), line=line, column=column)
