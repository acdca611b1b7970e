"""A version with a newer schema is installed and taken back, as the operator's guide says it, command by command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import httpx
import pytest
from deployed import guide, images
from deployed.waiting import until
from deployed.work import QUERIES, Work, query

if TYPE_CHECKING:
    from pathlib import Path

    from deployed.figures import Figures
    from deployed.guide import Operator
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

LATER = "later"
"""The revision of a schema that is not made yet."""
MIGRATION = f"""
import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{{head}}"


def upgrade() -> None:
    op.create_table("{LATER}", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("results", sa.Column("{LATER}", sa.String(32), nullable=True))
"""
STAMP = "UPDATE alembic_version SET version_num = 'later'"
Values = Mapping[str, dict[str, dict[str, str]]]
DATABASES = ("hub", "portal")
START_SECONDS = 300


@pytest.fixture(scope="module")
def work(platform: Platform) -> Iterator[Work]:
    """A user with a lab, something in its kernel, and a kept result."""
    page = f"{platform.url}hub/login"
    # An upgrade of the platform that is kept may have replaced PostgreSQL too, a moment ago.
    until(lambda: httpx.get(page, timeout=10, trust_env=False).is_success, 60, "The hub lets people sign in")
    person = platform.sign_in("tycho")
    person.have_lab()
    kernel = person.kernel()
    assert person.run("seen = 'Mars'", kernel=kernel).error == ""
    yield Work(person=person, kernel=kernel, result=query(person))
    person.stop_lab()


@pytest.fixture(scope="module")
def later(platform: Platform, pushed: Mapping[str, images.Image], tmp_path_factory: pytest.TempPathFactory) -> Values:
    """The chart's values for a portal of a version whose schema is newer by one migration."""
    file = tmp_path_factory.mktemp("migration") / "r9999_later.py"
    file.write_text(MIGRATION.format(head=revision(platform, "portal")))
    local = images.derive("portal", "localhost/uraniborg/portal:later", "uraniborg_portal.migrations.versions", file)
    image = images.push_all({"portal": local}, platform.cluster.registry)["portal"]
    return {"portal": {"image": {"name": image.name, "digest": image.digest}}}


@pytest.fixture
def operator(platform: Platform, tmp_path: Path, later: Values) -> Iterator[Operator]:
    """An operator with dumps of both databases; a test that fails leaves none of them newer."""
    before = revisions(platform)
    operator = guide.operator(platform, tmp_path, later)
    operator.follow("Upgrade", "pg_dump")
    yield operator
    if revisions(platform) != before:
        restore(operator)


def restore(operator: Operator) -> None:
    """Go the guide's way back to the dumps."""
    operator.follow("Backup and restore", "kubectl -n")


def ask_database(platform: Platform, database: str, sql: str) -> str:
    """Ask PostgreSQL as its administrator."""
    psql = ("psql", "-U", "uraniborg", "-At", "-d", database, "-c", sql)
    return platform.cluster.kubectl(
        "exec", "-n", platform.namespace, "statefulset/uraniborg-postgresql", "--", *psql
    ).strip()


def revision(platform: Platform, database: str) -> str:
    """The revision of a database's schema."""
    return ask_database(platform, database, "SELECT version_num FROM alembic_version")


def revisions(platform: Platform) -> dict[str, str]:
    """Those of both."""
    return {database: revision(platform, database) for database in DATABASES}


def tables(platform: Platform) -> set[str]:
    """The tables of the portal's database."""
    return set(ask_database(platform, "portal", "SELECT tablename FROM pg_tables").split())


def readable(person: Person, result: str) -> bool:
    """Whether a result's rows are answered."""
    return person.ask("GET", f"{QUERIES}/{result}/rows").status_code == 200


def refusal(platform: Platform, component: str) -> str:
    """What `kubectl describe pod` says of how a component's program ended last; empty where it did not."""
    said = ""
    for pod in platform.pods(component):
        for status in pod["status"].get("containerStatuses", []):
            for state in (status["state"], status["lastState"]):
                said = said or state.get("terminated", {}).get("message", "")
    return said


def lab_goes_on(work: Work) -> bool:
    """Whether the lab's kernel is there with what it held."""
    return work.person.run("seen", kernel=work.kernel).value == "'Mars'"


def test_a_newer_schema_and_the_way_back(platform: Platform, work: Work, operator: Operator, figures: Figures) -> None:
    before, person = revisions(platform), work.person
    operator.follow("Upgrade", "helm upgrade")
    until(lambda: revision(platform, "portal") == LATER, START_SECONDS, "The newer portal changed the schema")
    until(lambda: readable(person, work.result), START_SECONDS, "Under the newer schema the result is readable")
    newcomer = platform.sign_in("newcomer")
    newcomer.have_lab()
    lost = query(newcomer)

    operator.follow("Upgrade", "helm rollback")
    until(lambda: "newer version" in refusal(platform, "portal"), START_SECONDS, "The old portal refuses")
    said = refusal(platform, "portal")
    figures.say("the old portal says", said.strip().splitlines()[-1])
    assert "restore the dump" in said and "Traceback" not in said
    assert revision(platform, "portal") == LATER
    until(lambda: person.ask("GET", "hub/api/user").status_code == 200, START_SECONDS, "The hub goes on")
    assert lab_goes_on(work)

    restore(operator)
    took = until(lambda: readable(person, work.result), START_SECONDS, "The result made before is readable")
    figures.say("seconds from the restore until the result was readable", took)
    assert revisions(platform) == before
    assert LATER not in tables(platform), "nothing stands in the way of the next upgrade"
    assert person.ask("GET", f"{QUERIES}/{lost}").status_code == 404
    until(lambda: person.ask("GET", "hub/api/user").status_code == 200, START_SECONDS, "The hub knows its users")
    until(lambda: person.lab("api/status").status_code == 200, 30, "The lab is within reach")
    assert lab_goes_on(work)
    assert readable(person, query(person))
    again = platform.sign_in("newcomer")
    again.have_lab()
    assert again.run("6 * 7").value == "42", "the lab that the hub forgot gave way"
    again.stop_lab()


def test_a_hub_refuses_a_newer_schema_in_words_too(
    platform: Platform, work: Work, operator: Operator, figures: Figures
) -> None:
    before, person = revisions(platform), work.person
    ask_database(platform, "hub", STAMP)
    platform.cluster.kubectl("delete", "pod", "-n", platform.namespace, platform.pods("hub")[0]["metadata"]["name"])
    until(lambda: "newer version" in refusal(platform, "hub"), START_SECONDS, "The hub refuses")
    said = refusal(platform, "hub")
    figures.say("the hub says", said.strip().splitlines()[-1])
    assert "restore the dump" in said and "Traceback" not in said
    assert person.lab("api/status").status_code == 200

    restore(operator)
    until(lambda: person.ask("GET", "hub/api/user").status_code == 200, START_SECONDS, "The hub knows its users")
    until(lambda: person.lab("api/status").status_code == 200, 30, "The lab is within reach")
    assert revisions(platform) == before
    assert lab_goes_on(work)
