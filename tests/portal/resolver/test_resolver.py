"""Names to positions and times, with the real samples and without a network."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from uraniborg_portal.errors import BadParameter, NotFound, Unavailable
from uraniborg_portal.resolver.models import Resolved
from uraniborg_portal.resolver.resolver import Resolver
from uraniborg_portal.resolver.sources import make_resolver
from uraniborg_portal.settings import Settings


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    """The local sources."""
    made = make_resolver(Settings(network=False))
    made.warm()
    return made


@pytest.mark.parametrize(
    ("text", "name", "kind", "position"),
    [
        ("M42", "M42", "nebula", (83.818667, -5.389667)),
        ("orion nebula", "M42", "nebula", (83.818667, -5.389667)),
        ("ngc224", "M31", "galaxy", (10.684792, 41.269056)),
        ("Andromeda galaxy", "M31", "galaxy", (10.684792, 41.269056)),
        ("andromeda", "M31", "galaxy", (10.684792, 41.269056)),
        ("UGC 454", "M31", "galaxy", (10.684792, 41.269056)),
        ("IC 434", "IC 434", "nebula", (85.253667, -2.453778)),
        ("pleiades", "M45", "cluster", (56.869167, 24.105278)),
        ("horsehead nebula", "B 33", "nebula", (85.245833, -2.458333)),
        ("M1", "M1", "nebula", (83.633208, 22.014472)),
        ("m 13", "M13", "cluster", (250.423458, 36.461306)),
        ("sirius", "Sirius", "star", (101.287155, -16.716116)),
        ("Barnard's star", "Barnard's Star", "star", (269.452077, 4.693388)),
        ("HIP 87937", "Barnard's Star", "star", (269.452077, 4.693388)),
        ("hip 1", "HIP 1", "star", (0.000899, 1.089009)),
        ("GW170817", "GW170817", "event", (197.450375, -23.381495)),
        ("at2017gfo", "GW170817", "event", (197.450375, -23.381495)),
    ],
)
def test_local_names(resolver: Resolver, text: str, name: str, kind: str, position: tuple[float, float]) -> None:
    found = resolver.resolve(text)
    assert (found.name, found.kind) == (name, kind)
    assert (found.ra, found.dec) == pytest.approx(position, abs=2e-6)
    assert found.source.startswith("local table")


@pytest.mark.parametrize("text", ["GW150914", "gw150914", "GW150914_095045"])
def test_events_have_a_time(resolver: Resolver, text: str) -> None:
    found = resolver.resolve(text)
    assert found.ra is None
    assert found.time_gps == pytest.approx(1126259462.44)
    assert found.time_utc == "2015-09-14T09:50:45.44"
    assert found.as_json()["epoch"] is None


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("betelguese", "Betelgeuse"),
        ("andromida galaxy", "Andromeda Galaxy"),
        ("GW150915", "GW150914"),
        ("barnad star", "Barnard's Star"),
    ],
)
def test_what_is_not_found_names_the_nearest(resolver: Resolver, text: str, near: str) -> None:
    with pytest.raises(NotFound) as refusal:
        resolver.resolve(text)
    assert near in refusal.value.suggestions


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, "a\x00b", "\u202e"])
def test_what_is_no_name_is_refused(resolver: Resolver, text: str) -> None:
    with pytest.raises(BadParameter):
        resolver.resolve(text)


def test_a_warm_answer_takes_less_than_5_ms(resolver: Resolver) -> None:
    names = ("M42", "HIP 87937", "Sirius", "GW150914", "05h35m17s -05d23m28s", "betelguese")
    best = []
    for name in names:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            try:
                resolver.resolve(name)
            except NotFound as refusal:
                assert refusal.suggestions
            times.append(time.perf_counter() - start)
        best.append(min(times))
    assert max(best) < 0.005


class Silent:
    """A source that does not answer."""

    name = "Silent"

    def resolve(self, text: str) -> Resolved | None:
        """Never answer."""
        raise Unavailable("Silent does not answer.")

    def candidates(self) -> Iterable[str]:
        """Know nothing."""
        return ()


class Known:
    """A source that knows one star."""

    name = "Known"

    def resolve(self, text: str) -> Resolved | None:
        """Give the star."""
        return Resolved(name="Star", kind="star", source="Known", ra=1.0, dec=2.0) if text == "star" else None

    def candidates(self) -> Iterable[str]:
        """Give its name."""
        return ("star",)


def test_a_silent_source_does_not_hide_the_next() -> None:
    assert Resolver([Silent(), Known()]).resolve("star").source == "Known"


def test_the_refusal_says_which_source_was_silent() -> None:
    with pytest.raises(NotFound, match="Silent does not answer") as refusal:
        Resolver([Known(), Silent()]).resolve("stra")
    assert refusal.value.suggestions == ("star",)
