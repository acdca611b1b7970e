"""A folder arrives as it was, and nothing is written elsewhere."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from uraniborg_portal.errors import TooLarge
from uraniborg_portal.instruments.cluster.archive import pack, unpack


def test_a_folder_arrives_whole(tmp_path: Path) -> None:
    (tmp_path / "made" / "files").mkdir(parents=True)
    (tmp_path / "made" / "view.json").write_text("{}")
    (tmp_path / "made" / "files" / "å b.txt").write_bytes(bytes(range(256)))
    unpack(pack(tmp_path / "made", 1000), tmp_path / "got")
    got = {path.relative_to(tmp_path / "got").as_posix() for path in (tmp_path / "got").rglob("*")}
    assert got == {"view.json", "files", "files/å b.txt"}
    assert (tmp_path / "got" / "files" / "å b.txt").read_bytes() == bytes(range(256))


def test_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(1_000_001))
    with pytest.raises(TooLarge, match="1 MB; accepted: 1 MB"):
        pack(tmp_path, 1_000_000)


@pytest.mark.parametrize(
    "member",
    [
        {"name": "../outside"},
        {"name": "a/../../outside"},
        {"name": "link", "type": tarfile.SYMTYPE, "linkname": "../outside"},
        {"name": "link", "type": tarfile.LNKTYPE, "linkname": "/etc/passwd"},
        {"name": "device", "type": tarfile.CHRTYPE},
    ],
)
def test_names_outside_are_refused(tmp_path: Path, member: dict[str, object]) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        described = tarfile.TarInfo(str(member["name"]))
        for name, value in member.items():
            setattr(described, name, value)
        archive.addfile(described)
    with pytest.raises(tarfile.TarError):
        unpack(packed.getvalue(), tmp_path / "got")
    assert not (tmp_path / "outside").exists()
