"""What binding one query gathers: the tables that it reads, what of them, and where a fault is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from sqlglot import exp

from uraniborg_portal.adql.cover import SkyCover
from uraniborg_portal.adql.identifiers import quoted
from uraniborg_portal.adql.models import Places, RegionTest, Scan, SkyCoverOf, Table, Term
from uraniborg_portal.adql.scope import Scope
from uraniborg_portal.adql.tokens import place
from uraniborg_portal.catalogs.layout import HEALPIX_COLUMN
from uraniborg_portal.errors import QueryRefused

LONGEST = 500
"""Characters that a refusal and its remedy have at most: they repeat names, of which a query may be full."""


@dataclass(kw_only=True)
class OpenScan:
    """A table being read, as far as it is known."""

    table: Table
    used: set[str] = field(default_factory=set)
    cover: SkyCover | None = None
    healpix: bool = False
    computed: dict[exp.Expr, tuple[str, exp.Expr]] = field(default_factory=dict)
    """By what they stand for in the query: columns that are computed once for each row that is read."""
    tests: list[RegionTest] = field(default_factory=list)
    """What is asked of the regions of its rows."""

    def new_name(self) -> str:
        """Give a name for a computed column, which no column of the table has, in any case."""
        taken = {column.name.lower() for column in self.table.columns}
        name = f"computed {len(self.computed)}"
        while name in taken:
            name += "_"
        return name


def size_of(sql: exp.Expr) -> int:
    """Give how many parts SQL has when it is written; branches that are shared count as often as they stand in it."""
    sizes: dict[int, int] = {}
    waiting = [sql]
    while waiting:
        node = waiting[-1]
        inner = parts_inside(node)
        unknown = [each for each in inner if id(each) not in sizes]
        if unknown:
            waiting += unknown
        else:
            sizes[id(waiting.pop())] = 1 + sum(sizes[id(each)] for each in inner)
    return sizes[id(sql)]


def parts_inside(node: exp.Expr) -> list[exp.Expr]:
    """Give the parts that a part of SQL has itself."""
    inner: list[exp.Expr] = []
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            inner.append(value)
        elif isinstance(value, list):
            inner += [each for each in value if isinstance(each, exp.Expr)]
    return inner


def parts_of(sql: exp.Expr) -> Iterator[exp.Expr]:
    """Give SQL and each part of it once, however often branches are shared."""
    waiting, seen = [sql], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += parts_inside(node)


class Binding:
    """The state of binding one query; a query is bound once."""

    def __init__(self, text: str, tables: Mapping[str, Table], places: Places) -> None:
        self.text = text
        self.tables = tables
        self.places = places
        self.scans: dict[str, OpenScan] = {}
        self.read_as: dict[str, str] = {}
        """The scan behind each name that stands before a column in the SQL."""
        self.notes: list[str] = []
        self.counted = 0
        self.bands = 0
        """Bands of positions in all sides of OR."""
        self.spent = 0
        """Parts of all geometry of the query in SQL."""
        self.tested = 0
        """Tests of regions."""

    def fail(self, node: exp.Expr, message: str, remedy: str = "") -> NoReturn:
        """Refuse the query at the place of a node."""
        line, column = place(self.text, self.offset(node))
        words, remedy = (text if len(text) <= LONGEST else f"{text[:LONGEST]}..." for text in (f"{message}.", remedy))
        raise QueryRefused(f"Line {line}, column {column}: {words}", remedy, line=line, column=column)

    def refuse_aggregate(self, node: exp.Expr, clause: str) -> NoReturn:
        """Refuse an aggregate that stands in a clause that is about single rows."""
        place = next(iter(node.find_all(exp.AggFunc)), node)
        self.fail(
            place, f"an aggregate can't stand in {clause}",
            "Conditions on groups stand in HAVING, after GROUP BY." if clause != "GROUP BY" else "",
        )  # fmt: skip

    def offset(self, node: exp.Expr) -> int:
        """Give where a node starts in the text: its own place, or that of the first thing inside."""
        for inner in node.walk():
            if "at" in inner.meta:
                return int(inner.meta["at"])
        return 0

    def fresh(self, letter: str) -> str:
        """Give a name that nothing else has."""
        self.counted += 1
        return f"{letter}{self.counted}"

    def narrow(self, cover: SkyCoverOf, scope: Scope) -> None:
        """Keep where rows of this scope's own scans can be; a condition says nothing of the rows of a query around."""
        for key in {relation.scan for relation in scope.relations if relation.scan} & cover.keys():
            known = self.scans[key].cover
            self.scans[key].cover = cover[key] if known is None else known & cover[key]

    def use(self, term: Term) -> Term:
        """Note that a column of a scan is needed."""
        if term.scan and term.origin:
            self.scans[term.scan].used.add(term.origin[1])
        return term

    def healpix(self, key: str, alias: exp.Expr) -> exp.Expr:
        """Give the HEALPix index of a scan's rows, as SQL."""
        self.scans[key].healpix = True
        return exp.Column(this=quoted(HEALPIX_COLUMN), table=alias)

    def computed(self, value: exp.Expr, scope: Scope) -> exp.Expr:
        """Give a column in place of a value that the columns of one of a scope's own tables make.

        It is computed where they are read. A value that other columns make, too, is given as it is.
        """
        aliases = {column.table for column in value.find_all(exp.Column)}
        alias = aliases.pop() if len(aliases) == 1 else ""
        key = self.read_as.get(alias)
        if key is None or key not in {relation.scan for relation in scope.relations} or value.find(exp.Query):
            return value
        known = self.scans[key].computed
        if value not in known:
            of_table = value.transform(
                lambda node: exp.Column(this=node.this) if isinstance(node, exp.Column) else node
            )
            known[value] = (self.scans[key].new_name(), of_table)
            self.spent += size_of(of_table)
        name, _ = known[value]
        return exp.Column(this=quoted(name), table=quoted(alias))

    def finished(self) -> tuple[Scan, ...]:
        """Give the scans with what was gathered."""
        return tuple(
            Scan(
                key=key,
                table=scan.table,
                columns=(
                    *(column.name for column in scan.table.columns if column.name in scan.used),
                    *(test.name for test in scan.tests),
                ),
                cover=scan.cover,
                healpix=scan.healpix,
                computed=tuple(scan.computed.values()),
                tests=tuple(scan.tests),
            )
            for key, scan in self.scans.items()
        )
