"""Tables that come with a query: every format, what is wrong with them, where else they may be."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io.votable import from_table, parse
from astropy.table import MaskedColumn, Table
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings, UploadLimits

SYNC = "http://testserver/services/portal/tap/sync"
INFO = "{http://www.ivoa.net/xml/VOTable/v1.3}INFO"
STARS = Table(
    {
        "name": ["Alcyone", "Électra", "a, \"b\""],
        "ra": [56.871, 56.219, np.nan],
        "n": MaskedColumn(np.array([2**53 + 1, 7, 0], "i8"), mask=[False, False, True]),
        "small": np.array([-3, 0, 300], "i2"),
        "light": np.array([2.87, 3.7, 1e-30], "f4"),
        "good": [True, False, True],
    }
)  # fmt: skip


def votable(serialization: str) -> bytes:
    written = io.BytesIO()
    from_table(STARS).to_xml(written, tabledata_format=serialization)
    return written.getvalue()


def written(columns: dict[str, object]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return sink.getvalue()


NOT_TEXT = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe"))
BOMB = written({f"c{n}": np.zeros(10_000_000) for n in range(40)})
"""400 million zeros in some kB."""
ELSEWHERE = b"""<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>
<FIELD name="b" datatype="unsignedByte"/><DATA><BINARY><STREAM encoding="none" href="file:///etc/hostname"/></BINARY>
</DATA></TABLE></RESOURCE></VOTABLE>"""


def text(form: str) -> bytes:
    written = io.StringIO()
    STARS.write(written, format=form)
    return written.getvalue().encode()


def fits() -> bytes:
    written = io.BytesIO()
    STARS["ra", "small"].write(written, format="fits")
    return written.getvalue()


def parquet() -> bytes:
    written = io.BytesIO()
    columns = {name: pa.array(STARS[name].tolist()) for name in STARS.colnames}
    pq.write_table(pa.table({**columns, "pairs": [[1.0], [2.0], [3.0]]}), written)
    return written.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "binary2": lambda: votable("binary2"),
    "tabledata": lambda: votable("tabledata"),
    "ecsv": lambda: text("ascii.ecsv"),
    "parquet": parquet,
}


def asked(portal: TestClient, query: str, content: bytes | None = None, upload: str = "mine,param:m") -> bytes:
    """The answer to a query with a table."""
    files = None if content is None else {"m": ("mine", content)}
    answer = portal.post(SYNC, data={"QUERY": query, "UPLOAD": upload}, files=files)
    assert answer.status_code < 500, answer.text
    return answer.content


def error_of(content: bytes) -> str:
    """The words of a VOTable that tells an error."""
    return next(info.text or "" for info in ET.fromstring(content).iter(INFO) if info.get("value") == "ERROR")


@pytest.mark.parametrize("form", FILES)
def test_what_is_sent_comes_back(portal: TestClient, form: str) -> None:
    content = asked(portal, "SELECT * FROM TAP_UPLOAD.mine", FILES[form]())
    found = parse(io.BytesIO(content)).get_first_table().to_table(use_names_over_ids=True)
    assert found.colnames == STARS.colnames
    assert list(found["name"]) == list(STARS["name"])
    assert list(found["n"][:2]) == [2**53 + 1, 7]
    assert np.allclose(found["light"], STARS["light"], rtol=1e-7) and np.allclose(found["ra"][:2], STARS["ra"][:2])
    assert np.ma.getmaskarray(found["ra"]).tolist() == [False, False, True] or np.isnan(found["ra"][2])
    if form != "parquet":  # in Parquet a masked number of astropy's is written as it stands
        assert np.ma.getmaskarray(found["n"]).tolist() == [False, False, True]
    assert list(found["good"]) == [True, False, True]
    assert ("no query can read" in content.decode()) is (form == "parquet")


def test_times_are_as_they_are_written_or_as_dali_has_them(portal: TestClient) -> None:
    given = b"t\n2020-01-01T00:00:00\n2020-01-02T03:04:05.5\n"
    query = "SELECT t FROM TAP_UPLOAD.mine WHERE t >= '2020-01-01T00:00:00' ORDER BY t"
    found = parse(io.BytesIO(asked(portal, query, given))).get_first_table()
    assert list(found.array["t"]) == ["2020-01-01T00:00:00", "2020-01-02T03:04:05.5"]
    zoned = pa.array([datetime(2020, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))], pa.timestamp("ms", "+02:00"))
    found = parse(io.BytesIO(asked(portal, query, written({"t": zoned})))).get_first_table()
    assert list(found.array["t"]) == ["2020-01-01T00:00:00.000"]
    assert found.fields[0].xtype == "timestamp"


def test_columns_that_no_query_can_read_are_left_out_and_named(portal: TestClient) -> None:
    table = Table({"n": [1, 2], "z": [1j, 2j]})
    table["pair"] = np.array([[1, 2], [3, 4]])
    table["some"] = np.array([np.array([1]), np.array([1, 2])], dtype=object)
    sent = io.BytesIO()
    from_table(table).to_xml(sent)
    content = asked(portal, "SELECT * FROM TAP_UPLOAD.mine", sent.getvalue())
    assert parse(io.BytesIO(content)).get_first_table().array.dtype.names == ("n",)
    assert all(name in content.decode().partition("<TABLE")[0] for name in ("z", "pair", "some", "no query can read"))


def test_a_part_without_the_name_of_a_file_is_one(portal: TestClient) -> None:
    given = {"QUERY": "SELECT a + 1 AS a FROM TAP_UPLOAD.mine", "UPLOAD": "mine,param:m", "m": "a\n1\n"}
    found = parse(io.BytesIO(portal.post(SYNC, data=given).content)).get_first_table()
    assert found.array["a"].tolist() == [2]


def test_fits_and_csv_are_read(portal: TestClient) -> None:
    for content in (fits(), text("ascii.csv")):
        found = parse(io.BytesIO(asked(portal, "SELECT MAX(small) AS s FROM TAP_UPLOAD.mine", content)))
        assert found.get_first_table().array["s"][0] in (0, 300)


def test_a_table_is_joined_with_a_catalog_and_keeps_its_units(portal: TestClient) -> None:
    file = b"# %ECSV 1.0\n# ---\n# datatype:\n# - {name: id, unit: h, datatype: int64}\nid\n17702\n17499\n"
    query = "SELECT m.id, h.vmag FROM TAP_UPLOAD.mine AS m JOIN hipparcos AS h ON m.id = h.hip WHERE vmag < 3"
    table = parse(io.BytesIO(asked(portal, query, file))).get_first_table()
    assert table.array["id"].tolist() == [17702]
    assert str(table.get_field_by_id("id").unit) == "h"


REFUSED = [
    ("SELECT * FROM TAP_UPLOAD.mine", b"", "mine,param:m", "The file can't be read"),
    ("SELECT * FROM TAP_UPLOAD.mine", b"<?xml version='1.0'?><VOTABLE><RES", "mine,param:m", "UPLOAD mine: The file"),
    ("SELECT * FROM TAP_UPLOAD.mine", b"PAR1 and nothing", "mine,param:m", "as Parquet"),
    ("SELECT * FROM TAP_UPLOAD.mine", b"SIMPLE  =  T", "mine,param:m", "as FITS"),
    ("SELECT * FROM TAP_UPLOAD.mine", b"a,A\n1,2\n", "mine,param:m", "Two columns are named"),
    ("SELECT * FROM TAP_UPLOAD.mine", b"a\n1\n", "mine,param:other", "no file 'other' came"),
    ("SELECT * FROM TAP_UPLOAD.mine", b"a,b\n\xe9,2\n", "mine,param:m", "'a' is not UTF-8"),
    ("SELECT * FROM TAP_UPLOAD.mine", gzip.compress(b"a\n1\n", mtime=0), "mine,param:m", "The file is compressed"),
    ("SELECT * FROM TAP_UPLOAD.mine", b",".join(b"c%d" % n for n in range(3_000)) + b"\n", "mine,param:m", "to 2,000"),
    ("SELECT COUNT(*) AS n FROM TAP_UPLOAD.mine", written({"a": [[1]]}), "mine,param:m", "has 0 columns"),
    ("SELECT COUNT(*) AS n FROM TAP_UPLOAD.mine", written({}), "mine,param:m", "has 0 columns"),
    ("SELECT * FROM TAP_UPLOAD.mine", written({"a": NOT_TEXT}), "mine,param:m", "not UTF-8"),
    ("SELECT * FROM TAP_UPLOAD.mine", BOMB, "mine,param:m", "memory"),
    ("SELECT * FROM TAP_UPLOAD.mine", ELSEWHERE, "mine,param:m", "elsewhere (STREAM with href)"),
    ("SELECT * FROM TAP_UPLOAD.mine", b"<VOTABLE><RESOURCE><TABLE/></RESOURCE></VOTABLE>", "mine,param:m", "0 columns"),
    ("SELECT * FROM TAP_UPLOAD.yours", b"a\n1\n", "mine,param:m", "no table is called"),
    ("SELECT b FROM TAP_UPLOAD.mine", b"a\n1\n", "mine,param:m", "no column"),
    ("SELECT * FROM mine", b"a\n1\n", "mine,param:m", "no table is called"),
    ("SELECT 1 FROM hipparcos", b"a\n1\n", "mine", "not a table's name, a comma"),
    ("SELECT 1 FROM hipparcos", b"a\n1\n", "my table,param:m", "not a table's name"),
    ("SELECT 1 FROM hipparcos", b"a\n1\n", "mine,file:///etc/passwd", "not a table's name"),
    ("SELECT 1 FROM hipparcos", b"a\n1\n", "mine,param:m;MINE,param:m", "twice"),
    ("SELECT 1 FROM hipparcos", b"a\n1\n", ";".join(f"t{n},param:m" for n in range(11)), "accepted: 10"),
    ("SELECT 1 FROM hipparcos", None, "mine,http://169.254.169.254/latest", "accepted: none, and results"),
    ("SELECT 1 FROM hipparcos", None, "mine,http://[::1/x", "accepted: none"),
    ("SELECT 1 FROM hipparcos", None, f"t,http://testserver/services/portal/tap/async/{'0' * 32}/results/result", "no"),
]


@pytest.mark.parametrize(("query", "content", "upload", "words"), REFUSED)
def test_refusals_say_what_is_wrong(
    portal: TestClient, query: str, content: bytes | None, upload: str, words: str
) -> None:
    said = error_of(asked(portal, query, content, upload))
    assert words in said and "/" + "tmp" not in said, said


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"", b"PAR1", b"SIMPLE  =", b"<?xml version='1.0'?><VOTABLE>", b"# %ECSV 1.0\n"]),
    st.binary(max_size=300),
)
def test_any_bytes_are_answered_without_a_fault(portal: TestClient, start: bytes, rest: bytes) -> None:
    asked(portal, "SELECT * FROM TAP_UPLOAD.mine", start + rest)


def test_a_portal_that_asks_nobody_fetches_nothing(portal: TestClient) -> None:
    assert "accepted: none" in error_of(asked(portal, "SELECT 1 FROM hipparcos", None, "t,https://example.org/x"))


Serve = Callable[[FastAPI | Starlette], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def elsewhere(serve: Serve) -> Iterator[str]:
    """Another service, with a table, one that is too large, one that is gone, and one that leads away."""

    def file(request: Request) -> Response:
        return Response(b"n\n5\n" if request.path_params["name"] == "small.csv" else b"n\n" + b"5\n" * 1_000_000)

    def away(request: Request) -> Response:
        return RedirectResponse("http://169.254.169.254/")

    with serve(Starlette(routes=[Route("/away", away), Route("/{name}.gone", away), Route("/{name}", file)])) as url:
        yield url


def test_a_table_is_fetched_from_an_allowed_host_only(elsewhere: str, tmp_path: Path) -> None:
    limits = UploadLimits(hosts=("127.0.0.1",), megabytes=1)
    query = "SELECT n + 1 AS n FROM TAP_UPLOAD.mine"
    with TestClient(create_app(Settings(home=tmp_path, uploads=limits))) as portal:
        found = parse(io.BytesIO(asked(portal, query, None, f"mine,{elsewhere}/small.csv"))).get_first_table()
        assert found.array["n"].tolist() == [6]
        for path, words in (("large.csv", "more than 1 MB"), ("away", "status 307")):
            answer = portal.post(SYNC, data={"QUERY": query, "UPLOAD": f"mine,{elsewhere}/{path}"})
            assert words in error_of(answer.content)
        answer = portal.post(SYNC, data={"QUERY": query, "UPLOAD": "mine,http://127.0.0.1:1/x"})
        assert (answer.status_code, "does not answer" in error_of(answer.content)) == (503, True)
        assert "accepted: 127.0.0.1" in error_of(asked(portal, query, None, "mine,http://localhost/x"))
