"""Positions in any common notation: decimal degrees, sexagesimal, galactic, packed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.resolver.models import Resolved

ACCEPTED = "Accepted: '83.82 -5.39', '05h35m17s -05d23m28s', '5:35:17 -5:23:28', 'J053517-052328', 'gal 209.01 -19.38'."

FRAME = re.compile(r"\b(icrs|fk5|fk4|j2000(?:\.0)?|b1950(?:\.0)?|galactic|gal)\b", re.IGNORECASE)
GALACTIC_LETTERS = re.compile(r"^l\s*=?\s*(\S+?)[\s,;]+b\s*=?\s*(\S+)$", re.IGNORECASE)
GALACTIC_NAME = re.compile(r"^g\s*(\d+(?:\.\d+)?)\s*([+-]\d+(?:\.\d+)?)$", re.IGNORECASE)
PACKED = re.compile(r"^j?\s*(\d{2})(\d{2})(\d{2}(?:\.\d+)?)\s*([+-])(\d{2})(\d{2})(\d{2}(?:\.\d+)?)$", re.IGNORECASE)
LABELS = re.compile(r"\b(ra|dec|de|decl|lon|lat)\b\s*[=:]?", re.IGNORECASE)
NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
MARK = {"h": "h", "d": "d", "°": "d", "m": "m", "'": "m", "\u2032": "m", "s": "s", '"': "s", "\u2033": "s", ":": ":"}
TOKEN = re.compile(rf"([+-])?\s*({NUMBER})\s*([hdms°'\"\u2032\u2033:])?\s*", re.IGNORECASE)


class Coordinates:
    """The source that reads positions."""

    name = "coordinates"

    def resolve(self, text: str) -> Resolved | None:
        """Give the position that the text spells, None where it spells none.

        Raises
        ------
        BadParameter
            It spells one outside of the sky.
        """
        frame, rest = frame_of(clean(text))
        pair = pair_of(rest) if frame != "galactic" else None
        galactic = galactic_of(rest, named=frame == "galactic")
        if galactic:
            return position(text, *to_icrs("galactic", *checked(*galactic)))
        return position(text, *to_icrs(frame, *checked(*pair))) if pair else None

    def candidates(self) -> Iterable[str]:
        """Give nothing: positions have no near names."""
        return ()


def clean(text: str) -> str:
    """Bring signs and quotes to one form and drop labels."""
    plain = text.strip().replace("\u2212", "-").replace("\u2013", "-").replace("\u2019", "'").replace("\u201d", '"')
    return LABELS.sub(" ", plain.replace("''", '"')).strip(" ()[]")


def frame_of(text: str) -> tuple[str, str]:
    """Give the frame that the text names (`icrs`, `fk4`, `galactic`) and the text without it."""
    found = FRAME.search(text)
    if not found:
        return "icrs", text
    word = found[1].lower()
    frame = "galactic" if word.startswith("gal") else "fk4" if word in ("fk4", "b1950", "b1950.0") else "icrs"
    return frame, FRAME.sub(" ", text).strip(" ,;")


def galactic_of(text: str, *, named: bool) -> tuple[float, float] | None:
    """Give galactic longitude and latitude in degrees, None where the text spells none."""
    lettered = GALACTIC_LETTERS.match(text) or GALACTIC_NAME.match(text)
    if lettered:
        words = [lettered[1], lettered[2]]
        return decimal_pair(words)
    return pair_of(text) if named else None


def decimal_pair(words: list[str]) -> tuple[float, float] | None:
    """Give two decimal numbers, None where the words are none."""
    if all(re.fullmatch(rf"[+-]?{NUMBER}", word) for word in words):
        return float(words[0]), float(words[1])
    return None


def pair_of(text: str) -> tuple[float, float] | None:
    """Give longitude and latitude in degrees, None where the text is no pair of angles.

    Raises
    ------
    BadParameter
        Negative hours, or minutes or seconds of 60 or more.
    """
    packed = PACKED.match(text)
    if packed:
        sign = -1 if packed[4] == "-" else 1
        return 15 * sexagesimal(packed.group(1, 2, 3)), sign * sexagesimal(packed.group(5, 6, 7))
    halves = split(text)
    if halves is None:
        return None
    (first, hours), (second, _) = angle(halves[0]), angle(halves[1])
    if first is None or second is None:
        return None
    if hours and first < 0:
        raise BadParameter(f"Hours of right ascension are not negative: {first:.6g} h.", ACCEPTED, field="name")
    return (first * 15 if hours else first), second


def split(text: str) -> tuple[list[re.Match[str]], list[re.Match[str]]] | None:
    """Part the numbers of two angles: at a comma, at the sign of the second, or in the middle."""
    parts = [part.strip() for part in re.split(r"[,;/]", text) if part.strip()]
    if len(parts) == 2:
        both = tokens(parts[0]), tokens(parts[1])
        return (both[0], both[1]) if both[0] and both[1] else None
    found = tokens(text) if len(parts) == 1 else None
    if not found or len(found) < 2 or len(found) > 6:
        return None
    signed = [index for index, token in enumerate(found) if index and token[1]]
    middle = signed[0] if signed else len(found) // 2
    if len(signed) > 1 or (not signed and len(found) % 2):
        return None
    return found[:middle], found[middle:]


def tokens(text: str) -> list[re.Match[str]] | None:
    """Give the numbers of a text with their signs and unit marks; None where it holds anything else."""
    found, at = [], 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token:
            return None
        found.append(token)
        at = token.end()
    return found


def angle(parts: list[re.Match[str]]) -> tuple[float | None, bool]:
    """Give an angle and whether it is in hours: marked `h`, or sexagesimal without another mark."""
    marks = [MARK[(part[3] or " ").lower()] if part[3] else "" for part in parts]
    if not parts or len(parts) > 3 or any(part[1] for part in parts[1:]) or not in_order(marks):
        return None, False
    value = sexagesimal(tuple(part[2] for part in parts))
    hours = marks[0] == "h" or (len(parts) > 1 and marks[0] in (":", ""))
    return (-value if parts[0][1] == "-" else value), hours


def in_order(marks: list[str]) -> bool:
    """Say whether unit marks stand where they may: hours or degrees, then minutes, then seconds."""
    allowed = ({"h", "d", ":", ""}, {"m", ":", ""}, {"s", ""})
    return all(mark in place for mark, place in zip(marks, allowed, strict=False))


def sexagesimal(parts: tuple[str, ...]) -> float:
    """Give units, minutes and seconds as units.

    Raises
    ------
    BadParameter
        Minutes or seconds of 60 or more.
    """
    numbers = [float(part) for part in parts]
    if any(number >= 60 for number in numbers[1:]):
        raise BadParameter(f"{':'.join(parts)[:60]} has minutes or seconds of 60 or more.", ACCEPTED, field="name")
    return sum(number / 60.0**power for power, number in enumerate(numbers))


def checked(longitude: float, latitude: float) -> tuple[float, float]:
    """Give the pair if it is on the sky.

    Raises
    ------
    BadParameter
        Longitude outside of -180..360 degrees, or latitude outside of -90..90.
    """
    if not (math.isfinite(longitude) and -180 <= longitude <= 360):
        raise BadParameter(f"The longitude {longitude:.6g} is outside of -180 to 360 degrees.", ACCEPTED, field="name")
    if not -90 <= latitude <= 90:
        raise BadParameter(f"The latitude {latitude:.6g} is outside of -90 to 90 degrees.", ACCEPTED, field="name")
    return longitude % 360, latitude


def to_icrs(frame: str, longitude: float, latitude: float) -> tuple[float, float]:
    """Give ICRS right ascension and declination in degrees."""
    if frame == "icrs":
        return longitude, latitude
    # Imports most of astropy, seconds that the portal's start should not wait for.
    from astropy.coordinates import FK4, SkyCoord

    there = SkyCoord(longitude, latitude, unit="deg", frame=FK4(equinox="B1950") if frame == "fk4" else frame)
    return float(there.icrs.ra.deg), float(there.icrs.dec.deg)


def position(text: str, ra: float, dec: float) -> Resolved:
    """Give the answer for a position."""
    return Resolved(name=" ".join(text.split()), kind="position", source="coordinates", ra=ra, dec=dec)
