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
LIMITS = re.compile(r"levels of nesting|texts have fewer than")
"""What we refuse of what the standard has, because there is no end to it."""
DIFFERENT = [
    ("SELECT CAST(name AS VARCHAR(99999999999)) FROM stars", "no text has so many characters"),
    ("SELECT " + "(" * 99 + "a" + ")" * 99 + " FROM t", "queries are nested 60 deep at most"),
]
"""What the productions derive and we refuse, with the reason."""


Form = list[tuple[str, bool]]
"""An alternative of a production: names of symbols, and whether each is a terminal."""
Way = tuple[str, Form, int]
"""Where a production stands: in an alternative of another, at a place."""


class Grammar:
    """The productions of the standard."""

    def __init__(self) -> None:
        text = (HERE / "standard.lark").read_text("utf-8").replace("RESERVED)", "|".join(sorted(RESERVED)) + ")")
        self._parser = lark.Lark(
            text, start="query_specification", parser="earley", lexer="basic", ambiguity="forest", keep_all_tokens=True
        )
        self.forms: dict[str, list[Form]] = {}
        """For each production its alternatives."""
        for rule in self._parser.rules:
            symbols = [(str(symbol.name), symbol.is_term) for symbol in rule.expansion]
            self.forms.setdefault(str(rule.origin.name), []).append(symbols)
        self.words = {
            each.name: (each.pattern.value,) if each.pattern.type == "str" else WORDS.get(each.name, (each.name[1:],))
            for each in self._parser.terminals
        }
        self.least = self._least()
        self.ways = self._ways()

    def _least(self) -> dict[str, float]:
        """Give for each production how many others its shortest text needs."""
        least = dict.fromkeys(self.forms, float("inf"))
        for _ in self.forms:
            for name, forms in self.forms.items():
                least[name] = min(self.size(form, least) for form in forms)
        return least

    def size(self, form: Form, least: dict[str, float]) -> float:
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

    def _ways(self) -> dict[str, list[Way]]:
        """Give for each production the places of others that it can stand in, nearer to the whole query than itself."""
        depth, ways = {"query_specification": 0}, dict[str, list[Way]]()
        for parent in (known := ["query_specification"]):
            for form in self.forms[parent]:
                for place, (symbol, terminal) in enumerate(form):
                    if not terminal and symbol not in depth:
                        depth[symbol] = depth[parent] + 1
                        known.append(symbol)
                    if not terminal and depth[symbol] > depth[parent]:
                        ways.setdefault(symbol, []).append((parent, form, place))
        return ways

    def derive(self, random: Random, budget: float, name: str = "query_specification") -> list[str]:
        """Give the words of some text of a production, made of about as many productions as the budget."""
        most = max(budget, self.least[name])
        form = random.choice([form for form in self.forms[name] if self.size(form, self.least) <= most])
        return [word for part in self.parts(random, budget, form) for word in part]

    def derive_with(self, random: Random, budget: float, name: str, form: Form) -> list[str]:
        """Give the words of some query that has an alternative of a production in it."""
        parts = self.parts(random, budget, form)
        while name != "query_specification":
            words = [word for part in parts for word in part]
            name, form, place = random.choice(self.ways[name])
            parts = self.parts(random, budget, form)
            parts[place] = words
        return [word for part in parts for word in part]

    def parts(self, random: Random, budget: float, form: Form) -> list[list[str]]:
        """Give the words of each symbol of an alternative."""
        left = max(0.0, budget - self.size(form, self.least))
        shares = [0.0 if terminal else random.random() ** 2 for _, terminal in form]
        whole = sum(shares) or 1.0
        return [
            [random.choice(self.words[symbol])]
            if terminal
            else self.derive(random, self.least[symbol] + left * share / whole, symbol)
            for (symbol, terminal), share in zip(form, shares, strict=True)
        ]


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


def inserted(random: Random, words: list[str], at: int) -> None:
    """Write a word more."""
    words.insert(at, "")
    replaced(random, words, at)


