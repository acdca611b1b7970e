"""Positions in hours, minutes and seconds."""

from __future__ import annotations


def sexagesimal(ra: float, dec: float) -> str:
    """Give ICRS degrees as `05h 35m 17.3s -05d 23' 28"` with real minus and prime signs."""
    tenths = round((ra % 360) * 2400) % 864_000
    hours, rest = divmod(tenths, 36_000)
    minutes, seconds = divmod(rest, 600)
    arcseconds = round(abs(dec) * 3600)
    degrees, left = divmod(arcseconds, 3600)
    sign = "\N{MINUS SIGN}" if dec < 0 else "+"
    right = f"{hours:02d}h {minutes:02d}m {seconds / 10:04.1f}s"
    return f"{right} {sign}{degrees:02d}° {left // 60:02d}\N{PRIME} {left % 60:02d}\N{DOUBLE PRIME}"
