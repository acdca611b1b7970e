"""Headers of real clients, and what they get."""

from __future__ import annotations

import pytest

from uraniborg_portal import formats
from uraniborg_portal.negotiation import coding, media_type

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, None),
        ("", None),
        ("*/*", "votable"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", None),
        ("text/html, image/gif, image/jpeg, */*; q=0.2", None),
        (BROWSER, "html"),
        ("text/html", "html"),
        ("text/csv", "csv"),
        ("text/csv; q=0.3, application/json", "json"),
        ("text/*;q=0.5, application/fits;q=0.4", "votable"),
        ("application/x-votable+xml;serialization=TABLEDATA", "votable/td"),
        ("application/x-votable+xml;serialization=BINARY", "votable/b"),
        ("application/x-votable+xml;serialization=BINARY2", "votable"),
        ("application/vnd.apache.parquet, */*;q=0.1", "parquet"),
        ("text/tab-separated-values", "tsv"),
        ("application/vnd.apache.arrow.stream", "arrow"),
        ("image/png", None),
        ("text/csv;q=0", None),
        ("q=;;,/,*/", None),
        ("\x00", None),
    ],
)
def test_media_types(accept: str | None, name: str | None) -> None:
    found = media_type(accept, formats.media_types())
    assert (formats.find(found).name if found else None) == name


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0, *", "zstd"),
        ("*;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("br", None),
        ("x" * 10_000, None),
    ],
)
def test_content_codings(header: str | None, expected: str | None) -> None:
    assert coding(header, ("zstd", "gzip")) == expected
