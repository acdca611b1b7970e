"""What is written where ADQL has something else: slips, and what other dialects have; with what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

from uraniborg_portal.adql.surroundings import CONDITIONS, STRUCTURE, called, each, of_surroundings, opened
from uraniborg_portal.adql.tokens import Token
from uraniborg_portal.adql.words import RESERVED

AGGREGATES = "ADQL has AVG, MIN, MAX, SUM and COUNT"
PATTERNS = "Patterns are LIKE or ILIKE, with % for any text and _ for a character."
NO_TIMES = "ADQL has no functions of time; CAST('2026-01-01' AS TIMESTAMP) is a time."
NAME = 'Names with other characters go between double quotes: "II/246/out".'


WORDS = each({
    "LIMIT FETCH ROWNUM": "ADQL limits rows with SELECT TOP n.",
    "TOP": "TOP comes right after SELECT, or SELECT DISTINCT, without parentheses: SELECT TOP 10 id.",
    "QUALIFY OVER PARTITION WINDOW": "ADQL has no window functions.",
    "SELECT": "A sub-query can stand in FROM with a name, in IN (...) and in EXISTS (...).",
    "WITH": "WITH can only stand at the start of the whole query.",
    "DISTINCT": "DISTINCT comes right after SELECT, before TOP; or in an aggregate, COUNT(DISTINCT x).",
    "ALL": "ALL comes right after SELECT, UNION, EXCEPT or INTERSECT.",
    "INTO": "ADQL only reads: the result of a query is what it answers.",
    "TRUE FALSE": "ADQL has no truth values: write a comparison, such as CONTAINS(...) = 1.",
    "ON USING": "Every JOIN has one ON or USING; a NATURAL JOIN, of equal names, and a CROSS JOIN have none.",
    "MINUS": "The difference of two queries is EXCEPT.",
    "ISNULL NOTNULL": "Write IS NULL or IS NOT NULL.",
    "REGEXP RLIKE SIMILAR GLOB": PATTERNS,
    "ESCAPE": r"A backslash escapes in LIKE, 'a\_b'; ADQL has no ESCAPE.",
    "NULLS": "NULLs come last, and first with DESC; ADQL has no NULLS FIRST.",
    "ASCENDING DESCENDING": "Write ASC or DESC.",
    "INTERVAL": NO_TIMES, "MOD": "The remainder is MOD(a, b).",
    "DATE DATETIME": 'Times are TIMESTAMP; a column of that name is written "date", in double quotes.',
    "CURRENT_TIMESTAMP CURRENT_DATE": "Times are written: '2026-01-01T00:00:00'.",
})  # fmt: skip
"""What to do about words that stand where ADQL has no place for them."""
PAIRS = {
    "==": "ADQL compares with one '='.", "=<": "Write <= .", "=>": "Write >= .", "><": "'Not equal' is <> or != .",
    "<=>": "Values are compared with = or <> .",
    "**": "Powers are POWER(base, exponent).", "/*": "Comments start with '--' and end with the line.",
    "//": "Comments start with '--' and end with the line.", "&&": "Conditions are joined with AND.",
    "!!": "A condition is turned with NOT.",
}  # fmt: skip
"""What to do about two symbols side by side."""
FUNCTIONS = each({
    "SUBSTRING SUBSTR LEFT RIGHT TRIM POSITION REPLACE": "ADQL cuts no texts; LIKE compares a part of one.",
    "LENGTH LEN CHAR_LENGTH CHARACTER_LENGTH OCTET_LENGTH": "ADQL measures no texts; LIKE '___' finds those of three.",
    "STDDEV STDEV STDDEV_SAMP VARIANCE VAR": AGGREGATES + "; the variance is AVG(x * x) - AVG(x) * AVG(x).",
    "MEDIAN": AGGREGATES + ".", "MEAN AVERAGE": "Write AVG(x).",
    "POW PWR": "Write POWER(base, exponent).", "LN": "LOG(x) is the natural logarithm.",
    "LOG2": "Write LOG(x) / LOG(2).",
    "CEIL": "Write CEILING(x).", "TRUNC": "Write TRUNCATE(x).", "RANDOM": "Write RAND().",
    "LCASE": "Write LOWER(text).", "UCASE": "Write UPPER(text).", "CONCAT": "Texts are joined with ||.",
    "IFNULL NVL": "Write COALESCE(x, otherwise).", "NULLIF": "Write CASE WHEN x = y THEN NULL ELSE x END.",
    "IF IIF": "Write CASE WHEN condition THEN x ELSE y END.", "CONVERT": "Write CAST(value AS TYPE).",
    "EXTRACT NOW GETDATE": NO_TIMES,
})  # fmt: skip
"""What to write in place of functions that other dialects have."""
BEGINNINGS = (
    "SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "GROUP", "ORDER", "HAVING", "OFFSET", "UNION", "EXCEPT",
    "INTERSECT", "NATURAL", "INNER", "BETWEEN", "DISTINCT", "USING", "JOIN", "LIMIT",
)  # fmt: skip
"""Words that slips are compared with."""
ALIASED = ("name", "delimited", "number", "string")
COMPARED = frozenset(("<", ">", "<=", ">="))
COMPARISONS = ("<", ">", "<=", ">=", "=", "<>", "!=")
CLAUSES = ("FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "OFFSET")
"""The parts of a query after SELECT, in their order."""
PARTS = {
    "SELECT": "", "JOIN": "FROM", "ON": "FROM", "USING": "FROM", "GROUP": "GROUP BY", "ORDER": "ORDER BY",
    **{word: word for word in ("FROM", "WHERE", "HAVING", "OFFSET")},
}  # fmt: skip
"""For each word that begins something in a query the part that it stands in."""


def meant(word: str) -> str:
    """Give the word that a misspelt one was meant to be, or nothing."""
    upper = word.upper()
    for known in BEGINNINGS:
        if upper != known and OSA.distance(upper, known, score_cutoff=2) <= (1 if len(known) < 7 else 2):
            return known if len(upper) > 3 else ""
    return ""


def misread(tokens: Sequence[Token], index: int) -> Token | None:
    """Give the token before a place where it was read as a name, and is a word of another dialect or a slip."""
    if index < 2:
        return None
    before, named = tokens[index - 1], tokens[index - 2]
    follows = named.kind in ALIASED or named.is_symbol(")") or named.is_symbol("*")
    if before.kind != "name" or not follows:
        return None
    return before if before.text.upper() in WORDS or meant(before.text) else None


def remedy_at(tokens: Sequence[Token], index: int) -> str:
    """Give what to do about the token at a place where it does not fit; empty where nothing is known."""
    return next(filter(None, remedies(tokens, index)), "")


def remedies(tokens: Sequence[Token], index: int) -> Iterator[str]:
    """Give what could be done about the token at a place, the surest first; some may be empty."""
    found, before = tokens[index], tokens[index - 1] if index else Token("end", "", -1)
    word = found.text.upper() if found.kind in ("keyword", "name") else ""
    yield pair_remedy(before, found)
    yield pair_remedy(found, tokens[min(index + 1, len(tokens) - 1)])
    yield from of_surroundings(tokens, index)
    if before.is_symbol(",") and (found.kind == "end" or found.is_symbol(")") or word in STRUCTURE):
        yield "Take the comma before it away."
    yield WORDS.get(word) or FUNCTIONS.get(word, "")
    if found.kind == "name" and meant(word):
        yield f"Did you mean {meant(word)}?"
    if found.kind == "symbol":
        yield of_symbol(tokens, index)
    elif found.kind == "keyword":
        yield of_keyword(tokens, index)
    elif found.kind != "end" and (before.kind in ALIASED or before.is_symbol(")")):
        yield of_neighbours(tokens, index)


def of_neighbours(tokens: Sequence[Token], index: int) -> str:
    """Give what to do about two values side by side."""
    if clause_before(tokens, index) == "SELECT":
        return "Is a comma missing? Columns have commas between them."
    function = called(tokens, index)
    listed = function and (function.text == "IN" or function.text not in STRUCTURE) and function.kind != "symbol"
    return "Is a comma missing? Values in parentheses have commas between them." if listed else ""


def pair_remedy(first: Token, second: Token) -> str:
    """Give what to do about two symbols, where they stand side by side."""
    side_by_side = first.kind == second.kind == "symbol" and first.at + 1 == second.at
    return PAIRS.get(first.text + second.text, "") if side_by_side else ""


def reserved(word: str) -> str:
    """Say how a column is named by a reserved word."""
    return f'{word} is a reserved word: a column of that name is written "{word.lower()}", in double quotes.'


def of_keyword(tokens: Sequence[Token], index: int) -> str:
    """Give what to do about a reserved word."""
    word = tokens[index].text
    if word == "WHERE" and any(token.kind == "keyword" and token.text == "WHERE" for token in tokens[:index]):
        return "A query has one WHERE, before GROUP BY and ORDER BY: conditions are joined with AND."
    part, clause = PARTS.get(word, ""), clause_before(tokens, index)
    if part in CLAUSES and word != "FROM" and clause == "SELECT":
        return "FROM is missing: SELECT columns FROM table."
    if part in CLAUSES and PARTS.get(clause) in CLAUSES[CLAUSES.index(part) :]:
        return f"The parts of a query come in this order: {', '.join(CLAUSES)}."
    if word in ("UNION", "EXCEPT", "INTERSECT") and clause in ("ORDER", "OFFSET"):
        return f"A query with ORDER BY or OFFSET stands in parentheses there: (SELECT ...) {word} SELECT ..."
    return reserved(word) if word in RESERVED and word not in STRUCTURE else ""


def of_symbol(tokens: Sequence[Token], index: int) -> str:
    """Give what to do about a symbol."""
    found, before = tokens[index], tokens[index - 1]
    clause = clause_before(tokens, index)
    if found.text in COMPARISONS:
        return of_comparison(tokens, index, clause)
    if found.text == "~" or (found.text == "/" and clause in ("FROM", "JOIN")):
        return PATTERNS if found.text == "~" else NAME
    if found.text == ")":
        return "It closes nothing: there is no '(' for it." if opened(tokens, index) is None else ""
    if found.text in "*," and before.text in "*," and before.kind == "symbol":
        return "* stands alone; with other columns write table.*"
    if found.text == "," and clause in ("WHERE", "ON", "HAVING"):
        return "Conditions are joined with AND."
    return "No comma comes after TOP n." if before.kind == "number" and tokens[index - 2].text == "TOP" else ""


def of_comparison(tokens: Sequence[Token], index: int, clause: str) -> str:
    """Give what to do about a comparison where none can be."""
    function, opening = called(tokens, index), opened(tokens, index)
    if function and function.text.upper() in FUNCTIONS:
        return FUNCTIONS[function.text.upper()]
    if clause == "SELECT" and tokens[index].text == "=":
        return "A column is named with AS: value AS name. A condition stands in WHERE."
    if "SELECT" in (clause, clause_before(tokens, tokens.index(opening)) if opening and not clause else ""):
        return "A condition is no value: write CASE WHEN condition THEN 1 ELSE 0 END, or put it in WHERE."
    if tokens[index - 1].text in CONDITIONS:
        return "Write what is compared on both sides: x < 1 OR x > 5."
    lately = {token.text for token in tokens[max(0, index - 4) : index] if token.kind == "symbol"}
    if "||" in lately:
        return "Conditions are joined with OR; || joins texts."
    return "Conditions are joined with AND." if "&" in lately else "Write 1 < x AND x < 5." * bool(lately & COMPARED)


def clause_before(tokens: Sequence[Token], index: int) -> str:
    """Give the word that began the part of a query before a place, in the same parentheses."""
    depth = 0
    for token in reversed(tokens[:index]):
        depth += token.is_symbol(")") - token.is_symbol("(")
        if depth < 0:
            return ""
        if not depth and token.kind == "keyword" and token.text in PARTS:
            return token.text
    return ""


def next_parts(tokens: Sequence[Token], index: int) -> str:
    """Say what could come after the part of a query that ends at a place."""
    clause = PARTS.get(clause_before(tokens, index), "")
    later = CLAUSES[CLAUSES.index(clause) + 1 :] if clause in CLAUSES else ()
    return f"{', '.join(later)}{' or ' if later else ''}the end of the query"
