"""What leaves an environment, and what stays; modules compiled for good, files of one date."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

FILES = {
    "pandas/core.py": True,
    "pandas/tests/test_core.py": False,
    "pandas/core/tests/data/table.csv": False,
    "astropy/tests/runner.py": True,
    "astropy/io/tests/test_io.py": False,
    "h5py/tests/common.py": True,
    "tornado/test/web_test.py": False,
    "pyarrow/include/arrow/api.h": False,
    "pyarrow/lib.so": True,
    "box/box.c": False,
    "box/box.so": True,
    "anything/tests/test_it.py": True,
    "lib.a": False,
    "widgets/static/embed.js.map": False,
    "widgets/static/embed.js": True,
}
"""Files of an environment, and whether they stay."""


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment's folder with `FILES`."""
    for name in FILES:
        path = tmp_path / "lib/python3.13/site-packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("NUMBER = 1\n" if path.suffix == ".py" else "")
    return tmp_path


def test_only_what_nothing_reads_is_removed(slim: ModuleType, environment: Path) -> None:
    slim.main([str(environment)])
    packages = environment / "lib/python3.13/site-packages"
    assert {name: (packages / name).exists() for name in FILES} == FILES


def test_modules_are_compiled_without_a_look_at_their_sources(slim: ModuleType, environment: Path) -> None:
    slim.main([str(environment), "--built-under", str(environment)])
    source = environment / "lib/python3.13/site-packages/pandas/core.py"
    compiled = Path(importlib.util.cache_from_source(str(source))).read_bytes()
    # PEP 552: the second word has bit 0 for hash-based, bit 1 for "check the source".
    assert int.from_bytes(compiled[4:8], "little") == 0b01
    assert str(environment).encode() not in compiled
    assert b"/lib/python3.13/site-packages/pandas/core.py" in compiled


def test_a_file_that_is_no_python_stops_nothing(slim: ModuleType, environment: Path) -> None:
    (environment / "lib/python3.13/site-packages/template.py").write_text("{{ name }} =")
    slim.main([str(environment)])


def test_all_files_have_one_date(slim: ModuleType, environment: Path) -> None:
    (environment / "lib64").symlink_to("lib")
    slim.main([str(environment)])
    assert {path.lstat().st_mtime for path in (environment, *environment.rglob("*"))} == {float(slim.DATE)}
