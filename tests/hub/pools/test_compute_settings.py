"""Settings of the pool of a service's jobs."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from uraniborg_hub.pools.compute_settings import ComputeSettings

LEAST = {"image": "portal:1", "client_namespace": "uraniborg", "client_labels": {}}


def made(**settings: object) -> ComputeSettings:
    return ComputeSettings.model_validate(LEAST | settings)


@pytest.mark.parametrize(("settings", "same"), [
    ({}, True), ({"minimum": 0}, True), ({"maximum": 9}, True),
    ({"image": "portal:2"}, False), ({"memory": 2**30}, False), ({"environment": {"A": "b"}}, False),
    ({"catalogs": {"claim": "sky", "path": "/sky"}}, False),
])  # fmt: skip
def test_bounds_alone_leave_the_pool_as_it_is(settings: dict[str, object], same: bool) -> None:
    assert (made(**settings).fingerprint == made().fingerprint) is same


@pytest.mark.parametrize(("settings", "words"), [
    ({"minimum": 5}, "minimum is 5, above maximum, 4"),
    ({"memory": 1}, "greater than or equal"),
    ({"size": 1}, "Extra"),
    ({"catalogs": {"claim": ""}}, "at least 1 character"),
    ({"catalogs": {"claim": "sky", "path": "sky"}}, "should match pattern"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        made(**settings)
