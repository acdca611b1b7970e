"""What is said of the mistakes that people make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from uraniborg_portal.adql.bind import bind
from uraniborg_portal.adql.models import Table
from uraniborg_portal.errors import QueryRefused

LINES = Path(__file__).with_name("mistakes.adql").read_text("utf-8").splitlines()[1:]
MISTAKES = [[part.strip() for part in line.split(" ##")] for line in LINES if not line.startswith("##")]
ESCAPES = {r"\n": "\n", r"\r": "\r", r"\t": "\t"}


def written(query: str) -> str:
    """Give a query with the characters that its escapes stand for."""
    return re.sub(
        r"\\u([0-9a-f]{4})|\\[nrt]", lambda found: ESCAPES.get(found[0]) or chr(int(found[1] or "0", 16)), query
    )


@pytest.mark.parametrize(("query", "message", "remedy"), MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_to_do(
    query: str, message: str, remedy: str, tables: Mapping[str, Table]
) -> None:
    with pytest.raises(QueryRefused) as refused:
        bind(written(query), tables)
    assert (refused.value.message, refused.value.remedy) == (message, remedy)
    assert f"Line {refused.value.line}, column {refused.value.column}: " in message


def test_most_mistakes_have_a_remedy() -> None:
    assert sum(bool(remedy) for _, _, remedy in MISTAKES) >= 0.85 * len(MISTAKES)


def test_a_comparison_with_null_is_answered_with_a_note(tables: Mapping[str, Table]) -> None:
    assert bind("SELECT id FROM stars WHERE mag = NULL", tables).notes == (
        "A comparison with NULL is never true: write IS NULL or IS NOT NULL.",
    )


@pytest.mark.parametrize(
    "name", ["TAP_SCHEMA.tables", "tap_schema.TABLES", '"TAP_SCHEMA"."tables"', 'tap_schema."tables"']
)
def test_case_counts_between_double_quotes_only(name: str, tables: Mapping[str, Table]) -> None:
    assert bind(" ".join(("SELECT table_name FROM", name)), tables).columns
