"""The samples are what their manifest says, small, and licensed."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from uraniborg_portal.samples import manifest

ROOT = Path(__file__).resolve().parents[3]


def names() -> list[str]:
    return [sample.name for sample in manifest.files()]


@pytest.mark.parametrize("sample", manifest.files(), ids=lambda sample: sample.name)
def test_every_file_has_its_hash_and_stays_small(sample: manifest.SampleFile) -> None:
    content = sample.path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == sample.sha256
    assert len(content) < 3_000_000


def test_all_samples_together_fit_in_eight_megabytes() -> None:
    whole = sum(path.stat().st_size for path in manifest.FOLDER.rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert whole <= 8_000_000


def test_every_data_file_is_in_the_manifest() -> None:
    found = {
        path.relative_to(manifest.FOLDER).as_posix()
        for path in manifest.FOLDER.rglob("*")
        if path.suffix in {".parquet", ".csv", ".hdf5", ".fits"}
    }
    assert found == set(names())


def test_the_wheel_names_the_licence_of_every_sample() -> None:
    expression = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"]
    accepted = set(expression.split(" AND "))
    for sample in manifest.files():
        assert set(sample.licence.split(" AND ")) <= accepted


def test_every_column_of_a_sample_catalog_is_described() -> None:
    for path, entry in manifest.catalogs():
        columns = pq.read_schema(path).names
        assert set(columns) == set(entry.notes)
        assert all(note.ucd and note.description for note in entry.notes.values())


def test_hipparcos_keeps_its_rows_and_values() -> None:
    stars = pq.read_table(manifest.FOLDER / "hipparcos.parquet")
    assert (stars.num_rows, stars["ra"].null_count) == (118_218, 263)
    barnard = stars.filter(pc.field("hip") == 87937).to_pylist()[0]
    assert (barnard["parallax"], barnard["pmra"], barnard["pmdec"]) == (549.01, -797.84, 10326.93)


def test_openngc_has_every_messier_object() -> None:
    objects = pq.read_table(manifest.FOLDER / "openngc.parquet")
    assert objects.num_rows == 13_969 + 64
    numbers = set(pc.unique(objects["messier"].drop_null()).to_pylist())
    # M102 is a duplicate of M101 in OpenNGC.
    assert set(range(1, 111)) - numbers == {102}
    andromeda = objects.filter(pc.field("messier") == 31).to_pylist()[0]
    assert andromeda["name"] == "NGC0224"
    assert andromeda["type"] == "galaxy"
    assert (andromeda["ra"], andromeda["dec"]) == (
        pytest.approx(10.684792, abs=1e-5),
        pytest.approx(41.269056, abs=1e-5),
    )


def test_events_have_times_and_sources() -> None:
    with (manifest.FOLDER / "gw_events.csv").open(encoding="utf-8") as file:
        events = {row["name"]: row for row in csv.DictReader(file)}
    assert float(events["GW150914"]["time_gps"]) == 1126259462.44
    assert events["GW170817"]["time_utc"].startswith("2017-08-17T12:41:04")
    assert (float(events["GW170817"]["ra"]), float(events["GW170817"]["dec"])) == (197.450375, -23.381495)
    assert all(row["source"] for row in events.values())
