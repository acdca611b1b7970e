"""Valid queries are understood; invalid ones are refused with the place and a reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uraniborg_portal.adql.bind import bind
from uraniborg_portal.adql.models import Table
from uraniborg_portal.adql.parse import parse
from uraniborg_portal.catalogs.models import Column, Position
from uraniborg_portal.errors import QueryRefused

STARS = Table(
    name="stars",
    columns=(
        Column(name="id", datatype="int"),
        Column(name="ra", datatype="double", minimum=0.0),
        Column(name="dec", datatype="double"),
        Column(name="mag", datatype="float"),
        Column(name="name", datatype="char", arraysize="*"),
    ),
    position=Position(ra="ra", dec="dec"),
)


def corpus(name: str) -> list[str]:
    """Give the queries of a file, without its title and headings."""
    lines = Path(__file__).with_name(f"{name}.adql").read_text("utf-8").splitlines()[1:]
    return [line.replace(r"\n", "\n").replace(r"\t", "\t").replace(r"\r", "\r") for line in lines if line[:2] != "##"]


VALID, EXTENSIONS = corpus("valid"), corpus("extensions")
INVALID, UNKNOWN = ([line.split(" ## ") for line in corpus(name)] for name in ("invalid", "unknown"))
WORDS = [
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "(", ")", "(",
    ")", ",", "*", ".", "=", "<", ">", "||", "'text'", "1",
    "2.5", "id", "ra", "dec", "stars", "galaxies", "name", "AS", "JOIN", "ON",
    "USING", "NATURAL", "LEFT", "UNION", "TOP", "DISTINCT", "COUNT", "POINT", "CIRCLE", "CONTAINS",
    "CASE", "WHEN", "THEN", "END", "CAST", "ORDER", "BY", "GROUP", "HAVING", "OFFSET",
    "NULL", "IS", "LIKE", "BETWEEN", "EXISTS", "WITH", "+", "-", "/", '"Odd',
    'Name"',
]  # fmt: skip


@pytest.mark.parametrize("query", [*VALID, *corpus("grammar")])
def test_valid_query_is_in_the_grammar_of_the_standard(query: str) -> None:
    assert parse(query, extensions=False)


def test_many_comments_behind_a_semicolon_are_read_once() -> None:
    with pytest.raises(QueryRefused, match="';' is not part of ADQL"):
        parse("SELECT id FROM stars;" + "-- " * 20_000 + "\n" * 20_000 + "x")


@pytest.mark.parametrize("query", EXTENSIONS)
def test_extension_is_not_in_the_grammar_of_the_standard(query: str) -> None:
    with pytest.raises(QueryRefused, match="an extension of this service"):
        parse(query, extensions=False)


@pytest.mark.parametrize(("query", "reason"), INVALID)
def test_invalid_query_is_not_in_any_grammar(query: str, reason: str) -> None:
    for extensions in (True, False):
        with pytest.raises(QueryRefused):
            parse(query, extensions=extensions)


@pytest.mark.parametrize("query", [query for query, _ in UNKNOWN])
def test_unknown_names_are_no_matter_of_the_grammar(query: str) -> None:
    assert parse(query)


@pytest.mark.parametrize("query", [*VALID, *EXTENSIONS])
def test_valid_query_is_bound(query: str, tables: Mapping[str, Table]) -> None:
    bound = bind(query, tables)
    assert bound.columns
    assert len({column.name.lower() for column in bound.columns}) == len(bound.columns)
    assert bound.sql.sql("duckdb")


@pytest.mark.parametrize(
    ("value", "datatype", "unit"),
    [
        ("ra", "double", "deg"),
        ("-ra", "double", "deg"),
        ("ra + dec", "double", "deg"),
        ("ra + parallax", "double", None),
        ("ra + 360", "double", "deg"),
        ("90 - dec", "double", "deg"),
        ("2 * ra", "double", "deg"),
        ("parallax / 1000", "double", "mas"),
        ("1000 / parallax", "double", "mas**-1"),
        ("pmra * pmra", "double", "mas**2.yr**-2"),
        ("pmra / parallax", "double", "yr**-1"),
        ("ra / dec", "double", None),
        ("ra * id", "double", None),
        ("AVG(mag)", "double", "mag"),
        ("ABS(pmra - pmdec)", "double", "mas/yr"),
        ("COALESCE(ra, dec)", "double", "deg"),
        ("COALESCE(ra, mag)", "double", None),
        ("CASE WHEN mag < 1 THEN ra ELSE dec END", "double", "deg"),
        ('"count" + 1', "int", None),
        ('"count" + "count"', "short", None),
        ('"count" * "Odd Name"', "long", None),
        ("id / 2", "int", None),
        ('"Odd Name" * parallax', "double", None),
        ("name || 'x'", "char", None),
        ("name || 'é'", "unicodeChar", None),
        ("COALESCE(name, 'é')", "unicodeChar", None),
        ("UPPER('é')", "unicodeChar", None),
        ("CAST('é' AS CHAR(3))", "unicodeChar", None),
        ("CAST(mag AS VARCHAR)", "char", None),
        ("ivo_string_agg('é' || name, ',')", "unicodeChar", None),
    ],
)
def test_types_and_units_are_carried_through_values(
    value: str, datatype: str, unit: str | None, tables: Mapping[str, Table]
) -> None:
    for query in (("SELECT", value, "AS v FROM stars"), ("SELECT v FROM (SELECT", value, "AS v FROM stars) AS x")):
        (column,) = bind(" ".join(query), tables).columns
        assert (column.datatype, column.unit) == (datatype, unit)


@pytest.mark.parametrize(("query", "reason"), [*INVALID, *UNKNOWN])
def test_invalid_query_is_refused_with_place_and_reason(query: str, reason: str, tables: Mapping[str, Table]) -> None:
    with pytest.raises(QueryRefused) as refused:
        bind(query, tables)
    error = refused.value
    assert reason.lower() in f"{error.message} {error.remedy}".lower()
    assert error.line == 1
    assert error.column is not None
    assert 1 <= error.column <= len(query) + 1


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT id\nFROM stars\nWHERE magg < 5", 3, 7),
        ("SELECT id\n  FROM starz", 2, 8),
        ("SELECT id FROM stars\nORDER BY 9", 2, 10),
    ],
)
def test_refusal_says_line_and_column(query: str, line: int, column: int, tables: Mapping[str, Table]) -> None:
    with pytest.raises(QueryRefused) as refused:
        bind(query, tables)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_a_column_that_is_computed_has_a_name_of_its_own() -> None:
    odd = Table(
        name="odd", columns=(*STARS.columns, Column(name="Computed 0", datatype="int")), position=STARS.position
    )
    cones = (f"1 = CONTAINS(POINT(ra, dec), CIRCLE(1, 2, {radius}))" for radius in (3, 4, 5))
    (scan,) = bind(" ".join(('SELECT "Computed 0" FROM odd WHERE', " OR ".join(cones))), {"odd": odd}).scans
    names = [name for name, _ in scan.computed]
    assert len(names) == 3
    assert "computed 0" not in names
    assert "Computed 0" in scan.columns


@given(st.text(max_size=200))
def test_any_text_is_refused_or_bound(text: str) -> None:
    refused_or_bound(text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_words_of_adql_are_refused_or_bound(words: list[str]) -> None:
    refused_or_bound(" ".join(words))


@pytest.mark.parametrize("count", [50, 500, 5000])
@pytest.mark.parametrize(
    "piece", ["(", "ABS(", "CASE WHEN ", "NOT ", "1+", "mag < 1 AND ", "(SELECT id FROM ", "LOG(mag+"]
)
def test_deep_and_long_queries_end_quickly(piece: str, count: int) -> None:
    start = "SELECT id FROM stars WHERE "
    refused_or_bound(start + piece * count)
    refused_or_bound(start + piece * count + "1" + ")" * count + " > 0")


def refused_or_bound(text: str) -> None:
    try:
        bind(text, {"stars": STARS})
    except QueryRefused as refused:
        assert refused.message


@pytest.mark.parametrize(
    "query", ["SELECT {} FROM stars", "SELECT {}(id) FROM stars", "SELECT id FROM stars AS {0}, stars AS {0}"]
)
def test_a_long_name_is_not_repeated(query: str, tables: Mapping[str, Table]) -> None:
    with pytest.raises(QueryRefused) as refused:
        bind(query.format("x" * 10_000), tables)
    assert len(refused.value.message) + len(refused.value.remedy) < 1100


def test_a_query_gives_no_more_columns_than_are_read(tables: Mapping[str, Table]) -> None:
    names = bind(" ".join(["SELECT", "id," * 3_999, "id", "FROM stars"]), tables).columns
    assert [names[0].name, names[1].name, names[3_999].name] == ["id", "id_2", "id_4000"]
    with pytest.raises(QueryRefused, match="gives 4,001 columns; accepted: 4,000"):
        bind(" ".join(["SELECT", "id," * 4_000, "id", "FROM stars"]), tables)


def test_many_bands_are_the_whole_sky(tables: Mapping[str, Table]) -> None:
    few, many = (" OR ".join(f"ra < {number / 1000}" for number in range(count)) for count in (300, 3_000))
    (narrowed,) = bind(" ".join(["SELECT id FROM stars WHERE", few]), tables).scans
    (whole,) = bind(" ".join(["SELECT id FROM stars WHERE", many]), tables).scans
    assert narrowed.cover is not None and narrowed.cover.moc is not None
    assert whole.cover is None or whole.cover.moc is None
