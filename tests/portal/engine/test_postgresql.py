"""Values are those of a real PostgreSQL where ADQL says nothing of them, or differ as the operator's guide says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal

import psycopg
import psycopg.errors
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.portal.conftest import PostgreSQL

from uraniborg_portal.catalogs.datatypes import arrow_of
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.upload import Upload
from uraniborg_portal.errors import QueryRefused
from uraniborg_portal.settings import QueryLimits

Value = int | float | str | None
Row = tuple[object, ...]
Answer = tuple[list[str], list[Row]]
Ask = Callable[[str], Answer]
"""Gives the types of the columns, as VOTable has them, and the rows of a query."""
TYPES = {"int2": "short", "int4": "int", "int8": "long", "float4": "float", "float8": "double", "text": "char"}
COLUMNS: dict[str, tuple[str, list[Value]]] = {
    "id": ("int", [1, 2, 3, 4, 5, 6, 7, 8]),
    "i": ("int", [7, -7, 0, None, 2147483647, -3, 5, 8]),
    "s": ("short", [3, -3, 2, 0, 32767, None, -8, 1]),
    "l": ("long", [10, -10, 2**53 + 1, 0, 2**63 - 1, None, 3, 2]),
    "x": ("double", [2.25, -2.25, 0.75, None, 1e100, -0.25, 3.7, 0.0]),
    "f": ("float", [1.5, -1.5, 0.25, None, 1048576.0, 2.5, -0.75, 8.0]),
    "t": ("char", ["abc", "ABC", "", "%", None, "a_c", "b", "b a"]),
}
SAME = [
    "i / 2", "i / s", "-7 / 2", "2 / 3 / 4.0", "7 / 2 * 2", "2 - 3 - 4", "1 + 2 * 3", "-2 * -3", "s / 2", "i / 2.0",
    "s + 1", "s * 10000", "l - i", "f + 1", "f * i", "l * f", "f / 3", "f - s", "f + f", "x * i", "x - f", "-l", "-f",
    "MOD(i, 3)", "MOD(-i, 3)", "MOD(s, 2)", "MOD(l, 7)", "ABS(i)", "ABS(s)", "ABS(x)", "CEILING(x)", "CEILING(i)",
    "FLOOR(x)", "FLOOR(-0.5)", "ROUND(x)", "TRUNCATE(x)", "EXP(1)", "LOG(ABS(x) + 1)", "LOG10(ABS(x) + 1)",
    "ROUND(i)", "ROUND(s)", "TRUNCATE(f)", "TRUNCATE(i, -1)", "ROUND(i, -1)", "ROUND(s, -4)", "ROUND(i, 2)",
    "ROUND(l, -3)",
    "SQRT(ABS(x))", "POWER(i, 2)", "POWER(0, 0)", "POWER(ABS(f), 0.5)", "SIN(i)", "COS(i)", "TAN(i)", "ATAN(x)",
    "ATAN2(x, i)", "ATAN2(0, -1)", "DEGREES(1)", "RADIANS(180)", "PI()", "COALESCE(i, 0)", "COALESCE(s, i)",
    "COALESCE(i, x)", "COALESCE(t, 'none')", "CASE WHEN x > 0 THEN 1 WHEN x < 0 THEN -1 ELSE 0 END",
    "CASE i WHEN 7 THEN 'a' ELSE 'b' END", "CASE WHEN x > 0 THEN i END", "i & 3", "i | 4", "~i", "UPPER(t)",
    "LOWER(t)", "t || 'x'", "CAST('12' AS INTEGER)", "CAST(' 12 ' AS INTEGER)", "CAST(3.7 AS INTEGER)",
    "CAST('1.5' AS DOUBLE PRECISION)", "CAST(i AS DOUBLE PRECISION)", "CAST(l AS DOUBLE PRECISION)",
    "CAST(f AS DOUBLE PRECISION)", "CAST(t AS VARCHAR(2))", "CAST(i AS VARCHAR)", "CAST(0.1 AS VARCHAR)",
    "9223372036854775807", "2147483648", "1e300 * 0.5",
    "MOD(-7, 3)", "MOD(7, -3)", "MOD(i, l)", "POWER(2, -1)", "POWER(-8, 3)", "POWER(0, 0.5)", "-7 / -2", "5 / 10 * 10",
    "2147483648 + 1", "0.1 + 0.2", "CEILING(-0.5)", "TRUNCATE(-3.789, 2)", "ROUND(12345.678, -2)", "COALESCE(s, l)",
    "COALESCE(f, x)", "COALESCE(NULL, NULL, 'x')", "CASE WHEN i > 0 THEN s ELSE l END", "~s", "5 & 3 | 8",
    "CASE WHEN i BETWEEN NULL AND 10 THEN 1 ELSE 0 END", "CASE WHEN i NOT BETWEEN NULL AND 10 THEN 1 ELSE 0 END",
    "CASE WHEN i NOT IN (7, NULL) THEN 1 ELSE 0 END", "CASE WHEN NOT (i IN (7, NULL)) THEN 1 ELSE 0 END",
    "CASE i WHEN NULL THEN 1 ELSE 2 END", "CAST('1e3' AS DOUBLE PRECISION)", "CAST(' 1.5 ' AS DOUBLE PRECISION)",
    "CAST('-12' AS BIGINT)", "CAST('+12' AS INTEGER)", "CAST(-2.5 AS INTEGER)", "CAST(-i AS VARCHAR(2))", "ATAN2(0, 0)",
]  # fmt: skip
"""Values of a row; they have the same type, too."""
QUERIES = [
    "SELECT id FROM v ORDER BY x, id",
    "SELECT id FROM v ORDER BY x DESC, id",
    "SELECT id FROM v ORDER BY t",
    "SELECT id FROM v ORDER BY t DESC",
    "SELECT id FROM v ORDER BY x OFFSET 3",
    "SELECT x, COUNT(*) FROM v GROUP BY x ORDER BY x",
    "SELECT i, MIN(x) FROM v GROUP BY i HAVING COUNT(*) > 0 ORDER BY i DESC",
    "SELECT COUNT(*), COUNT(x), COUNT(DISTINCT s), SUM(s), SUM(x), AVG(x), MIN(t), MAX(t), MIN(f), MAX(l) FROM v",
    "SELECT SUM(x), SUM(i), AVG(x), MIN(i), MAX(t), COUNT(*) FROM v WHERE id > 100",
    "SELECT id FROM v WHERE x = NULL",
    "SELECT id FROM v WHERE x <> 2.25 ORDER BY id",
    "SELECT id FROM v WHERE NOT (x > 0) ORDER BY id",
    "SELECT id FROM v WHERE x IN (2.25, NULL) ORDER BY id",
    "SELECT id FROM v WHERE x NOT IN (2.25, NULL) ORDER BY id",
    "SELECT id FROM v WHERE i NOT IN (SELECT s FROM v) ORDER BY id",
    "SELECT id FROM v WHERE x BETWEEN 3 AND 1 ORDER BY id",
    "SELECT id FROM v WHERE f = 0.1 OR i = 7.0 OR i > 7.5 ORDER BY id",
    "SELECT id FROM v WHERE l = 9007199254740992 ORDER BY id",
    "SELECT id FROM v WHERE t < 'b' ORDER BY id",
    "SELECT id FROM v WHERE t LIKE 'a%' ORDER BY id",
    "SELECT id FROM v WHERE t ILIKE 'A%' ORDER BY id",
    "SELECT id FROM v WHERE t LIKE 'a_c' ORDER BY id",
    r"SELECT id FROM v WHERE t LIKE 'a\_c' ORDER BY id",
    r"SELECT id FROM v WHERE t LIKE '\%' OR t ILIKE 'A\_%' ORDER BY id",
    r"SELECT id FROM v WHERE t NOT LIKE 'a\_%' ORDER BY id",
    "SELECT id FROM v WHERE t LIKE t ORDER BY id",
    "SELECT id FROM v WHERE t NOT LIKE '%a%' ORDER BY id",
    "SELECT id FROM v WHERE t LIKE '' ORDER BY id",
    "SELECT id, (-(-3)) AS a FROM v ORDER BY a DESC, id",
    "SELECT (-(-3)) AS a, COUNT(*) FROM v GROUP BY a ORDER BY ((a))",
    "SELECT MAX(CASE WHEN EXISTS (SELECT 1 FROM v w WHERE w.i = 7) THEN 'a' ELSE 'b' END) FROM v",
    "SELECT DISTINCT s FROM v ORDER BY s",
    "SELECT s FROM v WHERE s > 0 UNION SELECT i FROM v ORDER BY s",
    "SELECT s FROM v UNION ALL SELECT i FROM v ORDER BY s",
    "SELECT s FROM v EXCEPT SELECT i FROM v ORDER BY s",
    "SELECT s FROM v EXCEPT ALL SELECT s FROM v WHERE id > 4 ORDER BY s",
    "SELECT s FROM v INTERSECT SELECT i FROM v ORDER BY s",
    "SELECT x FROM v UNION SELECT i FROM v ORDER BY x",
    "SELECT a.id, b.id FROM v a LEFT JOIN v b ON a.i = b.s ORDER BY 1, 2",
    "SELECT COUNT(*) FROM v a JOIN v b ON a.x = b.x",
    "SELECT COUNT(*) FROM v a NATURAL JOIN v b",
    "SELECT i, a.id, b.id FROM v a FULL JOIN v b USING (i) ORDER BY i, 2, 3",
    "SELECT a.id, b.s FROM v a RIGHT JOIN v b ON a.i = b.s ORDER BY 1, 2",
    "SELECT COUNT(*) FROM v a LEFT JOIN v b ON a.i = b.i AND b.s > 0",
    "SELECT DISTINCT x, i FROM v ORDER BY x, i",
    "SELECT COUNT(DISTINCT i), COUNT(DISTINCT x), COUNT(ALL i), SUM(DISTINCT s), AVG(DISTINCT s) FROM v",
    "SELECT AVG(s), AVG(i), AVG(l), AVG(f) FROM v",
    "SELECT COUNT(*) FROM v WHERE 1 = 0 GROUP BY s",
    "SELECT COUNT(*) FROM v HAVING COUNT(*) > 100",
    "SELECT MIN(x) FROM v HAVING MIN(x) < 0",
    "SELECT id FROM v WHERE NOT (x BETWEEN NULL AND 1) ORDER BY id",
    "SELECT id FROM v WHERE i NOT IN (SELECT id FROM v WHERE id > 100) ORDER BY id",
    "SELECT id FROM v WHERE NOT EXISTS (SELECT 1 FROM v w WHERE w.i = v.s) ORDER BY id",
    "SELECT id FROM v WHERE 'é' LIKE '_' AND 'a.c' LIKE 'a.c' AND NOT 'abc' LIKE 'a.c' ORDER BY id",
    "SELECT id FROM v WHERE 'a[b]' LIKE 'a[b]' AND NOT 'axxb' LIKE 'a*b' ORDER BY id",
    "SELECT id FROM v WHERE l = x OR f = x OR i = s ORDER BY id",
    "SELECT NULL AS a FROM v UNION SELECT i FROM v ORDER BY a",
    "SELECT 1 AS a FROM v UNION ALL SELECT 2.5 FROM v ORDER BY a",
    "SELECT i FROM v INTERSECT ALL SELECT s FROM v ORDER BY i",
    "SELECT i FROM v EXCEPT SELECT s FROM v UNION SELECT id FROM v ORDER BY i",
    "SELECT i FROM v UNION ALL SELECT s FROM v INTERSECT SELECT id FROM v ORDER BY i",
    "SELECT s FROM v UNION SELECT f FROM v ORDER BY s",
    "SELECT id FROM v ORDER BY x * 0, id",
]
REFUSED = [
    "s + s", "i - -1", "i + 2147483647", "l + 1", "CAST(x AS INTEGER)", "CAST(i AS SMALLINT)", "CAST('abc' AS INTEGER)",
    "CAST(x AS REAL)", "t + 1", "CAST('1.5' AS INTEGER)", "CAST('1e3' AS INTEGER)", "CAST('' AS INTEGER)",
    "CAST('1,5' AS DOUBLE PRECISION)", "CAST('2020-13-01' AS TIMESTAMP)", "i * i", "l * 2",
]  # fmt: skip
"""What both refuse: numbers out of range, and texts that are none."""
NULL_FOR_ERROR = [
    "x / 0", "i / 0", "MOD(i, 0)", "LOG(0)", "LOG(-1)", "LOG10(0)", "SQRT(-1)", "ACOS(2)", "ASIN(-2)", "POWER(0, -1)",
    "POWER(-8, 0.5)", "EXP(1000)", "POWER(10, x + 400)",
]  # fmt: skip
"""What PostgreSQL ends with an error for, and we answer with NULL: a million other rows are answered."""
DIFFERENT: list[tuple[str, Value, Value]] = [
    ("ROUND(CAST(2.5 AS DOUBLE PRECISION))", 3.0, 2.0),
    ("CAST(CAST(2.5 AS DOUBLE PRECISION) AS INTEGER)", 3, 2),
    ("CAST(CAST(1 AS DOUBLE PRECISION) AS VARCHAR)", "1.0", "1"),
    ("CAST('a' AS CHAR(3))", "a", "a  "),
]
"""Values of ours and of PostgreSQL's."""


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    home = tmp_path_factory.mktemp("values")
    engine = Engine(CatalogRegistry(home / "catalogs"), QueryLimits(), home / "spill")
    columns = tuple(
        Column(name=name, datatype=kind, arraysize="*" if kind == "char" else None)
        for name, (kind, _) in COLUMNS.items()
    )
    arrays = {
        name: pa.array(values, arrow_of(column))
        for (name, (_, values)), column in zip(COLUMNS.items(), columns, strict=True)
    }
    upload = Upload(name="v", columns=columns, rows=pa.table(arrays))

    def ask(query: str) -> Answer:
        found = engine.run(re.sub(r"\b(FROM|JOIN) v\b", r"\1 TAP_UPLOAD.v", query), 1000, uploads=[upload])
        return [column.datatype for column in found.columns], [tuple(row.values()) for row in found.table.to_pylist()]

    yield ask
    engine.close()


