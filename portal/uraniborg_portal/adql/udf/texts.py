"""Texts (catalogue of user-defined functions of the IVOA)."""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.adql.datatypes import text_type
from uraniborg_portal.adql.grouping import is_aggregated
from uraniborg_portal.adql.models import Term
from uraniborg_portal.adql.patterns import ends_in_escape, like
from uraniborg_portal.adql.sky import call
from uraniborg_portal.adql.udf.registry import Asked, user_function
from uraniborg_portal.catalogs.models import Column

EDGE = r"[^\p{L}\p{N}_]"
"""What does not belong to a word, in any script."""


def said(name: str, truth: exp.Expr) -> Term:
    """Give 1 where something is true, 0 where it is not."""
    return Term(
        sql=exp.Cast(this=truth, to=exp.DataType.build("INT")), column=Column(name=name, datatype="int"), truth=truth
    )


def joined(*parts: exp.Expr | str) -> exp.Expr:
    """Give texts one after the other."""
    texts = [exp.Literal.string(part) if isinstance(part, str) else part for part in parts]
    whole = texts[0]
    for text in texts[1:]:
        whole = exp.DPipe(this=whole, expression=text, safe=False)
    return exp.Paren(this=whole)


@user_function("ivo_hasword(haystack TEXT, needle TEXT) -> INTEGER")
def has_word(asked: Asked) -> Term | str:
    """Give 1 where a text has a word, or some words in this order, whatever their case; 0 where it has not."""
    haystack, needle = asked.sql
    # One space or more between words are all the same; escaped they have a backslash each.
    spaces, any_space, all_of_them = (exp.Literal.string(text) for text in (r"(\\?\s)+", r"\\s+", "g"))
    words = call("regexp_replace", call("regexp_escape", call("trim", needle)), spaces, any_space, all_of_them)
    pattern = joined(f"(?i)(^|{EDGE})", words, f"($|{EDGE})")
    return said("ivo_hasword", call("regexp_matches", haystack, pattern))


@user_function("ivo_hashlist_has(hashlist TEXT, item TEXT) -> INTEGER")
def hashlist_has(asked: Asked) -> Term | str:
    """Give 1 where a list of words with # between them has an item, whatever its case; 0 where it has not."""
    words, item = (call("lower", text) for text in asked.sql)
    parts = call("string_split", words, exp.Literal.string("#"))
    # An unknown item is in no list, and nothing is known of an unknown list: NULL, not 0.
    found = call("list_contains", parts, item)
    return said("ivo_hashlist_has", found)


@user_function("ivo_nocasematch(value TEXT, pattern TEXT) -> INTEGER")
def no_case_match(asked: Asked) -> Term | str:
    """Give 1 where a text matches a pattern of LIKE, whatever its case; 0 where it does not."""
    value, pattern = asked.sql
    if pattern.is_string and ends_in_escape(pattern.name):
        return "the pattern ends with a backslash, which escapes nothing"
    return said("ivo_nocasematch", exp.Paren(this=like(exp.ILike, value, pattern)))


@user_function("ivo_string_agg(expression TEXT, delimiter TEXT) -> TEXT")
def string_agg(asked: Asked) -> Term | str:
    """Give all texts of a group as one, with a delimiter between them; an aggregate, as COUNT is."""
    expression, delimiter = asked.sql
    if not delimiter.is_string:
        return "the delimiter of ivo_string_agg is a text between quotes"
    if is_aggregated(expression):
        return "an aggregate can't hold another aggregate"
    sql = exp.GroupConcat(this=expression, separator=delimiter)
    datatype = text_type(*(term.datatype for term in asked.arguments))
    return Term(sql=sql, column=Column(name="ivo_string_agg", datatype=datatype, arraysize="*"))
