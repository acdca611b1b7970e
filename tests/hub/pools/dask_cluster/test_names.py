"""Names of a pool's objects are ones that Kubernetes takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.pools.dask_cluster import names
from uraniborg_hub.pools.lives import new_name

SERVICE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


@given(st.text(max_size=80))
def test_any_user_has_names_that_are_allowed(user: str) -> None:
    pool = new_name(user)
    for name in (names.scheduler(pool), names.secret(pool), *names.policies(pool), f"{pool}-default-worker-0123456789"):
        assert SERVICE.fullmatch(name)
    assert LABEL.fullmatch(names.owner_label(user))


@pytest.mark.parametrize(("user", "start"), [("Tycho.Brahe@x", "tycho-brahe-x-"), ("42", "pool-"), ("4-ever", "ever-")])
def test_a_pool_is_named_after_its_owner(user: str, start: str) -> None:
    assert new_name(user).startswith(start)
