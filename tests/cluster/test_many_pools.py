"""Many pools in a row, each as new: none fails."""

from __future__ import annotations

import json
import os
import statistics
from typing import TYPE_CHECKING

import pytest
from deployed.waiting import until

if TYPE_CHECKING:
    from deployed.figures import Figures
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]

POOLS = int(os.environ.get("URANIBORG_CLUSTER_POOLS", "20"))
LOOP = """
import json, time
import uraniborg as ub

def once():
    began = time.monotonic()
    with ub.Pool(workers=2) as pool:
        assert pool.submit(lambda: 6 * 7, pure=False).result(120) == 42
        return time.monotonic() - began

def tried():
    try:
        return once()
    except Exception as error:
        return repr(error)

print(json.dumps([tried() for _ in range({count})]))
"""


def test_no_pool_of_many_fails(platform: Platform, figures: Figures) -> None:
    person = platform.sign_in("tycho")
    person.have_lab()
    answer = person.run(LOOP.format(count=POOLS), seconds=60 * POOLS)
    assert answer.error == ""
    results = json.loads(answer.text)
    seconds = [each for each in results if isinstance(each, float)]
    failures = [each for each in results if not isinstance(each, float)]
    figures.say("pools in a row", len(results))
    figures.say("of them failed", len(failures))
    figures.say("seconds from Pool(2) to the first result, p50", statistics.median(seconds))
    figures.say("the longest", max(seconds))
    assert failures == []
    until(lambda: not platform.pool_pods(person.name), 60, "Nothing of them is left")
    person.stop_lab()