@pytest.fixture(scope="module")
def theirs(postgresql: PostgreSQL) -> Iterator[Ask]:
    with psycopg.connect(postgresql.database("values").replace("+psycopg", ""), autocommit=True) as connection:
        kinds = {
            name: next(theirs for theirs, ours in TYPES.items() if ours == kind) for name, (kind, _) in COLUMNS.items()
        }
        connection.execute(
            " ".join(("CREATE TABLE v (", ", ".join(f"{name} {kind}" for name, kind in kinds.items()), ")"))
        )
        rows = zip(*(values for _, values in COLUMNS.values()), strict=True)
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO v VALUES (%s, %s, %s, %s, %s, %s, %s)", list(rows))

        def ask(query: str) -> Answer:
            cursor = connection.execute(in_postgresql(query).encode())
            codes = [psycopg.postgres.types[column.type_code] for column in cursor.description or ()]
            names = [code.name if code else "" for code in codes]
            return [
                TYPES.get(name, "char" if name in ("varchar", "bpchar") else name) for name in names
            ], cursor.fetchall()

        yield ask


def in_postgresql(query: str) -> str:
    """Give ADQL in PostgreSQL's words: its LOG is decimal, and numbers with a point are not floating there."""
    for adql, words in (("LOG10(", "LG("), ("LOG(", "LN("), ("LG(", "LOG10("), ("TRUNCATE(", "TRUNC(")):
        query = query.replace(adql, words)
    return query


