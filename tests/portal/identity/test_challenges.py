"""What tells programs how to sign in."""

from __future__ import annotations

from uraniborg_portal.identity import User
from uraniborg_portal.identity.challenges import BASIC, BEARER, challenges, vo_headers


def test_programs_are_offered_basic_first_and_browsers_never() -> None:
    assert challenges({}) == (BASIC, BEARER)
    assert challenges({"sec-fetch-mode": "navigate"}) == (BEARER,)


def test_an_answer_names_its_user_or_the_challenges() -> None:
    assert vo_headers({}, User(name="tycho")) == [("X-VO-Authenticated", "tycho")]
    assert vo_headers({}, None) == [("WWW-Authenticate", BASIC), ("WWW-Authenticate", BEARER)]
