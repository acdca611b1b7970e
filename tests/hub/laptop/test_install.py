"""The installer: failures are sentences that name the next step; locks name no host."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LOCKS = sorted(ROOT.glob("requirements*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_have_hashes_and_name_no_host(lock: Path) -> None:
    text = lock.read_text()
    pins = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==", text, re.MULTILINE)
    assert pins
    assert text.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?://|--index-url|--find-links", text)


def test_the_proxy_lock_has_hashes_and_names_no_registry() -> None:
    text = (ROOT / "hub/uraniborg_hub/laptop/proxy/package-lock.json").read_text()
    assert '"integrity"' in text
    assert '"resolved"' not in text


def test_an_empty_wheelhouse_is_one_sentence(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    installer = checkout / "hub/uraniborg_hub/laptop/install.py"
    installer.parent.mkdir(parents=True)
    shutil.copy(ROOT / "hub/uraniborg_hub/laptop/install.py", installer)
    for path in (*LOCKS, ROOT / "pyproject.toml"):
        shutil.copy(path, checkout)
    (tmp_path / "wheelhouse").mkdir()
    done = subprocess.run(
        [sys.executable, str(installer), "runtime"],
        env={"PATH": "/usr/bin:/bin", "URANIBORG_WHEELHOUSE": str(tmp_path / "wheelhouse")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1
    assert "URANIBORG_WHEELHOUSE=folder make up" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (checkout / ".venv" / "installed").exists()
