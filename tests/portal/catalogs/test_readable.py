"""Who may read a catalog, as people write it."""

from __future__ import annotations

import pytest

from uraniborg_portal.catalogs.models import Readers
from uraniborg_portal.catalogs.readable import readers_of, words
from uraniborg_portal.errors import BadParameter


@pytest.mark.parametrize(
    ("text", "readers"),
    [
        ("everyone", None),
        ("staff", Readers(groups=("staff",))),
        (
            "user:tycho , staff,Domain Users,/keycloak:a",
            Readers(groups=("/keycloak:a", "Domain Users", "staff"), users=("tycho",)),
        ),
    ],
)
def test_readers_are_written_as_groups_and_users(text: str, readers: Readers | None) -> None:
    assert readers_of(text) == readers
    assert readers_of(words(readers)) == readers


@pytest.mark.parametrize("text", ["", ",", "user:", "everyone,staff", "a,,b", "a\nb"])
def test_readers_that_nobody_can_be_are_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="readers"):
        readers_of(text)
