"""What a user has before something happens to the platform, and wants to find again."""

from __future__ import annotations

from dataclasses import dataclass

from deployed.person import Person

QUERIES = "services/portal/api/queries"
ADQL = {"adql": "SELECT TOP 7 * FROM hipparcos"}


@dataclass(frozen=True, kw_only=True)
class Work:
    """A user's lab with a kernel that holds something, and a result in the portal."""

    person: Person
    kernel: str
    result: str


def query(person: Person) -> str:
    """Have the portal make a result, and give its name."""
    asked = person.ask("POST", QUERIES, ADQL)
    assert asked.status_code == 201, asked.text
    name: str = asked.json()["id"]
    return name
