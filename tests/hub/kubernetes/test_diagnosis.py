"""What pods, events and logs of a real cluster mean, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from uraniborg_hub.kubernetes.diagnosis import problem, removed, too_late, unreachable
from uraniborg_hub.kubernetes.failure import Facts, LabFailed
from uraniborg_hub.kubernetes.scheduling import growing
from uraniborg_hub.kubernetes.stages import reached

Recorded = Callable[[str], dict[str, Any]]
WAITS, ENDS = False, True


def facts(data: dict[str, Any], log: tuple[str, ...] = ()) -> Facts:
    """What is known of a recorded pod."""
    return Facts(pod=data["pod"], events=data["events"], log=log)


@pytest.mark.parametrize(
    ("name", "code", "final", "words"),
    [
        ("image_missing", "image_missing", ENDS, "This lab's software is not in the registry: "),
        ("image_backoff", "image_missing", ENDS, "/uraniborg/absent:1"),
        ("image_name", "image_name", ENDS, "is not one: Not/A:Name:"),
        ("image_absent", "image_absent", ENDS, "lacks this lab's software and may not fetch it"),
        ("image_unreachable", "image_unreachable", WAITS, "can't fetch this lab's software now: nowhere.invalid/lab:1"),
        ("memory_full", "memory_full", WAITS, "No machine of the cluster has 4000 GB of memory free."),
        ("cpu_full", "cpu_full", WAITS, "No machine of the cluster has 900 processors free."),
        ("gpu", "gpu", WAITS, "No machine of the cluster has a free nvidia.com/gpu."),
        ("selector", "selector", WAITS, "of the kind that this lab wants"),
        ("reserved", "selector", WAITS, "of the kind that this lab wants"),
        ("volume_missing", "volume", WAITS, "A volume that your lab needs does not exist (absent)."),
        ("volume_unbound", "volume", WAITS, "The volume for your files is not there yet"),
        ("mount", "mount", WAITS, "can't open the folder with your files or the catalogs"),
        ("settings", "settings", ENDS, "its settings and its software do not fit together"),
        ("command", "command", ENDS, "lacks the program that starts it"),
        ("crash", "crash", ENDS, 'ended with code 1 while it started. Its last words: "Boom: no such catalog".'),
        ("silent_crash", "crash", ENDS, "ended with code 7 while it started. It said nothing."),
        ("memory", "memory", ENDS, "needed more memory than the 64 MB that it may use"),
        ("home", "home", ENDS, "The folder for your files can't be written."),
        ("home_lab", "home", ENDS, "The folder for your files can't be written."),
    ],
)
def test_each_cause_has_its_sentence(recorded: Recorded, name: str, code: str, final: bool, words: str) -> None:
    failure = problem(facts(recorded(name)))
    assert failure is not None
    assert (failure.code, failure.final) == (code, final) and words in failure.sentence
    assert failure.next_step.endswith(".") and "{" not in failure.text and ".." not in failure.text


@pytest.mark.parametrize("name", ["home", "home_lab", "crash"])
@pytest.mark.parametrize("words", ["No space left on device", "Disk quota exceeded"])
def test_a_full_volume_is_called_full(recorded: Recorded, name: str, words: str) -> None:
    failure = problem(facts(recorded(name), log=("Traceback", f"OSError: [Errno 28] {words}: '/home/lab/x'")))
    assert failure is not None
    assert (failure.code, failure.sentence) == ("full", "The volume with your files is full.")


def test_machines_that_are_all_reserved() -> None:
    message = "0/3 nodes are available: 3 node(s) had untolerated taint(s)."
    condition = {"type": "PodScheduled", "status": "False", "message": message}
    failure = problem(Facts(pod={"status": {"conditions": [condition]}}))
    assert failure is not None and (failure.code, failure.details) == ("taint", (message,))


def test_a_lab_that_gets_on_has_no_problem(recorded: Recorded) -> None:
    data = recorded("running")
    assert problem(facts(data)) is None and reached(facts(data)) == "started"


def test_the_log_that_was_read_goes_before_what_the_kubelet_kept(recorded: Recorded) -> None:
    failure = problem(facts(recorded("crash"), log=("Traceback", "ValueError: bad")))
    assert failure is not None and failure.details == ("Traceback", "ValueError: bad")


def test_a_volume_that_came_late_is_forgotten_while_the_image_comes(recorded: Recorded) -> None:
    data = recorded("mount")
    pulling = {"reason": "Pulling", "involvedObject": {"fieldPath": "spec.containers{notebook}"}, "metadata": {}}
    assert problem(Facts(pod=data["pod"], events=[*data["events"], pulling])) is None


def test_a_machine_that_knew_of_the_lab_too_early_is_no_trouble(recorded: Recorded) -> None:
    data = recorded("mount")
    forbidden = (
        'persistentvolumeclaims "homes" is forbidden: User "system:node:node1" cannot get resource '
        '"persistentvolumeclaims" in API group "" in the namespace "labs": '
        "no relationship found between node 'node1' and this object"
    )
    early = {"reason": "FailedMount", "message": f"MountVolume.SetUp failed for volume: {forbidden}"}
    assert problem(Facts(pod=data["pod"], events=[early])) is None
    kept = problem(Facts(pod=data["pod"], events=[*data["events"], early]))
    assert kept is not None and kept.code == "mount" and kept.details != (early["message"],)


def test_a_machine_that_is_on_its_way_is_worth_waiting_for(recorded: Recorded) -> None:
    data = recorded("memory_full")
    assert not growing(facts(data))
    assert growing(Facts(pod=data["pod"], events=[{"reason": "TriggeredScaleUp"}]))


def test_an_evicted_pod_was_let_go() -> None:
    status = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}
    failure = problem(Facts(pod={"status": status}))
    assert failure is not None and failure.code == "thrown_out"


def test_a_start_that_took_too_long_names_what_it_waited_for(recorded: Recorded) -> None:
    assert too_late(None, 60, "").sentence == "Your lab did not start within 60 s. It stopped at: " + (
        "asking the cluster for a place."
    )
    unheard = too_late(facts(recorded("running")), 60, "started")
    assert "waiting until JupyterLab answers" in unheard.sentence and "network policy" in unheard.next_step
    assert too_late(facts(recorded("gpu")), 60, "queued").code == "gpu"


def test_words_of_the_cluster_are_shown_as_text() -> None:
    failure = unreachable("10.0.0.7:8888", Facts(pod={}, log=("<script>alert(1)</script>",)))
    assert "&lt;script&gt;" in failure.html and "<script" not in failure.html
    error = LabFailed(failure)
    assert error.jupyterhub_html_message == failure.html and "10.0.0.7:8888" in error.jupyterhub_message
    assert removed().html.count("<details>") == 0
