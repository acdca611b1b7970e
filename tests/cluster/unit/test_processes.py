"""Processes outlive who started them, are found again by name, and end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from recipe import processes
from recipe.errors import RecipeError
from recipe.folders import Folders
from recipe.processes import Process

SLEEP = Process(name="sleeper", argv=("sleep", "600"))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Folders of a cluster that is not one."""
    return Folders(built=tmp_path, state=tmp_path / "state", run=tmp_path / "run", volumes=tmp_path / "volumes")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_started_once_found_and_ended(folders: Folders, number: signal.Signals) -> None:
    processes.start(folders, SLEEP)
    pid = processes.alive(folders, "sleeper")
    processes.start(folders, SLEEP)
    assert processes.alive(folders, "sleeper") == pid > 0
    assert processes.names(folders) == ["sleeper"]
    processes.stop(folders, "sleeper", number)
    assert processes.alive(folders, "sleeper") == 0
    assert processes.names(folders) == []


def test_what_it_says_is_kept(folders: Folders) -> None:
    processes.start(folders, Process(name="speaker", argv=("echo", "a word")))
    processes.wait("speaker", lambda: not processes.alive(folders, "speaker"), folders, 10)
    assert (folders.logs / "speaker.log").read_text() == "a word\n"


def test_one_that_was_never_started_is_not_alive(folders: Folders) -> None:
    assert processes.alive(folders, "nobody") == 0
    processes.stop(folders, "nobody")


def test_nodes_end_before_the_control_plane(folders: Folders) -> None:
    folders.run.mkdir()
    for name in ("etcd", "node2-kubelet", "apiserver", "node1-proxy"):
        (folders.run / f"{name}.pid").write_text("0")
    assert processes.names(folders) == ["node1-proxy", "node2-kubelet", "apiserver", "etcd"]


def test_a_process_of_a_node_is_in_its_network() -> None:
    process = Process(name="node1-kubelet", argv=("kubelet",), network="node1")
    assert process.command == ("nsenter", "--net=/run/netns/node1", "kubelet")


def test_waiting_in_vain_says_where_the_logs_are(folders: Folders) -> None:
    with pytest.raises(RecipeError, match=f"nothing was not ready after 0 s. The logs in {folders.logs}"):
        processes.wait("nothing", lambda: False, folders, 0)
