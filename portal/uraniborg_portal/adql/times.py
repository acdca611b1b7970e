"""TIMESTAMP (ADQL 2.1, section 3.3.1): texts as DALI 1.1 writes times, compared by the time that they say."""

from __future__ import annotations

import re

from sqlglot import exp

from uraniborg_portal.adql.models import Term
from uraniborg_portal.adql.sky import call

XTYPE = "timestamp"
"""What the columns of times have for xtype (DALI 1.1, section 3.3.3)."""
WRITTEN = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?)?")
TIMESTAMP, VARCHAR = exp.DataType.build("TIMESTAMP"), exp.DataType.build("VARCHAR")


def time_of(text: exp.Expr) -> exp.Expr:
    """Give the time that a text says, as YYYY-MM-DDThh:mm:ss with a fraction of the second where there is one."""
    moment = exp.Cast(this=exp.Cast(this=text, to=TIMESTAMP.copy()), to=VARCHAR.copy())
    return call("replace", moment, exp.Literal.string(" "), exp.Literal.string("T"))


def as_times(*terms: Term) -> list[exp.Expr] | None:
    """Give values that are compared as times; None where none of them is one, or one can't be.

    A text of a column of times that says none is NULL then.
    """
    if not any(is_time(term) for term in terms) or not all(is_time(term) or says_time(term) for term in terms):
        return None
    return [exp.TryCast(this=term.sql, to=TIMESTAMP.copy()) for term in terms]


def is_time(term: Term) -> bool:
    """Say whether a value is a TIMESTAMP."""
    return term.column.xtype == XTYPE and term.is_text


def says_time(term: Term) -> bool:
    """Say whether a value is a written text that says a time."""
    return term.sql.is_string and WRITTEN.fullmatch(term.sql.name) is not None