def value(expression: str) -> str:
    """Give the query of a value of each row."""
    return " ".join(("SELECT", expression, "AS shown FROM v ORDER BY id"))


def alike(rows: Sequence[Row]) -> list[list[object]]:
    """Give rows so that equal ones are nearly equal; PostgreSQL counts with decimals where we have floats."""
    return [[plain(each) if isinstance(each, Decimal) else each for each in row] for row in rows]


def plain(number: Decimal) -> int | float:
    """Give a decimal number as an integer, if it is one, or a float."""
    return int(number) if number == number.to_integral_value() else float(number)


def are_near(ours: Sequence[Row], theirs: Sequence[Row]) -> bool:
    """Say whether rows are equal, floats to their last digits."""
    return len(ours) == len(theirs) and all(
        a == b or (isinstance(a, float) and isinstance(b, int | float) and math.isclose(a, b, rel_tol=1e-14))
        for one, other in zip(alike(ours), alike(theirs), strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("expression", SAME)
def test_a_value_and_its_type_are_those_of_postgresql(ours: Ask, theirs: Ask, expression: str) -> None:
    types, rows = ours(value(expression))
    expected_types, expected = theirs(value(expression))
    assert are_near(rows, expected), (rows, expected)
    assert types == ["double" if each == "numeric" else each for each in expected_types]


@pytest.mark.parametrize("query", QUERIES)
def test_rows_are_those_of_postgresql(ours: Ask, theirs: Ask, query: str) -> None:
    assert are_near(ours(query)[1], theirs(query)[1]), (ours(query), theirs(query))


@pytest.mark.parametrize("expression", REFUSED)
def test_what_postgresql_refuses_is_refused(ours: Ask, theirs: Ask, expression: str) -> None:
    with pytest.raises(psycopg.Error):
        theirs(value(expression))
    with pytest.raises(QueryRefused):
        ours(value(expression))


@pytest.mark.parametrize("expression", NULL_FOR_ERROR)
def test_null_stands_where_postgresql_ends_with_an_error(ours: Ask, theirs: Ask, expression: str) -> None:
    with pytest.raises(psycopg.Error):
        theirs(value(expression))
    assert set(ours(value(expression))[1]) == {(None,)}


@pytest.mark.parametrize(("expression", "our_value", "their_value"), DIFFERENT)
def test_values_differ_as_documented(
    ours: Ask, theirs: Ask, expression: str, our_value: Value, their_value: Value
) -> None:
    assert ours(value(expression))[1][0] == (our_value,)
    assert theirs(value(expression))[1][0] == (their_value,)


Numbers = st.deferred(
    lambda: (
        st.sampled_from(["i", "s", "l", "x", "f", "id", "2", "0", "7", "2.5", "(NULL)"])
        | st.builds("({} {} {})".format, Numbers, st.sampled_from("+-*/"), Numbers)
        | st.builds("{}({})".format, st.sampled_from(["ABS", "-", "FLOOR", "CEILING"]), Numbers)
        | st.builds("COALESCE({}, {})".format, Numbers, Numbers)
        | st.builds("CASE WHEN {} THEN {} ELSE {} END".format, Conditions, Numbers, Numbers)
        | st.builds("CAST(FLOOR({}) AS BIGINT)".format, Numbers)
    )
)
Texts = st.deferred(
    lambda: (
        st.sampled_from(["t", "'a'", "'a_c'", "''", "'%'"])
        | st.builds("({} || {})".format, Texts, Texts)
        | st.builds("{}({})".format, st.sampled_from(["UPPER", "LOWER"]), Texts)
        | st.builds("COALESCE({}, {})".format, Texts, Texts)
    )
)
Not = st.sampled_from(["", "NOT "])
Conditions = st.deferred(
    lambda: (
        st.builds("{} {} {}".format, Numbers, st.sampled_from(["=", "<>", "<", ">="]), Numbers)
        | st.builds("{} {} {}".format, Texts, st.sampled_from(["=", "<>", "<", ">="]), Texts)
        | st.builds("{} IS {}NULL".format, st.sampled_from("islxft"), Not)
        | st.builds("{} {}{} {}".format, Texts, Not, st.sampled_from(["LIKE", "ILIKE"]), Texts)
        | st.builds("{} {}BETWEEN {} AND {}".format, Numbers, Not, Numbers, Numbers)
        | st.builds("{} {}IN ({}, {})".format, Numbers, Not, Numbers, Numbers)
        | st.builds("{} {}IN (SELECT {} FROM v)".format, Numbers, Not, Numbers)
        | st.builds("({} {} {})".format, Conditions, st.sampled_from(["AND", "OR"]), Conditions)
        | st.builds("NOT ({})".format, Conditions)
    )
)
Queries = st.builds(
    "SELECT id, {} AS a, {} AS b FROM v WHERE {} ORDER BY id".format, Numbers, Texts, Conditions
) | st.builds(
    "SELECT s, COUNT({}) AS n, SUM({}) AS a, MIN({}) AS b FROM v WHERE {} GROUP BY s ORDER BY s".format,
    Numbers, Numbers, Texts, Conditions,
)  # fmt: skip


@given(query=Queries)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_query_is_answered_as_by_postgresql(ours: Ask, theirs: Ask, query: str) -> None:
    typed = re.sub(r"\b2\.5\b", "2.5::float8", query).replace("(NULL)", "(NULL::int)")
    try:
        expected = theirs(typed)[1]
    except (psycopg.errors.DivisionByZero, psycopg.errors.NumericValueOutOfRange):
        with suppress(QueryRefused):
            ours(query)
        return
    assert are_near(ours(query)[1], expected), (query, ours(query)[1], expected)