def widened(random: Random, words: list[str], at: int) -> None:
    """Put parentheses around some words."""
    words.insert(random.randint(at, len(words)), ")")
    words.insert(at, "(")


def spelled(random: Random, words: list[str]) -> str:
    """Write words as people do: in any case, and with any space or none where there must not be one."""
    text = ""
    for word in words:
        cased = random.choice([word, word.lower(), word.title()]) if word in RESERVED else word
        space = random.choice(SPACES)
        joined = text[-1:] + cased[:1]
        text += (space or (" " if TOGETHER.match(joined) else "")) + cased
    return text


SPACES = (" ", " ", " ", "", "", "", "\n", "\t", "\r\n", "\f", ' -- it\'s "a" (comment\n', " --\n")
TOGETHER = re.compile(r"""[\w.][\w.]|''|""|--""")
"""Two characters that would stand for something else without a space between them."""
OURS = ("CASE", "WHEN", "THEN", "ELSE", "END")
"""Words of our extensions that are offered, too."""
ROUGH = re.compile(
    r"EXISTS \(\(?\w+ |JOIN \w+ \w+ JOIN|(?:RAND|ROUND|TRUNCATE|IN_UNIT|REGION|COORD.)\([^)]*$|IN \(\(", re.IGNORECASE
)
"""Where words are offered that may not fit."""
CHANGES: list[Callable[[Random, list[str], int], None]] = [without, doubled, swapped, replaced, inserted, widened]
RANDOM = st.randoms(use_true_random=False)
SEEDS = st.integers(0, 2**32)
"""Of random choices that are too many for hypothesis to keep."""
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
    assert message is None or LIMITS.search(message), query


@pytest.mark.parametrize("name", grammar().forms)
@settings(LOOSE, max_examples=3)
@given(seed=SEEDS, budget=st.integers(0, 40))
def test_every_alternative_of_every_production_is_read(name: str, seed: int, budget: int) -> None:
    random = Random(seed)
    for form in grammar().forms[name]:
        words = grammar().derive_with(random, budget, name, form)
        message = refusal(query := spelled(random, words))
        assert message is None or LIMITS.search(message), query


@pytest.mark.parametrize("name", grammar().forms)
@settings(LOOSE, max_examples=2)
@given(seed=SEEDS, budget=st.integers(0, 20))
def test_a_change_of_every_production_is_judged_as_the_standard_does(name: str, seed: int, budget: int) -> None:
    random = Random(seed)
    words = grammar().derive_with(random, budget, name, random.choice(grammar().forms[name]))
    random.choice(CHANGES)(random, words, random.randrange(len(words)))
    query = spelled(random, words)
    assert (refusal(query) is None) == grammar().has(query), query


@LOOSE
@given(random=RANDOM, budget=st.integers(10, 200), start=st.sampled_from([None, *corpus("valid")]))
def test_a_change_is_judged_as_the_standard_does(random: Random, budget: int, start: str | None) -> None:
    words = re.findall(r"""'[^']*'|"[^"]*"|[\w.]+|<>|[<>!]=|\|\||\S""", start.partition("--")[0]) if start else []
    words = words or grammar().derive(random, budget)
    for _ in range(random.randint(1, 2)):
        random.choice(CHANGES)(random, words, random.randrange(len(words)))
        words = words or ["SELECT"]
    query = " ".join(words)
    assert (refusal(query) is None) == grammar().has(query), query


@settings(LOOSE, max_examples=60)
@given(random=RANDOM, start=st.sampled_from(corpus("valid")))
def test_characters_are_judged_as_the_standard_does(random: Random, start: str) -> None:
    at = random.randrange(len(start))
    query = start[:at] + random.choice(["", " ", start[at] * 2, *"'\".,()-+|<>=!*/ae0_\n"]) + start[at + 1 :]
    assert (refusal(query) is None) == grammar().has(query), query


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
