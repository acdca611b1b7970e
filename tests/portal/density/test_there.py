"""Lists and records tell of all other catalogs where the files of one that is used in place are gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from uraniborg_portal.catalogs.adopt import adopt
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Curation, Settings

CURATION = Curation(authority="org.example", publisher="Example", contact="Tycho")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("hips/hipslist", "density/here"),
        ("records/tap", "ivo://org.example/tap"),
        ("records/catalogs/here", "ivo://org.example/catalogs/here"),
    ],
)
def test_what_is_there_is_listed(tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str, named: str) -> None:
    settings = Settings(home=tmp_path / "home", network=False, curation=CURATION)
    catalogs, table = settings.state / "catalogs", pa.table({"ra": [10.0], "dec": [5.0]})
    entry = Entry(name="here", title="Here", position=Position(ra="ra", dec="dec"))
    for folder in (catalogs, tmp_path / "elsewhere"):
        install(table, entry, folder)
    adopt(tmp_path / "elsewhere" / "here" / "v1", Wishes(name="gone"), catalogs, in_place=True)
    shutil.rmtree(tmp_path / "elsewhere")
    with TestClient(create_app(settings), base_url="http://testserver/services/portal/") as portal:
        answer = portal.get(path)
        assert answer.status_code == 200, answer.text
        assert named in answer.text
        assert "density/gone" not in answer.text
        assert portal.get("records/catalogs/gone").status_code == 503
    assert path == "records/catalogs/here" or "the catalog gone is left out" in caplog.text
