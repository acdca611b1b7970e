"""Stars by IAU name or Hipparcos number: the sample of the Hipparcos catalogue."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.resolver.designation import key
from uraniborg_portal.resolver.models import J2000, Resolved, moved
from uraniborg_portal.resolver.names import Entry, NameTable
from uraniborg_portal.resolver.sample_files import sample

SOURCE = "local table Hipparcos"
EPOCH = 1991.25
COLUMNS = ["hip", "ra", "dec", "pmra", "pmdec"]


class Stars:
    """The source of star names and HIP numbers; positions are moved from J1991.25 to J2000."""

    name = SOURCE

    @cached_property
    def table(self) -> pa.Table:
        """The stars that have a position, by number."""
        table = pq.read_table(sample("hipparcos.parquet"), columns=COLUMNS)
        return table.filter(table["ra"].is_valid()).sort_by("hip")

    @cached_property
    def numbers(self) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """The HIP numbers, ascending."""
        numbers: np.ndarray[tuple[int], np.dtype[np.int32]] = self.table["hip"].to_numpy()
        return numbers

    @cached_property
    def iau(self) -> dict[int, tuple[str, ...]]:
        """From HIP number to IAU names."""
        found: dict[int, tuple[str, ...]] = {}
        with sample("star_names.csv").open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                number = int(row["hip"])
                found[number] = (*found.get(number, ()), row["name"])
        return found

    @cached_property
    def named(self) -> NameTable:
        """The stars that have a name."""
        return NameTable(SOURCE, self.entries)

    def entries(self) -> Iterator[Entry]:
        """Give the named stars."""
        for number, names in self.iau.items():
            star = self.star(number)
            if star:
                yield Entry(resolved=star, names=names, shown=names)

    def resolve(self, text: str) -> Resolved | None:
        """Give the star of a name or of `HIP n`."""
        number = re.fullmatch(r"hip(\d{1,7})", key(text))
        return self.star(int(number[1])) if number else self.named.resolve(text)

    def star(self, number: int) -> Resolved | None:
        """Give the star of a HIP number, None where there is none with a position."""
        at = int(np.searchsorted(self.numbers, number))
        if at == len(self.numbers) or self.numbers[at] != number:
            return None
        row = self.table.slice(at, 1).to_pylist()[0]
        names = (*self.iau.get(number, ()), f"HIP {number}")
        ra, dec = moved(row["ra"], row["dec"], row["pmra"], row["pmdec"], J2000 - EPOCH)
        motion = {"pmra": row["pmra"], "pmdec": row["pmdec"]}
        return Resolved(name=names[0], aliases=names[1:], kind="star", ra=ra, dec=dec, source=SOURCE, **motion)

    def candidates(self) -> Iterable[str]:
        """Give the names of stars."""
        return self.named.candidates()
