"""What is asked of other services, and what their answers mean."""

from __future__ import annotations

import pytest

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.errors import BadParameter, NotFound
from uraniborg_portal.outside.hosts import AllowedHosts
from uraniborg_portal.queries.models import Center, Filter, Form
from uraniborg_portal.remote import schema
from uraniborg_portal.remote.form import compose, table_name
from uraniborg_portal.remote.infos import status_of, words_of
from uraniborg_portal.remote.models import Service
from uraniborg_portal.remote.services import allowed_hosts, find, services_of
from uraniborg_portal.settings import RemoteTap

GAIA = Service(name="gaia", title="Gaia", url="https://gea.example/tap")
ROWS = [
    {"column_name": "source_id", "datatype": "bigint", "principal": 1},
    {"column_name": "RAJ2000", "datatype": "adql:DOUBLE", "unit": "deg", "ucd": "POS_EQ_RA_MAIN", "principal": 1},
    {"column_name": "DEJ2000", "datatype": "DOUBLE PRECISION", "unit": "deg", "ucd": "pos.eq.dec;meta.main"},
    {"column_name": '"[Fe/H]"', "datatype": "REAL", "ucd": None, "principal": 0},
    {"COLUMN_NAME": "size", "DATATYPE": "adql:VARCHAR(20)", "principal": 0},
    {"column_name": "region", "datatype": "adql:REGION"},
]
TABLE = schema.table_of(GAIA, "gaiadr3.gaia_source", ROWS)


def test_columns_are_described_as_catalogs_have_them() -> None:
    kinds = {column.name: column.datatype for column in TABLE.columns}
    assert list(kinds.values()) == ["long", "double", "double", "float", "char", "char"]
    assert (TABLE.ra, TABLE.dec) == ("RAJ2000", "DEJ2000")
    assert TABLE.columns[1] == Column(
        name="RAJ2000", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main", principal=True
    )


def test_a_form_is_adql_2_0() -> None:
    center = Center(ra=83.82, dec=-5.39, name="M42", source="table")
    filters = (
        Filter(column='"[Fe/H]"', operator="<", value="-1"),
        Filter(column="size", operator="=", value="O'Neill"),
    )
    made = compose(TABLE, Form(center=center, radius=0.5, filters=filters, rows=20))
    assert made.adql == (
        "SELECT TOP 20\n  source_id, RAJ2000\nFROM gaiadr3.gaia_source\n"
        "WHERE 1 = CONTAINS(POINT('ICRS', RAJ2000, DEJ2000), CIRCLE('ICRS', 83.82, -5.39, 0.5))\n"
        "  AND \"[Fe/H]\" < -1\n  AND \"size\" = 'O''Neill'"
    )
    assert "SELECT TOP 1\n  source_id\nFROM" in compose(TABLE, Form(rows=1, columns=("source_id", "source_id"))).adql


def test_a_form_that_does_not_fit_says_where() -> None:
    nowhere = schema.table_of(GAIA, "texts", ROWS[:1])
    center = Center(ra=1, dec=1, name="x", source="y")
    cases: list[tuple[Form, str]] = [
        (Form(center=center, radius=1), "target"),
        (Form(columns=("source_id; DROP TABLE",)), "columns"),
        (Form(columns=()), "columns"),
        (Form(filters=(Filter(column="nothing", operator="="),)), "filters"),
        (Form(filters=(Filter(column="source_id", operator="<", value="1 OR 1=1"),)), "filters"),
        (Form(radius=1.0), "target"),
    ]
    for form, field in cases:
        with pytest.raises(BadParameter) as refused:
            compose(nowhere, form)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("gaiadr3.gaia_source", "gaiadr3.gaia_source"),
        ("basic", "basic"),
        ("I/239/hip_main", '"I/239/hip_main"'),
        ('"I/239/hip_main"', '"I/239/hip_main"'),
        ('viz1."J/A+A/1"', 'viz1."J/A+A/1"'),
        ("ivoa.order", 'ivoa."order"'),
        ('x" FROM y --', '"x"" FROM y --"'),
    ],
)
def test_a_table_is_written_as_queries_have_it(name: str, written: str) -> None:
    assert table_name(name) == written


