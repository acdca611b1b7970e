"""The files of users' tables in the state folder and on S3: workers find them on this machine, and nothing is left."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.storage import Storage
from uraniborg_portal.user_tables import parts as parts_of_tables
from uraniborg_portal.user_tables.models import UserTable
from uraniborg_portal.user_tables.parts import Parts

if TYPE_CHECKING:
    from conftest import S3

TABLE = UserTable(
    id="0" * 32, owner="tycho", name="tycho.stars", description="", columns=(Column(name="n", datatype="int"),),
    parts=(), created=0.0,
)  # fmt: skip


@pytest.fixture(params=["local", "s3"])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Parts:
    """An empty store of each kind, as one replica sees it."""
    if request.param == "local":
        return Parts(Storage(str(tmp_path / "files")), tmp_path / "here")
    server: S3 = request.getfixturevalue("s3")
    return Parts(Storage(server.bucket(f"b{secrets.token_hex(8)}"), server.options()), tmp_path / "here")


def with_part(parts: Parts, table: UserTable, content: bytes) -> UserTable:
    """A table with one part more."""
    with parts.making() as path:
        path.write_bytes(content)
        return replace(table, parts=(*table.parts, parts.keep(table, path, rows=len(content))))


def contents(parts: Parts, table: UserTable) -> list[tuple[bytes, int]]:
    """What workers find, who may read the folder of all tables and nothing else."""
    files = parts.files(table)
    assert all(parts.folder in path.parents for path, _ in files)
    return [(path.read_bytes(), rows) for path, rows in files]


def test_parts_are_found_in_their_order_by_every_replica(parts: Parts, tmp_path: Path) -> None:
    table = with_part(parts, with_part(parts, TABLE, b"first"), b"second")
    for replica in (parts, Parts(parts.storage, tmp_path / "there")):
        for _ in range(2):
            assert contents(replica, table) == [(b"first", 5), (b"second", 6)]
    assert [part.bytes for part in table.parts] == [5, 6]


def test_nothing_is_left_of_what_no_table_has(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Parts(parts.storage, tmp_path / "there")
    whole = with_part(parts, with_part(parts, TABLE, b"first"), b"second")
    now = replace(whole, parts=whole.parts[1:])
    contents(parts, whole)
    contents(other, whole)
    known = {now.id: {now.parts[0].name}}
    for replica in (parts, other):
        replica.clean(known)
        replica.clean_copies(known)
    assert contents(parts, now) == [(b"second", 6)]
    assert len(parts.storage.entries(f"user_tables/{now.id}")) == 2, "what is young may be on its way"
    monkeypatch.setattr(parts_of_tables, "LEFT", -60.0)
    parts.clean(known)
    assert list(parts.storage.entries(f"user_tables/{now.id}")) == [now.parts[0].name]
    parts.remove(now)
    other.clean_copies({})
    assert not parts.storage.entries(f"user_tables/{now.id}")
    assert not [*parts.folder.rglob("*.parquet"), *other.folder.rglob("*.parquet")]
