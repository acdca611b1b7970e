"""Names of users' tables: in the schema of their owner, in any case, with double quotes or without."""

from __future__ import annotations

import pytest

from uraniborg_portal.errors import BadParameter, Conflict, NotAllowed
from uraniborg_portal.identity.models import User
from uraniborg_portal.user_tables.names import known_name, new_name


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("Tycho.Stars", "tycho.stars"), ('"tycho-brahe"."stars"', "tycho-brahe.stars"), ("stars", "stars"),
        ("tycho@hven.dk.stars", "tycho@hven.dk.stars"), ('"a""b".c', 'a"b.c'), ("", ""), (".", ""), ('"', '"'),
    ],
)  # fmt: skip
def test_a_name_is_known_however_it_is_written(given: str, known: str) -> None:
    assert known_name(given) == known


@pytest.mark.parametrize(
    ("user", "given", "error"),
    [
        ("tycho", "kepler.stars", NotAllowed), ("tycho", "stars", NotAllowed), ("tycho", "", NotAllowed),
        ("tycho", "tycho.", NotAllowed), ("tycho", "tycho.a.b", NotAllowed), ("tycho", "tycho.a-b", BadParameter),
        ("tycho", "tycho._a", BadParameter), ("tycho", f"tycho.{'a' * 64}", BadParameter),
        ("TAP_Schema", "tap_schema.tables", Conflict), ("tap_upload", "TAP_UPLOAD.t", Conflict),
        ("ivoa", "ivoa.obscore", Conflict), ("catalogs", "catalogs.stars", Conflict), ('a"b', 'a"b.c', Conflict),
    ],
)  # fmt: skip
def test_names_that_no_table_of_a_user_may_have(user: str, given: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        new_name(given, User(name=user))
