"""Regions in words bound: what is asked of a column of them is told, row by row, by what makes its table."""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.adql.bind_values import ValueBinder
from uraniborg_portal.adql.identifiers import quoted
from uraniborg_portal.adql.models import Circle, RegionTest, Relation, Shape, Term
from uraniborg_portal.adql.rotations import is_constant
from uraniborg_portal.adql.scope import Scope
from uraniborg_portal.catalogs.models import Column

REGION_TEXT = "adql:REGION"
"""The xtype of a column with regions in words (TAP 1.0, section 2.5)."""
TRY_THE_MIDDLE = "Search by a position, as 1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE(83.8, -5.4, 1))."
MOST_TESTS = 20
"""Times that a query may test regions: it is done before the query runs, where no limit of time holds."""


class RegionBinder(ValueBinder):
    """Binds what is asked of columns of regions."""

    def regions(self, node: exp.Anonymous, scope: Scope) -> list[Term | None]:
        """Give, for each argument of CONTAINS or INTERSECTS, the column of regions that it is, None for others."""
        columns = [self.term(each, scope) if isinstance(each, exp.Column) else None for each in node.expressions]
        return [term if term and term.column.xtype == REGION_TEXT else None for term in columns]

    def region_test(self, node: exp.Anonymous, regions: list[Term | None], other: Shape) -> Term:
        """Bind CONTAINS or INTERSECTS of a column of regions and a constant shape."""
        region = next(term for term in regions if term is not None)
        scan = self.scans[region.scan] if region.scan and region.origin else None
        if scan is None or not scan.table.has_regions:
            self.fail(node, f"{region.column.name} is a text, whose region is not searched here", TRY_THE_MIDDLE)
        if not is_fixed(other):
            self.fail(node, f"the region of {region.column.name} is tested with constant shapes only", TRY_THE_MIDDLE)
        if self.tested == MOST_TESTS:
            self.fail(node, f"a query tests regions {MOST_TESTS} times at most", "Ask for one larger shape.")
        self.tested += 1
        relation: Relation = "shares" if node.name == "INTERSECTS" else "within" if regions[0] is region else "holds"
        test = RegionTest(
            name=self.fresh("region "), table=scan.table.name, column=region.column.name, relation=relation, shape=other
        )
        scan.tests.append(test)
        alias = region.sql.args["table"]
        truth = exp.Column(this=quoted(test.name), table=alias)
        sql = exp.Cast(this=truth, to=exp.DataType.build("INT"))
        return Term(sql=sql, column=Column(name=node.name.lower(), datatype="int"), truth=truth)


def is_fixed(shape: Shape) -> bool:
    """Say whether a shape is the same for every row."""
    return is_constant(shape) and not (isinstance(shape, Circle) and shape.fixed is None)
