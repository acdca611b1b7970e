"""Waiting for conditions, asking all the time, and figures that are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deployed.figures import Figures
from deployed.volumes import objects
from deployed.waiting import Probe, probing, until


def test_waiting_ends_when_the_condition_holds_and_tells_the_last_trouble_when_it_does_not() -> None:
    answers = iter([False, True])
    assert until(lambda: next(answers), 5, "the second answer") > 0

    def refused() -> bool:
        raise ConnectionRefusedError("port 8081")

    with pytest.raises(AssertionError, match=r"the hub not within 0\.1 s: ConnectionRefusedError"):
        until(refused, 0.1, "the hub")


@pytest.mark.parametrize(
    ("good", "bad", "outage"),
    [
        ([1.0, 2.0], [], 0.0),
        ([1.0, 9.0, 10.0], [(2.0, "503"), (7.0, "503")], 7.0),
        ([1.0, 3.0, 6.0], [(2.0, "x"), (5.0, "y")], 4.0),
    ],
)
def test_an_outage_lasts_from_the_first_bad_answer_to_the_first_good_one_after_the_last(
    good: list[float], bad: list[tuple[float, str]], outage: float
) -> None:
    assert Probe(good=good, bad=bad).outage == outage


def test_an_address_is_asked_as_long_as_the_block_runs() -> None:
    answers = iter(["", "503 Service Unavailable"] + [""] * 100_000)
    with probing(lambda: next(answers)) as probe:
        until(lambda: len(probe.good) > 2, 10, "answers")
    assert probe.said == {"503 Service Unavailable"} and 0 < probe.outage < 10


def test_figures_are_kept_by_test_and_forgotten_with_its_next_run(tmp_path: Path) -> None:
    file = tmp_path / ".cluster" / "figures.json"
    first, second = Figures(file=file, test="first"), Figures(file=file, test="second")
    first.say("seconds", 1.2345)
    second.say("lost", "nothing")
    first.forget()
    first.say("pods", 20)
    assert json.loads(file.read_text()) == {"second": {"lost": "nothing"}, "first": {"pods": 20}}


def test_a_small_volume_is_kept_for_its_claim() -> None:
    volume, claim = objects("homes", "labs", Path("/run/homes"), 8)["items"]
    assert volume["spec"]["claimRef"] == {"namespace": "labs", "name": claim["metadata"]["name"]}
    assert claim["spec"]["volumeName"] == volume["metadata"]["name"] and volume["spec"]["storageClassName"] == ""
