"""Reads tokens one by one and says, where one does not fit, what was found and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from sqlglot import exp

from uraniborg_portal.adql.mistakes import meant, misread, remedy_at
from uraniborg_portal.adql.surroundings import opened
from uraniborg_portal.adql.tokens import Token, place, tokenize
from uraniborg_portal.errors import QueryRefused

DEEPEST = 60
"""Parentheses, sub-queries and functions may stand in each other this deep."""

E = TypeVar("E", bound=exp.Expr)
Memo = dict[int, tuple[exp.Expr, int] | QueryRefused]
"""What was read from each place, and where it ended; or why it could not be."""


class Misfit(QueryRefused):
    """A token that does not fit where it stands; what is said of it is found out once it is the query's error."""

    def __init__(self, *, token: Token, found: str, expected: str, remedy: str) -> None:
        super().__init__(f"found {found}, expected {expected}", remedy)
        self.token, self.found, self.expected = token, found, expected


class Reader:
    """A place in the tokens of one query."""

    def __init__(self, text: str, *, extensions: bool = True) -> None:
        self.text = text
        self.extensions = extensions
        self.tokens = tokenize(text)
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.index]

    def ahead(self, count: int = 1) -> Token:
        """Give the token after `count` others; the last one is the end."""
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Give the next token and step over it."""
        token = self.token
        self.index = min(self.index + 1, len(self.tokens) - 1)
        return token

    def sees(self, *texts: str) -> bool:
        """Say whether the next token is one of these keywords or symbols."""
        return self.token.kind in ("keyword", "symbol") and self.token.text in texts

    def accept(self, *texts: str) -> bool:
        """Step over the next token if it is one of these keywords or symbols, and say so."""
        found = self.sees(*texts)
        if found:
            self.take()
        return found

    def expect(self, text: str) -> Token:
        """Step over this keyword or symbol; anything else refuses the query."""
        if not self.sees(text):
            self.fail(f"'{text}'")
        return self.take()

    def fail(self, expected: str, remedy: str = "") -> NoReturn:
        """Refuse the query at the next token."""
        raise Misfit(token=self.token, found=self.token.described(), expected=expected, remedy=remedy)

    def fail_found(self, token: Token, found: str, expected: str, remedy: str = "") -> NoReturn:
        """Refuse the query at a token: what was found there, and what was expected."""
        raise Misfit(token=token, found=found, expected=expected, remedy=remedy)

    def refusal(self, misfit: Misfit) -> QueryRefused:
        """Give the error of a misfit that nothing else than the whole query is read in place of."""
        token, index = misfit.token, self.tokens.index(misfit.token)
        found, expected, remedy = misfit.found, misfit.expected, misfit.remedy
        slip = misread(self.tokens, index) if found == token.described() else None
        if slip is not None:
            word = meant(slip.text)
            token, index, found, remedy = slip, index - 1, slip.described(), ""
            expected = f"'{word}'" if word else expected
        remedy = remedy or remedy_at(self.tokens, index)
        if not remedy and expected == "')'" and not token.is_symbol(","):
            remedy = self.unclosed(index)
        line, column = place(self.text, token.at)
        message = f"Line {line}, column {column}: found {found}, expected {expected}."
        return QueryRefused(message, remedy, line=line, column=column)

    def unclosed(self, index: int) -> str:
        """Say where the parenthesis is that a token should have closed."""
        opening = opened(self.tokens, index)
        line, column = place(self.text, opening.at) if opening else (1, 1)
        return f"The '(' at line {line}, column {column} is not closed."

    def fail_at(self, token: Token, message: str, remedy: str = "") -> NoReturn:
        """Refuse the query at a token."""
        line, column = place(self.text, token.at)
        raise QueryRefused(f"Line {line}, column {column}: {message}.", remedy, line=line, column=column)

    def fail_node(self, node: exp.Expr | None, token: Token, message: str, remedy: str = "") -> NoReturn:
        """Refuse the query at a value inside of what a token begins, or at the token."""
        places = () if node is None else (inner.meta["at"] for inner in node.walk() if "at" in inner.meta)
        self.fail_at(Token("", "", next(iter(places), token.at)), message, remedy)

    def extension(self, token: Token, what: str) -> Token:
        """Give the token of what is ours, and not the standard's; refuse it where only the standard counts."""
        if not self.extensions:
            self.fail_at(token, f"found {token.described()}: {what} an extension of this service, not ADQL 2.1")
        return token

    def once(self, known: Memo, read: Callable[[], exp.Expr]) -> exp.Expr:
        """Give what starts here; each place is read once, whoever asks again."""
        start = self.index
        found = known.get(start)
        if isinstance(found, QueryRefused):
            raise found
        if found is not None:
            self.index = found[1]
            return found[0].copy()
        try:
            node = read()
        except QueryRefused as refused:
            known[start] = refused
            raise
        known[start] = (node, self.index)
        return node

    def either(self, first: Callable[[], E], second: Callable[[], E]) -> E:
        """Give what starts here in the first form that fits, or the error of the one that went further."""
        start, depth = self.index, self.depth
        try:
            return first()
        except QueryRefused as refused:
            as_first, reached = refused, self.index
        self.index, self.depth = start, depth
        try:
            return second()
        except QueryRefused:
            if self.index >= reached:
                raise
            raise as_first from None

    def deeper(self) -> None:
        """Count one level of nesting more.

        Raises
        ------
        QueryRefused
            The query is nested too deep.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail_at(self.token, f"more than {DEEPEST} levels of nesting", "Split the query with WITH.")

    def identifier(self, expected: str) -> exp.Identifier:
        """Give a regular or delimited identifier."""
        token = self.token
        if token.kind == "keyword":
            self.fail(expected, f'{token.text} is a reserved word: write "{token.text.lower()}" in double quotes.')
        if token.kind not in ("name", "delimited"):
            self.fail(expected)
        self.take()
        return at(exp.Identifier(this=token.text, quoted=token.kind == "delimited"), token)

    def unsigned_integer(self, expected: str, remedy: str = "") -> exp.Literal:
        """Give digits only."""
        if self.token.kind != "number" or not self.token.text.isdigit():
            self.fail(expected, remedy)
        token = self.take()
        return at(exp.Literal(this=token.text, is_string=False), token)


def at(node: E, token: Token) -> E:
    """Give the node with the place of its token."""
    node.meta["at"] = token.at
    return node
