"""What a user chooses from at the start of a lab: image x size, by group, as KubeSpawner takes it."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from uraniborg_hub.kubernetes.quantity import amount, gibibytes
from uraniborg_hub.kubernetes.settings import Kubernetes, Profile


def choices(settings: Kubernetes, groups: Collection[str]) -> tuple[Profile, ...]:
    """Give the profiles that a member of these groups may take, in the settings' order."""
    return tuple(profile for profile in settings.choices if not profile.groups or profile.groups & set(groups))


def profile_list(settings: Kubernetes, groups: Collection[str]) -> list[dict[str, Any]]:
    """Give those profiles as KubeSpawner's `profile_list`."""
    return [_entry(settings, profile) for profile in choices(settings, groups)]


def size(profile: Profile) -> str:
    """Give a profile's size in words."""
    processors = amount(profile.cpu_limit)
    gpus = f", {profile.gpu} GPU" if profile.gpu else ""
    return f"up to {float(processors):g} processors and {gibibytes(profile.memory_limit)} of memory{gpus}"


def _entry(settings: Kubernetes, profile: Profile) -> dict[str, Any]:
    # KubeSpawner adds dictionaries to what an earlier start left, and keeps what is not named: each profile names all.
    gpu = {settings.gpu_resource: str(profile.gpu) if profile.gpu else None}
    return {
        "slug": profile.slug,
        "display_name": profile.title,
        "description": " ".join(filter(None, [profile.description, f"({size(profile)})"])),
        "default": profile.default,
        "kubespawner_override": {
            "image": profile.image or settings.image,
            "cpu_guarantee": float(amount(profile.cpu_request)),
            "cpu_limit": float(amount(profile.cpu_limit)),
            "mem_guarantee": _whole(amount(profile.memory_request)),
            "mem_limit": _whole(amount(profile.memory_limit)),
            "extra_resource_limits": gpu,
            "extra_resource_guarantees": gpu,
        },
    }


def _whole(number: Decimal) -> int:
    return int(number.to_integral_value())
