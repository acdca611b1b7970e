"""The reader of ADQL beside the standard's own productions: what they derive is read, and nothing else.

`standard.lark` has the productions of ADQL 2.1, appendix A; an Earley parser says what they derive.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import lark
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uraniborg_portal.adql.complete import complete
from uraniborg_portal.adql.parse import parse
from uraniborg_portal.adql.words import RESERVED
from uraniborg_portal.errors import QueryRefused

HERE = Path(__file__).parent
WORDS = {
    "REGULAR_IDENTIFIER": ("a", "b", "t1", "Ra", "x_y"),
    "DELIMITED_IDENTIFIER": ('"Odd Name"', '"select"', '"a""b"'),
    "CHARACTER_STRING_LITERAL": ("'ICRS'", "''", "'it''s'"),
    "DIGITS": ("0", "1", "12", "007"),
    "NUMBER": ("1.5", ".5", "1.", "1e3", "2.E-4"),
}
"""What the generator writes for the terminals that have many forms."""
SYSTEM = re.compile(r"\b(?:POINT|CIRCLE|BOX|POLYGON) *\( *'", re.IGNORECASE)
"""A geometry that begins with a text."""
LIMITS = re.compile(r"levels of nesting|texts have fewer than")
"""What we refuse of what the standard has, because there is no end to it."""
DIFFERENT = [
    ("SELECT POINT('ICRS', 1) FROM stars", "a text that comes first is a coordinate system (4.2.5), not a longitude"),
    ("SELECT CIRCLE('a', 1, 2) FROM t", "a text that comes first is a coordinate system (4.2.5), not a longitude"),
    ("SELECT CAST(name AS VARCHAR(99999999999)) FROM stars", "no text has so many characters"),
    ("SELECT " + "(" * 99 + "a" + ")" * 99 + " FROM t", "queries are nested 60 deep at most"),
]
"""What the productions derive and we refuse, with the reason."""


class Grammar:
    """The productions of the standard."""

    def __init__(self) -> None:
        text = (HERE / "standard.lark").read_text("utf-8").replace("RESERVED)", "|".join(sorted(RESERVED)) + ")")
        self._parser = lark.Lark(
            text, start="query_specification", parser="earley", lexer="basic", ambiguity="forest", keep_all_tokens=True
        )
        self.forms: dict[str, list[list[tuple[str, bool]]]] = {}
        """For each production its alternatives: names of symbols, and whether each is a terminal."""
        for rule in self._parser.rules:
            symbols = [(symbol.name, symbol.is_term) for symbol in rule.expansion]
            self.forms.setdefault(rule.origin.name, []).append(symbols)
        self.words = {
            each.name: (each.pattern.value,) if each.pattern.type == "str" else WORDS.get(each.name, (each.name[1:],))
            for each in self._parser.terminals
        }
        self.least = self._least()

    def _least(self) -> dict[str, float]:
        """Give for each production how many others its shortest text needs."""
        least = dict.fromkeys(self.forms, float("inf"))
        for _ in self.forms:
            for name, forms in self.forms.items():
                least[name] = min(self.size(form, least) for form in forms)
        return least

    def size(self, form: list[tuple[str, bool]], least: dict[str, float]) -> float:
        """Give how many productions the shortest text of an alternative needs."""
        return 1 + sum(1 if terminal else least[name] for name, terminal in form)

    def has(self, query: str) -> bool:
        """Say whether the productions derive a query."""
        try:
            self._parser.parse(query)
        except lark.exceptions.LarkError:
            return False
        return True

    def may_begin(self, text: str) -> bool:
        """Say whether a text is a query, or can become one by what is written after it."""
        try:
            self._parser.parse(text)
        except lark.exceptions.UnexpectedEOF:
            return True
        except lark.exceptions.LarkError:
            return False
        return True

    def derive(self, random: Random, budget: float, name: str = "query_specification") -> list[str]:
        """Give the words of some text of a production, made of about as many productions as the budget."""
        forms = [form for form in self.forms[name] if self.size(form, self.least) <= max(budget, self.least[name] + 6)]
        form = random.choice(forms)
        left = max(0.0, budget - self.size(form, self.least))
        shares = [0.0 if terminal else random.random() ** 2 for _, terminal in form]
        whole = sum(shares) or 1.0
        found: list[str] = []
        for (symbol, terminal), share in zip(form, shares, strict=True):
            if terminal:
                found.append(random.choice(self.words[symbol]))
            else:
                found += self.derive(random, self.least[symbol] + left * share / whole, symbol)
        return found


@cache
def grammar() -> Grammar:
    """Give the productions; they are read once."""
    return Grammar()


def corpus(name: str) -> list[str]:
    """Give the queries of a table, without their reasons."""
    lines = (HERE / f"{name}.adql").read_text("utf-8").splitlines()[1:]
    queries = [line.partition(" ## ")[0] for line in lines if not line.startswith("##")]
    return [line.replace(r"\n", "\n").replace(r"\t", "\t").replace(r"\r", "\r") for line in queries]


def refusal(query: str) -> str | None:
    """Give why our reader refuses a query, None where it does not."""
    try:
        parse(query, extensions=False)
    except QueryRefused as refused:
        return refused.message
    return None


def without(random: Random, words: list[str], at: int) -> None:
    """Leave one word out."""
    del words[at]


def doubled(random: Random, words: list[str], at: int) -> None:
    """Write one word twice."""
    words.insert(at, words[at])


def swapped(random: Random, words: list[str], at: int) -> None:
    """Let one word change its place with the next."""
    words[at : at + 2] = reversed(words[at : at + 2])


def replaced(random: Random, words: list[str], at: int) -> None:
    """Write another word in place of one."""
    words[at] = random.choice(grammar().words[random.choice(sorted(grammar().words))])


def widened(random: Random, words: list[str], at: int) -> None:
    """Put parentheses around some words."""
    words.insert(random.randint(at, len(words)), ")")
    words.insert(at, "(")


OURS = ("CASE", "WHEN", "THEN", "ELSE", "END")
"""Words of our extensions that are offered, too."""
ROUGH = re.compile(
    r"EXISTS \(\(?\w+ |JOIN \w+ \w+ JOIN|(?:RAND|ROUND|TRUNCATE|IN_UNIT|REGION|COORD.)\([^)]*$|IN \(\(", re.IGNORECASE
)
"""Where words are offered that may not fit."""
CHANGES: list[Callable[[Random, list[str], int], None]] = [without, doubled, swapped, replaced, widened]
RANDOM = st.randoms(use_true_random=False)
LOOSE = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("query", [*corpus("valid"), *corpus("grammar")])
def test_the_tables_of_valid_queries_are_in_the_standard(query: str) -> None:
    assert grammar().has(query)


@pytest.mark.parametrize("query", [*corpus("invalid"), *corpus("extensions")])
def test_the_tables_of_invalid_queries_are_not_in_the_standard(query: str) -> None:
    assert not grammar().has(query) or query in [each for each, _ in DIFFERENT]


@pytest.mark.parametrize(("query", "reason"), DIFFERENT)
def test_what_differs_is_known(query: str, reason: str) -> None:
    assert grammar().has(query)
    assert refusal(query), reason


@LOOSE
@given(random=RANDOM, budget=st.integers(10, 400))
def test_what_the_standard_derives_is_read(random: Random, budget: int) -> None:
    query = " ".join(grammar().derive(random, budget))
    message = refusal(query)
    assert message is None or SYSTEM.search(query) or LIMITS.search(message), query


@LOOSE
@given(random=RANDOM, budget=st.integers(10, 200), start=st.sampled_from([None, *corpus("valid")]))
def test_a_change_is_judged_as_the_standard_does(random: Random, budget: int, start: str | None) -> None:
    words = re.findall(r"""'[^']*'|"[^"]*"|[\w.]+|<>|[<>!]=|\|\||\S""", start.partition("--")[0]) if start else []
    words = words or grammar().derive(random, budget)
    for _ in range(random.randint(1, 2)):
        random.choice(CHANGES)(random, words, random.randrange(len(words)))
        words = words or ["SELECT"]
    query = " ".join(words)
    assert (refusal(query) is None) == grammar().has(query) or SYSTEM.search(query), query


@settings(LOOSE, max_examples=60)
@given(random=RANDOM, start=st.sampled_from(corpus("valid")))
def test_characters_are_judged_as_the_standard_does(random: Random, start: str) -> None:
    at = random.randrange(len(start))
    query = start[:at] + random.choice(["", " ", start[at] * 2, *"'\".,()-+|<>=!*/ae0_\n"]) + start[at + 1 :]
    assert (refusal(query) is None) == grammar().has(query) or SYSTEM.search(query), query


@settings(LOOSE, max_examples=60, derandomize=True)
@given(random=RANDOM, query=st.sampled_from(corpus("valid")))
def test_words_that_are_offered_can_stand_there(random: Random, query: str) -> None:
    places = [found.start() for found in re.finditer(r"(?<=[ (,])\w|$", query)]
    before = query[: random.choice(places)]
    if before.count("'") % 2 or before.count('"') % 2 or "--" in before or ROUGH.search(before):
        return
    offered = complete(before + " ", query[len(before) :], {}).suggestions
    words = [each.text for each in offered if each.kind == "word" and each.text not in OURS]
    assert [word for word in words if not grammar().may_begin(f"{before} {word} ")] == [], before
