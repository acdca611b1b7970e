"""The code that repeats a query is Python that holds the query as it was."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.queries.repeat import python_of


def query_in(code: str) -> object:
    """The text that the code gives to `ub.query`."""
    call = ast.parse(code).body[-1]
    assert isinstance(call, ast.Assign)
    assert isinstance(call.value, ast.Call)
    return ast.literal_eval(call.value.args[0])


@pytest.mark.parametrize(
    "adql", ["SELECT 1", "SELECT *\nFROM t", 'SELECT "a"', 'x"""y', "a\\b", "", '"', "\r", "\u202e"]
)
def test_code_holds_the_query(adql: str) -> None:
    assert query_in(python_of(adql, 10)) == adql


@given(st.text())
def test_any_query(adql: str) -> None:
    assert query_in(python_of(adql, 10)) == adql
