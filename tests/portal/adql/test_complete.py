"""What is offered while a query is written; `|` is the place."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.adql.complete import complete
from uraniborg_portal.adql.models import Table


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("|", "SELECT"),
        ("SEL|", "SELECT"),
        ("SELECT * FROM |", "stars"),
        ("SELECT * FROM st|", "stars"),
        ("SELECT * FROM stars, gal|", "galaxies"),
        ("SELECT * FROM tap_schema.|", "columns"),
        ("SELECT * FROM tap_schema.co|", "columns"),
        ("SELECT * FROM stars JOIN |", "galaxies"),
        ("SELECT * FROM (SELECT id FROM |", "stars"),
        ("SELECT pm| FROM stars", "pmra"),
        ("SELECT | FROM stars", "parallax"),
        ("SELECT s.p| FROM stars AS s", "parallax"),
        ("SELECT s.| FROM galaxies g JOIN stars s ON s.name = g.name", "pmdec"),
        ("SELECT stars.| FROM stars", "id"),
        ("SELECT id FROM stars WHERE ABS(ma|", "mag"),
        ("SELECT id FROM stars WHERE mag < 5 AND par|", "parallax"),
        ("SELECT id FROM stars ORDER BY m|", "mag"),
        ("SELECT id FROM stars GROUP BY na|", "name"),
        ("SELECT allax| FROM stars", "parallax"),
        ("SELECT cou| FROM stars", '"count"'),
        ('SELECT "Odd| FROM stars', '"Odd Name"'),
        ("SELECT na| FROM stars s, galaxies g", "s.name"),
        ("SELECT ivo_heal| FROM stars", "ivo_healpix_index("),
        ("SELECT COOR|", "COORD1("),
        ("SELECT id FROM stars WH|", "WHERE"),
        ("SELECT id FROM stars WHERE mag IS|", "IS NULL"),
        ("SELECT * FROM (|", "SELECT"),
        ("SELECT * FROM (SEL|", "SELECT"),
        ("SELECT id FROM stars WHERE id IN (|", "SELECT"),
        ("SELECT id FROM stars UNION |", "SELECT"),
        ("SELECT id FROM stars ORDER |", "BY"),
        ("WITH bright AS (SELECT id FROM stars) SELECT * FROM |", "bright"),
        ("WITH bright AS (SELECT id, mag AS light FROM stars) SELECT | FROM bright", "light"),
        ("SELECT x.| FROM (SELECT id, ra AS lon FROM stars) AS x", "lon"),
        ("SELECT | FROM (SELECT * FROM stars) x", "parallax"),
        ("SELECT | FROM (stars s JOIN galaxies g ON s.name = g.name)", "parallax"),
        ("SELECT id FROM galaxies g WHERE EXISTS (SELECT 1 FROM stars s WHERE g.na|", "name"),
        ("SELECT id FROM galaxies UNION SELECT par| FROM stars", "parallax"),
        ("SELECT q.| FROM (SELECT id FROM stars UNION SELECT name FROM galaxies) q", "id"),
        ("SELECT q.| FROM ((SELECT id FROM stars)) q", "id"),
        ("SELECT x.| FROM (stars a JOIN galaxies b ON a.name = b.name) x", "parallax"),
        ("SELECT id AS number FROM stars ORDER BY num|", "number"),
        ("SELECT CASE | FROM stars", "WHEN"),
        ("SELECT CASE WHEN mag < 5 | FROM stars", "THEN"),
        ("SELECT CASE WHEN mag < 5 THEN 1 | FROM stars", "ELSE"),
        ("SELECT CASE WHEN mag < 5 THEN 1 ELSE 0 | FROM stars", "END"),
        ("SELECT CAST(mag | FROM stars", "AS"),
        ("SELECT CAST(mag AS | FROM stars", "DOUBLE PRECISION"),
        ("SELECT CAST(mag AS INT|) FROM stars", "INTEGER"),
        ("SELECT CAST(mag AS DOUBLE |", "PRECISION"),
        ("SELECT id FROM stars WHERE mag |", "BETWEEN"),
        ("SELECT id FROM stars WHERE mag BETWEEN 1 |", "AND"),
        ("SELECT id FROM stars WHERE mag < 5 |", "AND"),
        ("SELECT id FROM stars WHERE (mag < 5) |", "ORDER BY"),
        ("SELECT id FROM stars WHERE mag IS NOT |", "NULL"),
        ("SELECT id FROM stars WHERE mag NOT |", "IN"),
        ("SELECT id |", "FROM"),
        ("SELECT id FROM stars WHERE id IN (1, 2, |", "mag"),
        ("SELECT id FROM stars s JOIN galaxies g USING (|", "name"),
        ("SELECT id FROM stars s JOIN galaxies g |", "ON"),
        ("SELECT id FROM stars s NATURAL JOIN galaxies g |", "WHERE"),
        ("SELECT id FROM stars ORDER BY mag |", "DESC"),
        ("SELECT id FROM (SELECT id FROM stars) |", "AS"),
        ("SELECT q.| FROM (SELECT COUNT(*), mag + 1, name n FROM stars) q", '"count"'),
        ("SELECT q.| FROM (SELECT COUNT(*), mag + ra, name n FROM stars) q", "expression"),
        ("SELECT q.| FROM (SELECT DISTINCT TOP 5 s.mag FROM stars s) q", "mag"),
        ("SELECT q.| FROM (SELECT s.* FROM stars s, galaxies g) q", "parallax"),
        ("SELECT id AS x FROM stars UNION SELECT ra FROM galaxies ORDER BY |", "x"),
        ("WITH b AS (SELECT id FROM stars), c AS (SELECT | FROM b) SELECT 1 FROM c", "id"),
        ("WITH b AS (SELECT id AS star FROM stars) SELECT name FROM galaxies WHERE ra IN (SELECT st| FROM b)", "star"),
        ("WITH b |", "AS"),
        ("WITH b AS (SELECT id FROM stars) |", "SELECT"),
        ("SELECT id FROM st|\n-- FROM galaxies\nWHERE mag < 5", "stars"),
    ],
)
def test_what_is_wanted_is_offered_first(tables: Mapping[str, Table], text: str, offered: str) -> None:
    before, _, after = text.partition("|")
    found = complete(before, after, tables)
    assert offered in [each.text for each in found.suggestions[:8]]


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("SELECT * FROM |", "ABS("),
        ("SELECT * FROM |", "id"),
        ("SELECT | FROM galaxies", "parallax"),
        ("SELECT stars.| FROM stars", "ABS("),
        ("SELECT g.p| FROM stars s, galaxies g", "parallax"),
        ("SELECT id FROM stars WHERE name = 'FROM' |", "galaxies"),
        ("SELECT stars '.' |", "Odd Name"),
        ("SELECT p| FROM galaxies WHERE id IN (SELECT id FROM stars)", "parallax"),
        ("SELECT p| FROM galaxies UNION SELECT id FROM stars", "parallax"),
        ("SELECT * FROM stars, (SELECT p| FROM galaxies) q", "parallax"),
        ("SELECT a.| FROM (stars a JOIN galaxies b ON a.name = b.name) x", "parallax"),
        ("SELECT q.| FROM (SELECT id FROM stars UNION SELECT name FROM galaxies) q", "name"),
        ("SELECT TOP | FROM stars", "id"),
        ("SELECT id AS | FROM stars", "id"),
        ("SELECT id FROM stars OFFSET |", "id"),
        ("SELECT id FROM stars GROUP |", "id"),
        ("SELECT id FROM stars WHERE mag |", "id"),
        ("SELECT id | FROM stars", "mag"),
        ("SELECT id AS | FROM stars", "INTEGER"),
        ("SELECT id AS x FROM stars UNION SELECT ra FROM galaxies ORDER BY |", "ra"),
        ("SELECT q.| FROM (SELECT mag + ra FROM stars) q", "ra"),
        ("SELECT id FROM stars s JOIN galaxies g USING (|", "pmra"),
        ("SELECT id FROM stars WHERE id IN (|", "WITH"),
        ("SELECT * | FROM stars", "AS"),
        ("SELECT id FROM stars; |", "WHERE"),
        ("SELECT id FROM stars; SELECT | FROM stars", "id"),
        ("SELECT TOP | FROM stars", "id"),
        ("SELECT id FROM stars OFFSET |", "id"),
        ("WITH a AS (SELECT id FROM stars), b AS (SELECT * FROM |) SELECT * FROM b", "b"),
        ("WITH b AS (SELECT | FROM stars) SELECT * FROM galaxies", "galaxies.ra"),
    ],
)
def test_what_does_not_fit_is_not_offered(tables: Mapping[str, Table], text: str, unwanted: str) -> None:
    before, _, after = text.partition("|")
    assert unwanted not in [each.text for each in complete(before, after, tables).suggestions]


def test_a_sub_query_s_own_columns_come_before_those_around_it(tables: Mapping[str, Table]) -> None:
    before, after = "SELECT id FROM stars WHERE name IN (SELECT ", " FROM galaxies)"
    names = [each.text for each in complete(before, after, tables).suggestions]
    assert names.index("galaxies.mag") < names.index("stars.mag")


@pytest.mark.parametrize("text", ["SELECT 'st|", "SELECT id -- st|", "SELECT 12|"])
def test_nothing_is_offered_in_texts_comments_and_numbers(tables: Mapping[str, Table], text: str) -> None:
    assert complete(text[:-1], "", tables).suggestions == ()


def test_the_part_that_is_written_is_replaced(tables: Mapping[str, Table]) -> None:
    assert complete("SELECT pm", " FROM stars", tables).replaced == 2
    assert complete('SELECT "Odd N', " FROM stars", tables).replaced == 6
    assert complete("SELECT s.", " FROM stars s", tables).replaced == 0
    assert complete("SELECT ra;", " FROM stars s", tables).replaced == 0


def test_a_column_of_a_sub_query_keeps_its_type_and_unit(tables: Mapping[str, Table]) -> None:
    (first, *_) = complete("SELECT x.", " FROM (SELECT s.pmra AS motion FROM stars AS s) AS x", tables).suggestions
    assert (first.text, first.detail) == ("motion", "double mas/yr")


def test_a_column_is_described_by_type_and_unit(tables: Mapping[str, Table]) -> None:
    (first, *_) = complete("SELECT pmr", " FROM stars", tables).suggestions
    assert (first.text, first.kind, first.detail) == ("pmra", "column", "double mas/yr")


def test_deep_parentheses_are_no_trouble(tables: Mapping[str, Table]) -> None:
    assert complete("SELECT a FROM (stars JOIN " * 5000, "", tables).suggestions


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_has_some_answer(before: str, after: str) -> None:
    assert 0 <= complete(before, after, {}).replaced <= len(before)
