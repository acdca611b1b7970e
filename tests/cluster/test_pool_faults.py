"""Parts of a pool, and those that look after it, die while it computes for a lab."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from deployed import faults
from deployed.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from deployed.figures import Figures
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

MAKE = "import uraniborg as ub; pool = ub.Pool(workers=2); pool.wait_for_workers(timeout=120); pool.name"
WORK = """
import time

def slow(number):
    time.sleep(0.25)
    return number ** 2

sum(pool.gather(pool.map(slow, range({tasks}), pure=False)))
"""
PART = "dask.org/component"
TASKS = 160
"""Of a quarter of a second, on two workers: twenty seconds."""
SUM = sum(number**2 for number in range(TASKS))
NEXT = "after = ub.Pool(workers=1); print(after.submit(lambda: 6 * 7).result(120)); after.close()"


@pytest.fixture(scope="module")
def person(platform: Platform) -> Iterator[Person]:
    """A user with a lab that runs."""
    person = platform.sign_in("tycho")
    person.have_lab()
    yield person
    person.stop_lab()


@pytest.fixture
def kernel(person: Person) -> Iterator[str]:
    """A kernel with a pool of two; the pool ends with it."""
    kernel = person.kernel()
    made = person.run(MAKE, seconds=240, kernel=kernel)
    assert made.error == ""
    yield kernel
    person.run("pool.close()", kernel=kernel)
    person.ask("DELETE", f"user/{person.name}/api/kernels/{kernel}")


def members(platform: Platform, person: Person, component: str) -> list[dict[str, Any]]:
    """The pods of a user's pools, by what they are in them."""
    return [pod for pod in platform.pool_pods(person.name) if pod["metadata"]["labels"][PART] == component]


def victims(platform: Platform, person: Person, part: str) -> list[dict[str, Any]]:
    """The pods that a case kills."""
    return members(platform, person, "worker")[:1] if part == "worker" else platform.pods(part)


@pytest.mark.parametrize("parts", [("pools",), ("operator",), ("pools", "operator"), ("worker",)], ids="+".join)
def test_a_computation_ends_right(
    platform: Platform, person: Person, kernel: str, figures: Figures, parts: tuple[str, ...]
) -> None:
    with ThreadPoolExecutor(1) as thread:
        began = thread.submit(person.run, WORK.format(tasks=TASKS), 300, kernel=kernel)
        # So that it is in the middle of it.
        until(lambda: person.lab("api/kernels").json()[0]["execution_state"] == "busy", 10, "The kernel computes")
        pods = [pod for part in parts for pod in victims(platform, person, part)]
        assert pods
        faults.kill(platform.cluster, *pods)
        answer = began.result()
    assert answer.error == ""
    assert answer.value == str(SUM)
    figures.say("sum of the squares", answer.value)
    until(lambda: all(map(faults.ready, platform.pods("pools") + platform.pods("operator"))), 120, "Both are back")
    back = until(
        lambda: person.run("pool.scale(3); pool.wait_for_workers(3, 60)", 90, kernel=kernel).error == "",
        180,
        "It scales",
    )
    figures.say("seconds until the pool had a third worker afterwards", back)
    assert person.run(WORK.format(tasks=9), kernel=kernel).value == "204"


def test_who_computes_is_told_that_the_scheduler_died_and_the_next_pool_works(
    platform: Platform, person: Person, kernel: str, figures: Figures
) -> None:
    with ThreadPoolExecutor(1) as thread:
        began = thread.submit(person.run, WORK.format(tasks=TASKS), 300, kernel=kernel)
        until(lambda: person.lab("api/kernels").json()[0]["execution_state"] == "busy", 10, "The kernel computes")
        faults.kill(platform.cluster, *members(platform, person, "scheduler"))
        told = until(began.done, 120, "The user is told")
    error = began.result().error
    figures.say("seconds until the computation ended with an error", told)
    figures.say("its words", error.splitlines()[1] if error else "none")
    assert error
    shown = until(lambda: "failed" in person.run("repr(pool)", kernel=kernel).value, 90, "The pool says that it failed")
    figures.say("seconds more until the pool said that it failed", shown)
    (pool,) = person.ask("GET", "services/pools/api/pools").json()
    figures.say("its reason", pool["reason"])
    assert "took the pool's scheduler away" in pool["reason"]
    after = person.run(NEXT, 240, kernel=kernel)
    assert after.error == ""
    assert after.text == "42\n"
    until(lambda: not platform.pool_pods(person.name), 60, "Nothing of either pool is left")
