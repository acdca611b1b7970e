"""What to do about a place in a query that the words around it tell: a list after IN, a condition after AND."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from uraniborg_portal.adql.tokens import Token


def each(table: dict[str, str]) -> dict[str, str]:
    """Give a table with an entry for each of the words that stand side by side in a key."""
    return {word: remedy for words, remedy in table.items() for word in words.split()}


STRUCTURE = frozenset((
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "HAVING", "OFFSET", "UNION", "EXCEPT", "INTERSECT", "NATURAL",
    "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "JOIN", "ON", "USING", "AS", "AND", "OR", "NOT", "IN", "IS",
    "LIKE", "ILIKE", "BETWEEN", "EXISTS", "ASC", "DESC", "CASE", "WHEN", "THEN", "ELSE", "END", "TOP", "DISTINCT",
    "ALL", "NULL", "WITH", "ANY", "SOME",
))  # fmt: skip
"""Reserved words that make the form of a query: nobody means a column by them."""
CONDITIONS = ("AND", "OR", "NOT", "WHERE", "HAVING", "ON", "WHEN")
"""Words that a condition stands after."""
USING = "USING takes names that both tables have, without a table before them: USING (name)."
BETWEEN = "Write BETWEEN low AND high, without parentheses."
TYPES = each({
    "INT INT4 INT32 MEDIUMINT": "Write INTEGER.", "INT8 INT64 LONG": "Write BIGINT.",
    "INT2 INT16 SHORT TINYINT BYTE": "Write SMALLINT.", "FLOAT4 FLOAT32": "Write REAL.",
    "FLOAT8 FLOAT64": "Write DOUBLE PRECISION.", "FLOAT DECIMAL NUMERIC NUMBER": "Write REAL or DOUBLE PRECISION.",
    "TEXT STRING CHARACTER NCHAR NVARCHAR": "Write VARCHAR.", "DATE DATETIME TIME TIMESTAMPTZ": "Write TIMESTAMP.",
    "BOOLEAN BOOL": "ADQL has no truth values: 1 and 0 stand for them.",
})  # fmt: skip
"""What CAST has in place of the types of other dialects."""
AFTER = {
    "IN": "Write IN (1, 2, 3) or IN (SELECT ...).",
    "EXISTS": "Write EXISTS (SELECT ...).",
    "USING": USING,
    "RECURSIVE": "No query of WITH can name itself: ADQL has no RECURSIVE.",
}
"""What to do about whatever does not fit right after a word."""
INSIDE = {
    ("CAST", ","): "Write CAST(value AS TYPE).",
    ("BETWEEN", ","): BETWEEN,
    ("BETWEEN", "AND"): BETWEEN,
    ("USING", "."): USING,
    ("SELECT", ","): "Columns stand side by side without parentheses: SELECT a, b.",
    **{(comparison, ","): "A list of values stands after IN: x IN (1, 2)." for comparison in ("=", "<>", "!=")},
    **{(word, ","): "Values are compared one by one: a = 1 AND b = 2." for word in CONDITIONS},
}
"""What to do about a token in parentheses, by the word before them."""


def of_surroundings(tokens: Sequence[Token], index: int) -> Iterator[str]:
    """Give what the words around a place tell to do about the token there; some may be empty."""
    found, before = tokens[index], tokens[index - 1] if index else Token("end", "", -1)
    word, function = found.text.upper(), called(tokens, index)
    yield AFTER.get(before.text.upper(), "") if before.kind in ("keyword", "name") else ""
    if function and found.kind in ("keyword", "symbol"):
        yield INSIDE.get((function.text, word), "")
    if function and function.text == "CAST" and before.text == "AS":
        yield TYPES.get(word, "")
    yield of_keyword_before(tokens, index) if before.kind == "keyword" else ""
    yield from of_neighbour(tokens, index)


def of_neighbour(tokens: Sequence[Token], index: int) -> Iterator[str]:
    """Give what the tokens beside a place tell to do about the token there; some may be empty."""
    found, before, word = tokens[index], tokens[index - 1], tokens[index].text.upper()
    previous = tokens[max(0, index - 2)]
    if before.kind == "string" and not before.text and found.kind == "name" and found.at == before.at + 2:
        yield f"A text has one single quote at each end: '{found.text}'."
    if word in ("DATE", "TIME", "TIMESTAMP") and tokens[min(index + 1, len(tokens) - 1)].kind == "string":
        yield "A time is CAST('2026-01-01T00:00:00' AS TIMESTAMP), or that text alone."
    if word in ("ALL", "ANY", "SOME") and before.kind == "symbol":
        yield "A comparison has one value on each side; sub-queries stand in IN (...) and EXISTS (...)."
    if previous.text == "WITH" and found.is_symbol("("):
        yield "WITH names a query alone; its columns are named inside: WITH q AS (SELECT id AS i FROM ...)."
    if before.is_symbol(".") and found.is_symbol("."):
        yield "Name the schema, or write the table alone: schema.table."
    if word == "FROM" and (before.text in ("SELECT", "ALL", "DISTINCT") or previous.text == "TOP"):
        yield "Columns are missing: SELECT columns FROM table; * stands for all of them."


def of_keyword_before(tokens: Sequence[Token], index: int) -> str:
    """Give what to do about the token after a keyword that asks for something else."""
    found, before = tokens[index], tokens[index - 1].text
    following = tokens[min(index + 1, len(tokens) - 1)]
    ends = found.kind == "end" or found.is_symbol(")") or (found.kind == "keyword" and found.text in STRUCTURE)
    if before == "NOT" and found.kind == "keyword" and found.text == "NULL":
        return "Write IS NOT NULL."
    if before in CONDITIONS and ends and found.text not in ("NOT", "SELECT", "ALL", "ANY", "SOME"):
        return f"What is compared is missing after {before}."
    if before in ("FROM", "JOIN") and ends and found.text != "SELECT":
        return f"A table is missing after {before}."
    if before == "AS" and found.kind == "string":
        return f'Names stand between double quotes, or without: "{found.text}".'
    if before == "AS" and found.kind == "keyword" and found.text == "SELECT":
        return "A query of WITH stands in parentheses: WITH q AS (SELECT ...)."
    quoted = found.text in ("ORDER", "GROUP") and found.kind == "keyword" and following.text != "BY"
    return f'A column of that name is written "{found.text.lower()}", in double quotes.' if quoted else ""


def opened(tokens: Sequence[Token], index: int) -> Token | None:
    """Give the parenthesis that is open before a place, the innermost one."""
    depth = 0
    for token in reversed(tokens[:index]):
        depth += token.is_symbol(")") - token.is_symbol("(")
        if depth < 0:
            return token
    return None


def called(tokens: Sequence[Token], index: int) -> Token | None:
    """Give the token before the innermost parenthesis that is open before a place: a function's name, IN, or others."""
    opening = opened(tokens, index)
    at = tokens.index(opening) if opening else 0
    return tokens[at - 1] if at else None