def test_a_word_is_looked_for_without_functions() -> None:
    asked = schema.tables_question(" o'Neill ")
    assert "table_name LIKE '%o''Neill%' OR table_name LIKE '%o''neill%' OR table_name LIKE '%O''NEILL%'" in asked
    assert "WHERE" not in schema.tables_question("")
    assert schema.columns_question("a'b").endswith("WHERE table_name = 'a''b'")
    for wrong in ("x" * 101, "a\nb"):
        with pytest.raises(BadParameter):
            schema.tables_question(wrong)
    found = schema.tables_of([{"table_name": "a", "description": "of gaia"}, {"table_name": "z.gaia"}, {}], "Gaia")
    assert [each.name for each in found] == ["z.gaia", "a"]


@pytest.mark.parametrize(
    ("document", "overflow", "error"),
    [
        (b'<INFO name="QUERY_STATUS" value="OK"/>', False, None),
        (b'<TABLE/><INFO value="OVERFLOW" name="QUERY_STATUS">more</INFO>', True, None),
        (b"<v:INFO name='QUERY_STATUS' value='ERROR'>no table &lt;x&gt;\n here</v:INFO>", False, "no table <x> here"),
        (b'<INFO name="QUERY_STATUS" value="ERROR"><![CDATA[a < b]]></INFO>', False, "a < b"),
        (b'<INFO name="QUERY_STATUS" value="ERROR"/>', False, "The service reports an error, without words."),
        (b'<INFO name="OTHER" value="ERROR">x</INFO>', False, None),
        (b"<INFO name='QUERY_STATUS' " * 100_000, False, None),
        (b"<TD>" + b"x" * 100_000 + b'</TD><INFO name="QUERY_STATUS" value="OVERFLOW"/></RESOURCE>', True, None),
    ],
)
def test_a_document_says_how_it_fared(document: bytes, overflow: bool, error: str | None) -> None:
    said = status_of(document)
    assert (said.overflow, said.error) == (overflow, error)


def test_a_page_of_errors_is_shown_as_text() -> None:
    assert words_of(b"<html><h1>502</h1> Bad &amp; gateway") == "502 Bad & gateway"
    assert len(words_of(b"x" * 10_000)) == 600


def test_services_are_presets_those_of_the_settings_and_allowed_addresses() -> None:
    own = RemoteTap(
        services={"Ours": "http://10.0.0.5/tap/", "gaia": "https://mirror.example/tap"}, hosts=("Own.example",)
    )
    known = services_of(own, network=True)
    assert list(known) == ["ours", "gaia", "vizier", "simbad", "rsp"]
    assert known["gaia"].url == "https://mirror.example/tap"
    hosts = allowed_hosts(own, network=True)
    assert hosts.named == {"10.0.0.5", "mirror.example", "own.example"}
    assert "tapvizier.cds.unistra.fr" in hosts.public
    assert not hosts.every
    assert find(" OURS ", known, hosts).url == "http://10.0.0.5/tap"
    assert find("https://own.example/tap/", known, hosts).name == "https://own.example/tap"
    with pytest.raises(NotFound, match="known: ours, gaia"):
        find("sdss", known, hosts)
    with pytest.raises(BadParameter, match="may not be asked"):
        find("http://169.254.169.254/latest", known, hosts)


def test_without_a_network_only_what_an_operator_names_is_asked() -> None:
    own = RemoteTap(services={"ours": "http://10.0.0.5/tap"}, hosts=("any",))
    assert list(services_of(own, network=False)) == ["ours"]
    assert allowed_hosts(own, network=False) == AllowedHosts(named=frozenset({"10.0.0.5"}))
    assert allowed_hosts(own, network=True).every
    assert not services_of(RemoteTap(presets=False), network=True)
