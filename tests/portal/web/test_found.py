"""A search leads on: to cones for positions, to instruments for events that they know."""

from __future__ import annotations

from starlette.testclient import TestClient

from uraniborg_portal.instruments.installed import instruments
from uraniborg_portal.resolver.models import Resolved
from uraniborg_portal.web.found import cones, runs

STAR = Resolved(name="Vega", kind="star", source="local table", ra=279.2, dec=38.8)
EVENT = Resolved(name="GW150914", kind="event", source="local table", time_gps=1126259462.4)


def test_a_position_leads_to_a_cone_in_every_catalog(portal: TestClient) -> None:
    steps = cones(STAR, "alf Lyr", portal.app.state.context.catalogs.all())
    assert {step.path for step in steps} == {
        f"catalogs/{name}?target=alf+Lyr&radius=10+arcmin" for name in ("hipparcos", "openngc")
    }
    assert not runs(STAR, instruments().values())


def test_an_event_leads_to_every_product_of_the_instruments_that_know_it() -> None:
    steps = runs(EVENT, instruments().values())
    assert "instruments/gw?event=GW150914&product=strain" in {step.path for step in steps}
    assert not cones(EVENT, "GW150914", ())
    unknown = Resolved(name="GW990101", kind="event", source="somewhere", time_gps=6e8)
    assert not runs(unknown, instruments().values())
