"""`uraniborg doctor`: each thing that is wrong is seen, and has a fix."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from uraniborg_hub.doctor import checks
from uraniborg_hub.doctor.finding import Finding
from uraniborg_hub.settings import HubSettings


def settings(home: Path, **values: object) -> HubSettings:
    """Settings with a state folder of their own."""
    return HubSettings(home=home, **values)


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
def test_every_check_answers_on_a_new_machine(check: checks.Check, tmp_path: Path) -> None:
    finding = check(settings(tmp_path / "absent", port=1 + 1024))
    assert finding.seen


def test_a_wrong_finding_always_has_a_fix() -> None:
    with pytest.raises(ValueError, match="no fix"):
        Finding(name="x", state="wrong", seen="y")


def test_a_taken_port_is_seen(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        finding = checks.port(settings(tmp_path, port=held.getsockname()[1]))
    assert finding.state == "wrong"
    assert f"pid {os.getpid()}" in finding.seen


@pytest.mark.parametrize("mirror", ["/no/such/folder", "http://127.0.0.1:9/"])
def test_a_mirror_that_does_not_answer_is_seen(tmp_path: Path, mirror: str) -> None:
    finding = checks.data_mirror(settings(tmp_path, data_mirror=mirror))
    assert finding.state == "wrong"
    assert "URANIBORG_DATA_MIRROR" in finding.fix


def test_a_state_of_another_layout_is_seen(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("7")
    assert checks.layout(settings(tmp_path)).state == "wrong"


def test_the_verb_says_it_in_json_and_by_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("7")
    environment = {**os.environ, "URANIBORG_HOME": str(tmp_path)}
    argv = [sys.executable, "-m", "uraniborg.cli", "doctor", "--json"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    findings = json.loads(done.stdout)
    assert [finding["name"] for finding in findings if finding["state"] == "wrong"] == ["State layout"]
    assert [path.name for path in tmp_path.iterdir()] == ["layout"]
