"""Profiles: who sees which, and that one leaves nothing behind for the next."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from uraniborg_hub.kubernetes.failure import LabFailed
from uraniborg_hub.kubernetes.profiles import choices, profile_list, size
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.kubernetes.spawner import KubernetesLabSpawner

Table = Callable[..., Kubernetes]
SMALL = {"slug": "small", "title": "Small <1>", "default": True}
GPU = {"slug": "gpu", "title": "GPU", "gpu": 1, "memory_limit": "16Gi", "groups": ["radio"], "image": "gpu@sha256:2e"}


@pytest.mark.parametrize(
    ("groups", "expected"), [((), ["small"]), (("optical",), ["small"]), (("radio", "optical"), ["small", "gpu"])]
)
def test_a_profile_of_a_group_is_seen_by_its_members(
    settings: Table, groups: tuple[str, ...], expected: list[str]
) -> None:
    table = settings(profiles=[SMALL, GPU])
    assert [profile.slug for profile in choices(table, groups)] == expected


def test_each_profile_names_all_that_another_may_have_set(settings: Table) -> None:
    small, gpu = profile_list(settings(profiles=[SMALL, GPU]), ("radio",))
    assert set(small["kubespawner_override"]) == set(gpu["kubespawner_override"])
    assert small["kubespawner_override"]["extra_resource_limits"] == {"nvidia.com/gpu": None}
    assert gpu["kubespawner_override"]["image"] == "gpu@sha256:2e"
    assert gpu["description"] == "(up to 2 processors and 16 GB of memory, 1 GPU)"


def test_a_size_in_words(settings: Table) -> None:
    assert size(settings().choices[0]) == "up to 2 processors and 2 GB of memory"


async def test_a_gpu_does_not_stay_for_the_next_lab(spawner: Callable[..., KubernetesLabSpawner]) -> None:
    lab = spawner(profiles=[SMALL, GPU])
    lab.user_options = {"profile": "gpu"}
    await lab.load_user_options()
    assert lab.extra_resource_limits == {"nvidia.com/gpu": "1"}
    lab.user_options = {}
    await lab.load_user_options()
    assert lab.extra_resource_limits == {} and lab.mem_limit == 2**31


async def test_a_profile_of_another_group_is_refused(spawner: Callable[..., KubernetesLabSpawner]) -> None:
    lab = spawner(profiles=[SMALL, {**GPU, "groups": ["optical"]}])
    lab.user_options = {"profile": "gpu"}
    with pytest.raises(LabFailed, match="There is no lab 'gpu' that you may start"):
        await lab.load_user_options()


async def test_one_profile_needs_no_choice_and_two_are_asked_for(spawner: Callable[..., KubernetesLabSpawner]) -> None:
    assert await spawner(profiles=[SMALL]).get_options_form() == ""
    form = await spawner(profiles=[SMALL, GPU]).get_options_form()
    assert form.count('type="radio"') == 2 and "Small &lt;1&gt;" in form and "<script" not in form
