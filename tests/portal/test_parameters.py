"""What no address may have, whatever the database makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

if TYPE_CHECKING:
    from conftest import PostgreSQL

DATASET = "ivo://uraniborg.unregistered/tap?products/"


@pytest.fixture(scope="module")
def on_postgresql(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        home=tmp_path_factory.mktemp("characters"), network=False, database=postgresql.database("characters")
    )
    with TestClient(create_app(settings), base_url="http://testserver/services/portal/") as client:
        yield client


@pytest.mark.parametrize(
    "path",
    ["api/products/%00", "products/a%00b", "tap/async/%00", "api/async/%00", "api/async?ids=%00", "tap/tables/%00",
     f"datalink/links?ID={DATASET}%00", "sky?%00=1"],
)  # fmt: skip
def test_an_address_with_nul_is_refused_in_words(on_postgresql: TestClient, path: str) -> None:
    answer = on_postgresql.get(path)
    assert answer.status_code == (400 if "?" in path else 404)
    assert "printable" in answer.text


def test_an_identifier_with_nul_in_a_form_has_no_dataset(on_postgresql: TestClient) -> None:
    answer = on_postgresql.post("datalink/links", data={"ID": [f"{DATASET}\x00", f"{DATASET}ff"]})
    assert answer.status_code == 200
    assert answer.text.count("NotFoundFault: No dataset here") == 2
