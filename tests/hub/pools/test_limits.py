"""Limits: what is accepted, and the words of every refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.pools.errors import PoolError
from uraniborg_hub.pools.limits import Size, Use, memory_bytes, plan, plan_scale, readable
from uraniborg_hub.pools.models import Bounds, PoolSpec
from uraniborg_hub.pools.settings import PoolLimits

LIMITS = PoolLimits(pools_per_user=2, workers_per_user=4, workers=6, threads_per_worker=2, memory_per_worker=2**31)
SPEC = PoolSpec(
    name="a", owner="tycho", workers=1, threads=1, memory=2**30, dashboard_path="/a", idle_seconds=1
)  # fmt: skip
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.fixed_dictionaries({"minimum": inner, "maximum": inner}),
)


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, Size(workers=4, threads=1, memory=2**31)),
        ({"workers": 2}, Size(workers=2, threads=1, memory=2**31)),
        ({"workers": 1, "threads": 2, "memory": "1GB"}, Size(workers=1, threads=2, memory=10**9)),
        ({"memory": None}, Size(workers=4, threads=1, memory=2**31)),
        ({"adapt": {"maximum": 4}}, Size(workers=0, threads=1, memory=2**31, adapt=Bounds(minimum=0, maximum=4))),
    ],
)
def test_what_is_accepted(asked: dict[str, object], size: Size) -> None:
    assert plan(asked, "tycho", [], LIMITS) == size


@pytest.mark.parametrize(
    ("given", "expected"),
    [("1GB", 10**9), ("512 MiB", 2**29), ("512mib", 2**29), (2**30, 2**30), ("1.5 GB", 1_500_000_000), ("1G", 10**9)],
)
def test_memory_is_read_as_people_write_it(given: object, expected: int) -> None:
    assert memory_bytes(given, LIMITS) == expected


@pytest.mark.parametrize(
    ("asked", "running", "code", "words"),
    [
        ({"workers": 5}, [], "bad_parameter", "workers is 5; a whole number from 1 to 4 is accepted."),
        ({"workers": True}, [], "bad_parameter", "workers is true"),
        ({"threads": 3}, [], "bad_parameter", "from 1 to 2"),
        ({"memory": "3GB"}, [], "bad_parameter", 'memory is "3GB"; for each worker 256 MiB to 2 GiB'),
        ({"memory": "1MB"}, [], "bad_parameter", "256 MiB"),
        (
            {"image": "x"},
            [],
            "bad_parameter",
            'There is no parameter "image"; accepted: workers, memory, threads, adapt.',
        ),
        ({"workers": 2}, [("tycho", 3)], "too_many", "2 workers were asked for and 3 are taken by your other pools; 4"),
        ({"workers": 1}, [("tycho", 1)] * 2, "too_many", "you have 2; 2 are accepted"),
        ({"workers": 3}, [("kepler", 4)], "too_many", "4 of the platform's 6 are taken"),
    ],
)
def test_what_is_refused_and_the_words(
    asked: dict[str, object], running: list[tuple[str, int]], code: str, words: str
) -> None:
    uses = [Use(owner=owner, workers=workers) for owner, workers in running]
    with pytest.raises(PoolError) as caught:
        plan(asked, "tycho", uses, LIMITS)
    assert caught.value.code == code and words in caught.value.message and caught.value.remedy


@given(
    st.dictionaries(
        st.sampled_from(["workers", "memory", "threads", "adapt"]) | st.text(max_size=5), NESTED, max_size=4
    )
)
def test_whatever_is_asked_there_is_a_size_within_the_limits_or_words(asked: dict[str, object]) -> None:
    try:
        size = plan(asked, "tycho", [], LIMITS)
    except PoolError as error:
        assert error.status < 500 and error.message.isascii() and len(error.message) < 300
    else:
        assert (1 <= size.workers <= 4 or size.adapt) and 1 <= size.threads <= 2 and 2**28 <= size.memory <= 2**31


@pytest.mark.parametrize(
    ("asked", "workers", "bounds", "reach"),
    [
        ({"workers": 0}, 0, None, 0),
        ({"workers": 2}, 2, None, 2),
        ({"adapt": {"maximum": 2}}, 1, (0, 2), 2),
        ({"adapt": {"minimum": 2, "maximum": 2}}, 2, (2, 2), 2),
    ],
)
def test_a_pool_is_scaled_or_follows_its_load(
    asked: dict[str, object], workers: int, bounds: tuple[int, int] | None, reach: int
) -> None:
    scaled = plan_scale(asked, SPEC, [Use(owner="tycho", workers=2)], LIMITS)
    adapt = Bounds(minimum=bounds[0], maximum=bounds[1]) if bounds else None
    assert (scaled.workers, scaled.adapt, scaled.reach) == (workers, adapt, reach)


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({}, "workers", "workers is null; a whole number from 0 to 4"),
        ({"adapt": 4}, "adapt", "adapt is 4; an object with minimum and maximum"),
        ({"adapt": None}, "adapt", "adapt is null"),
        ({"adapt": {}}, "maximum", "maximum is null; a whole number from 1 to 4"),
        ({"adapt": {"maximum": 5}}, "maximum", "maximum is 5; a whole number from 1 to 4"),
        ({"adapt": {"minimum": 3, "maximum": 2}}, "minimum", "minimum is 3; a whole number from 0 to 2"),
        ({"adapt": {"most": 2}}, "most", "accepted: minimum, maximum"),
        ({"adapt": {"maximum": 1}, "workers": 1}, "adapt", "workers and adapt were given"),
        ({"adapt": {"maximum": 3}}, "workers", "2 are taken by your other pools; 4 together are accepted."),
    ],
)
def test_what_can_t_be_scaled_to_and_the_words(asked: dict[str, object], field: str, words: str) -> None:
    with pytest.raises(PoolError) as caught:
        plan_scale(asked, SPEC, [Use(owner="tycho", workers=2)], LIMITS)
    assert caught.value.field == field and words in caught.value.message and caught.value.remedy


def test_scaling_counts_the_other_pools_only() -> None:
    others = [Use(owner="tycho", workers=2)]
    with pytest.raises(PoolError, match="2 are taken by your other pools"):
        plan_scale({"workers": 3}, SPEC, others, LIMITS)


def test_bytes_are_shown_as_people_read_them() -> None:
    assert [readable(memory) for memory in (2**28, 2**31, 1_500_000_000)] == ["256 MiB", "2 GiB", "1430 MiB"]
