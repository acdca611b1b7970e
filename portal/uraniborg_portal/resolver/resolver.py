"""Names and coordinates to positions and times: the sources in order, and near names where none knows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from rapidfuzz import fuzz, process

from uraniborg_portal.errors import BadParameter, NotFound, Unavailable
from uraniborg_portal.resolver.coordinates import ACCEPTED
from uraniborg_portal.resolver.designation import key
from uraniborg_portal.resolver.models import Resolved, Source

LONGEST = 200
"""Characters of a name at most."""
SUGGESTIONS = 5
NEAR = 60
"""How alike (0 to 100) a suggestion must be."""


class Resolver:
    """Asks the sources in order; the first that knows the name answers."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = tuple(sources)

    def resolve(self, text: str) -> Resolved:
        """Give what a text names.

        Raises
        ------
        BadParameter
            It is empty, too long, or a position outside of the sky.
        NotFound
            No source knows it; the nearest known names are beside it, and which source did not answer.
        """
        name = " ".join(text.split())
        if not name or len(name) > LONGEST or not name.isprintable():
            raise BadParameter(
                f"A name has 1 to {LONGEST} printable characters; this one has {len(text)}.", ACCEPTED, field="name"
            )
        silent: Unavailable | None = None
        for source in self.sources:
            try:
                found = source.resolve(name)
            except Unavailable as error:
                silent = error
                continue
            if found:
                return found
        raise self.not_found(name, silent)

    def places_of(self, names: Sequence[str]) -> dict[str, tuple[float, float] | str]:
        """Give right ascension and declination of names, or a sentence why there are none."""
        return {name: self.place_of(name) for name in names}

    def place_of(self, name: str) -> tuple[float, float] | str:
        """Give right ascension and declination of a name (degrees, ICRS, J2000), or a sentence why there are none."""
        try:
            found = self.resolve(name)
        except (BadParameter, NotFound) as error:
            return error.message.rstrip(".")
        if found.ra is None or found.dec is None:
            return f"{name!r} has no position"
        return found.ra, found.dec

    def warm(self) -> None:
        """Read every local table now, so that the first user does not wait for it."""
        self.suggestions("warm")

    def not_found(self, name: str, silent: Unavailable | None) -> NotFound:
        """Give the refusal of a name that no source knows."""
        sources = ", ".join(source.name for source in self.sources)
        why = f" {silent.message}" if silent else ""
        return NotFound(
            f"{name!r} is no name or position known to: {sources}.{why}",
            ACCEPTED,
            field="name",
            suggestions=self.suggestions(name),
        )

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Give the nearest known names, best first."""
        near = process.extract(key(name), self.keys, scorer=fuzz.ratio, limit=SUGGESTIONS, score_cutoff=NEAR)
        return tuple(dict.fromkeys(self.candidates[index] for _, _, index in near))

    @cached_property
    def candidates(self) -> list[str]:
        """Every name worth suggesting."""
        return [name for source in self.sources for name in source.candidates()]

    @cached_property
    def keys(self) -> list[str]:
        """The keys of `candidates`."""
        return [key(name) for name in self.candidates]
