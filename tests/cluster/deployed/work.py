"""What a user has before something happens to the platform, and wants to find again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deployed.person import Person
from deployed.waiting import until

QUERIES = "services/portal/api/queries"
ADQL = {"adql": "SELECT TOP 7 * FROM hipparcos"}
JOB = {"event": "GW150914", "product": "strain", "detector": "H1"}
FINAL = {"done", "failed", "cancelled"}
JOB_SECONDS = 300


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


def start_job(person: Person, band_low: float) -> str:
    """Start an instrument's job, and give its name; a lower band edge that nobody has asked for makes it a new one."""
    asked = person.ask("POST", "services/portal/api/instruments/gw/jobs", JOB | {"band_low": band_low})
    assert asked.status_code == 202, asked.text
    name: str = asked.json()["id"]
    return name


def ended(person: Person, job: str) -> dict[str, Any]:
    """Wait for the end of a job, and give what the portal says of it."""
    found: dict[str, Any] = {}

    def is_final() -> bool:
        answer = person.ask("GET", f"services/portal/api/jobs/{job}")
        found.update(answer.json() if answer.is_success else {})
        return found.get("state") in FINAL

    until(is_final, JOB_SECONDS, f"The job {job} ends")
    return found
