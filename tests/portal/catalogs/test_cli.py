"""`uraniborg catalog` in a terminal: what it prints, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from uraniborg_portal.catalogs.cli import register
from uraniborg_portal.errors import PortalError

CSV = "id,ra,dec,name\n1,10,20,a\n2,,,b\n3,30.5,-40,c\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("URANIBORG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(CSV)
    root = typer.Typer()
    register(root)
    return lambda *words: CliRunner().invoke(root, ["catalog", *words])


def test_add_list_check_describe_remove(run: object) -> None:
    added = run("add", "mine", "t.csv", "--title", "My table")
    assert added.exit_code == 0, added.output
    assert "2 rows, 4 columns. 1 rows have no position" in added.output
    assert "ra (deg) and dec (deg), found by their names" in added.output
    assert "My table" in run("list").output
    assert run("check", "mine").output == "mine is whole.\n"
    assert "Licence: CC0-1.0" in run("describe", "mine", "--licence", "CC0-1.0").output
    assert "Readers: staff,user:tycho." in run("describe", "mine", "--readers", "user:tycho, staff").output
    assert "staff,user:tycho" in run("list").output
    assert "Readers: staff,user:tycho." in run("describe", "mine", "--title", "Other").output
    assert "Readers: everyone." in run("describe", "mine", "--readers", "everyone").output
    assert run("remove", "mine").output == "Removed mine.\n"
    assert "mine" not in run("list").output


def test_versions(run: object, tmp_path: Path) -> None:
    run("add", "mine", "t.csv")
    (tmp_path / "t.csv").write_text(CSV + "4,1,1,d\n5,1,999,e\n")
    replaced = run("add", "mine", "t.csv", "--replace", "--workers", "1")
    assert "Added mine: 3 rows" in replaced.output
    assert "t.csv, line 6: 'dec' is 999" in replaced.output
    assert run("versions", "mine").output.split("\n")[2].split()[:3] == ["->", "v2", "3"]
    assert run("rollback", "mine").output == "The current version of mine is v1.\n"
    assert "2 " in run("list").output
    assert run("publish", "mine", "v2").output == "The current version of mine is v2.\n"
    assert run("check", "mine").output == "mine is whole.\n"


def test_append(run: object, tmp_path: Path) -> None:
    run("add", "mine", "t.csv")
    (tmp_path / "more.csv").write_text("ra,dec,id,name\n50,60,4,d\n11,21,five,e\n")
    appended = run("append", "mine", "more.csv")
    assert "Appended 1 rows to mine: 3 rows, version v2." in appended.output
    assert "more.csv, line 3: id: 'five' is not of type int64" in appended.output
    assert run("check", "mine").output == "mine is whole.\n"
    assert "No file is named" in str(run("append", "mine").exception)
    assert run("rollback", "mine").output == "The current version of mine is v1.\n"


def test_rows_that_belong_to_others(run: object, tmp_path: Path) -> None:
    run("add", "stars", "t.csv", "--readers", "staff")
    (tmp_path / "points.csv").write_text("star,mjd\n1,60000.5\n3,60001.5\n1,60002.5\n7,60003.5\n")
    added = run("add", "points", "points.csv", "--of", "stars", "--id", "star")
    assert "stars_ra (deg) and stars_dec (deg), found in stars by star" in added.output
    assert "points.csv, line 5: 'star' is 7: stars has no row of this id" in added.output
    assert "Added points: 3 rows, 4 columns." in added.output
    assert "Readers: staff." in added.output
    assert run("check", "points").output == "points is whole.\n"
    run("remove", "stars")
    assert "joins by star read all of both" in run("check", "points").output
    assert "Name their catalog with --of." in str(run("add", "mine", "t.csv", "--id", "id").exception.remedy)


def test_compact(run: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URANIBORG_INGEST__MOST_ANEW", "0")
    run("add", "mine", "t.csv")
    assert run("compact", "mine").output == "mine is compact: version v1.\n"
    (tmp_path / "more.csv").write_text("ra,dec,id,name\n10.1,20.1,4,d\n")
    assert "Shards: 1 of 2 gain rows" in run("append", "mine", "more.csv").output
    assert run("check", "mine").output == "mine is whole.\n"
    assert run("compact", "MINE").output == "Compacted mine: version v3 has the rows of v2.\n"
    assert run("check", "mine").output == "mine is whole.\n"
    assert "v2, compacted" in run("versions", "mine").output
    assert run("rollback", "mine").output == "The current version of mine is v1.\n"
    assert run("remove", "mine").output == "Removed mine.\n"


def test_no_version_is_open_to_more_readers_than_the_catalog(run: object) -> None:
    assert "Readers: staff." in run("add", "mine", "t.csv", "--readers", "staff").output
    assert "Readers: staff." in run("add", "mine", "t.csv", "--replace").output
    run("describe", "mine", "--readers", "user:tycho")
    run("rollback", "mine")
    assert "Readers: user:tycho." in run("describe", "mine", "--title", "Mine").output
    assert "Readers: everyone." in run("add", "mine", "t.csv", "--replace", "--readers", "everyone").output


def test_a_hats_folder_is_used_in_place(run: object, tmp_path: Path) -> None:
    run("add", "mine", "t.csv")
    theirs = tmp_path / "home" / "portal" / "catalogs" / "mine" / "v1"
    (theirs / "catalog.json").unlink()
    assert "Added ours: 2 rows" in run("add", "ours", str(theirs), "--in-place").output
    assert not list((tmp_path / "home" / "portal" / "catalogs" / "ours").rglob("*.parquet"))
    assert run("check", "ours").output == "ours is whole.\n"


def test_a_hats_folder_is_a_new_version(run: object, tmp_path: Path) -> None:
    run("add", "mine", "t.csv")
    run("append", "mine", "t.csv")
    run("add", "ours", "t.csv", "--readers", "staff")
    theirs = str(tmp_path / "home" / "portal" / "catalogs" / "mine" / "v2")
    assert "installed already" in str(run("add", "ours", theirs).exception)
    assert "Added ours: 4 rows" in run("add", "ours", theirs, "--replace").output
    assert "Readers: staff." in run("describe", "ours", "--title", "Ours").output
    assert run("versions", "ours").output.split("\n")[2].split()[:3] == ["->", "v2", "4"]
    assert run("check", "ours").output == "ours is whole.\n"
    assert run("rollback", "ours").output == "The current version of ours is v1.\n"


def test_apply(run: object, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\nsources = ["t.csv"]\n')
    assert "Added mine: 2 rows" in run("apply", "mine.toml").output
    assert run("apply", "mine.toml").output == "mine is as declared: version v1.\n"
    run("describe", "mine", "--readers", "staff")
    (tmp_path / "mine.toml").write_text('name = "mine"\nsources = ["t.csv"]\ntitle = "Mine"\n')
    assert "Readers: staff." in run("apply", "mine.toml").output
    (tmp_path / "mine.toml").write_text('name = "mine"\nsources = ["t.csv"]\nreaders = "user:tycho"\n')
    assert "Readers: user:tycho." in run("apply", "mine.toml").output


def test_a_damaged_catalog_fails_its_check(run: object, tmp_path: Path) -> None:
    run("add", "mine", "t.csv")
    next((tmp_path / "home").rglob("Npix=*.parquet")).unlink()
    assert run("check", "mine").exit_code == 1


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["add", "select", "t.csv"], "reserved word"),
        (["add", "tap_upload", "t.csv"], "TAP"),
        (["add", "../x", "t.csv"], "lower case"),
        (["add", "mine", "nothing.csv"], "can't be opened"),
        (["add", "mine", "t.csv", "--ra", "alpha", "--dec", "dec"], "'alpha' is not a column"),
        (["add", "mine", "t.csv", "--ra", "ra"], "both or none"),
        (["add", "mine", "."], "one folder with collection.properties"),
        (["link", "mine", "t.csv"], "one folder with collection.properties"),
        (["link", "mine", "http://127.0.0.1:9/hats"], "127.0.0.1 does not answer"),
        (["add", "mine", "http://127.0.0.1:9/hats", "--in-place"], "127.0.0.1 does not answer"),
        (["describe", "nothing", "--readers", "staff"], "No catalog"),
        (["link", "mine", "t.csv", "--readers", "staff,,"], "readers"),
        (["check", "nothing"], "No catalog"),
        (["remove", "nothing"], "No catalog"),
        (["versions", "nothing"], "No catalog"),
        (["rollback", "nothing"], "No catalog"),
        (["publish", "nothing", "v1"], "No catalog"),
        (["publish", "nothing", "latest"], "'latest' is no version"),
        (["add", "mine"], "No file is named"),
        (["add", "mine", "--resume"], "No ingest of 'mine' was interrupted"),
        (["add", "mine", "t.csv", "--max-bad", "0", "--ra", "name", "--dec", "dec"], "2 rows can't be used"),
    ],
)
def test_mistakes_are_a_sentence(run: object, words: list[str], match: str) -> None:
    result: Result = run(*words)
    assert isinstance(result.exception, PortalError)
    assert match in result.exception.message


def test_every_verb_has_help_with_an_example(run: object) -> None:
    for verb in ("add", "apply", "link", "list", "check", "versions", "publish", "rollback", "describe", "remove"):
        assert f"uraniborg catalog {verb}" in " ".join(run(verb, "--help").output.split())
