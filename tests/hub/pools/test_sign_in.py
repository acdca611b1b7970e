"""Signing a browser in, and what is not one."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import Broker

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("tidy")]
PAGE = {"Accept": "text/html"}


def test_a_foreign_cookie_signs_nobody_in(broker: Broker) -> None:
    forged = base64.urlsafe_b64encode(os.urandom(90)).decode()
    for cookie in (forged, "", "a", "\\u00e4", "gAAAAA"):
        answer = httpx.get(
            f"{broker.url}api/pools",
            headers={"Cookie": f"uraniborg-pools={cookie}"},
            timeout=30,
            trust_env=False,
            verify=False,
        )
        assert answer.status_code == 401


def test_a_sign_in_that_was_not_begun_here_is_refused(broker: Broker) -> None:
    answer = httpx.get(f"{broker.url}oauth_callback?code=a&state=b", headers=PAGE, trust_env=False, verify=False)
    assert answer.status_code == 403 and "not begun here" in answer.text
