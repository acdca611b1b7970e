"""The newest results come first."""

from __future__ import annotations

from uraniborg_portal.web.recent import MOST, Recent, latest, one_line


def test_newest_first_and_not_too_many() -> None:
    entries = [Recent(title=str(at), kind="query", path=f"queries/{at}", created=float(at)) for at in range(20)]
    assert [entry.title for entry in latest(entries)] == [str(at) for at in range(19, 19 - MOST, -1)]


def test_time_and_text() -> None:
    entry = Recent(title="a", kind="query", path="queries/a", created=1126259462.0)
    assert entry.when == "2005-09-09 09:51 UTC"
    assert one_line("SELECT *\n  FROM  hipparcos") == "SELECT * FROM hipparcos"
    wide = "SELECT TOP 20 ra, dec, fromage FROM hipparcos WHERE vmag < 3"
    assert one_line(wide, 45) == "SELECT … FROM hipparcos WHERE vmag < 3"
    assert one_line("x" * 200, 10) == "xxxxxxxxx…"
