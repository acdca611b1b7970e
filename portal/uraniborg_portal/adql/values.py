"""Value expressions of ADQL: `<value_expression>` and what it is made of."""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.adql.reader import Memo, Reader, at
from uraniborg_portal.adql.signatures import FORMS, described, is_number, is_text, misuse
from uraniborg_portal.adql.tokens import Token
from uraniborg_portal.adql.words import ADQL_WORDS

AGGREGATES = {"AVG": exp.Avg, "MAX": exp.Max, "MIN": exp.Min, "SUM": exp.Sum, "COUNT": exp.Count}
FUNCTION_WORDS = (ADQL_WORDS - {"BIGINT", "ILIKE", "OFFSET", "TOP"}) | {"LOWER", "UPPER", "COALESCE"}
"""Reserved words that are functions."""
CAST_TYPES = {
    "SMALLINT": "SMALLINT", "INTEGER": "INT", "BIGINT": "BIGINT", "REAL": "FLOAT", "TIMESTAMP": "TIMESTAMP",
    "CHAR": "VARCHAR", "VARCHAR": "VARCHAR", "DOUBLE": "DOUBLE",
}  # fmt: skip
"""`<cast_target>` as sqlglot names the types."""
CAST_SHAPES = ("POINT", "CIRCLE", "POLYGON")
"""`<geometry_type>`."""
CAST_EXPECTED = (
    "SMALLINT, INTEGER, BIGINT, REAL, DOUBLE PRECISION, CHAR(n), VARCHAR(n), TIMESTAMP, POINT, CIRCLE or POLYGON"
)
MOST_DIGITS = 9
ADDITIONS = {"+": exp.Add, "-": exp.Sub}
PRODUCTS = {"*": exp.Mul, "/": exp.Div}
BITWISE = {"&": exp.BitwiseAnd, "|": exp.BitwiseOr, "^": exp.BitwiseXor}


class Values(Reader):
    """Reads value expressions."""

    def __init__(self, text: str, *, extensions: bool = True) -> None:
        super().__init__(text, extensions=extensions)
        self.parentheses: Memo = {}

    def condition(self) -> exp.Expr:
        """Give a search condition; a layer above reads them."""
        raise NotImplementedError

    def value(self) -> exp.Expr:
        """Give a `<value_expression>`: a number, a text, a geometry or NULL."""
        if self.sees("NULL"):
            return at(exp.Null(), self.take())
        left = self.factor()
        if self.sees("||"):
            return self.concatenation(left)
        return self.bits(self.sums(self.products(left)))

    def concatenation(self, left: exp.Expr) -> exp.Expr:
        """Give `a || b || ...`."""
        while self.sees("||"):
            operator = self.take()
            right = self.primary()
            for side in (left, right):
                if not is_text(side):
                    self.fail_found(operator, f"{described(side)} at '||'", "a text", "CAST(value AS VARCHAR)")
            left = at(exp.DPipe(this=left, expression=right, safe=False), operator)
        return left

    def bits(self, left: exp.Expr) -> exp.Expr:
        """Give `sum & sum | sum ^ sum ...`, an extension: all bind alike, looser than sums, as in PostgreSQL."""
        while self.sees(*BITWISE):
            operator = self.extension(self.take(), "Bitwise operators are")
            left = self.calculated(BITWISE[operator.text], left, operator, self.sums(self.products(self.factor())))
        return left

    def sums(self, left: exp.Expr) -> exp.Expr:
        """Give `left + term - term ...`."""
        while self.sees("+", "-"):
            operator = self.take()
            left = self.calculated(ADDITIONS[operator.text], left, operator, self.products(self.factor()))
        return left

    def products(self, left: exp.Expr) -> exp.Expr:
        """Give `left * factor / factor ...`."""
        while self.sees("*", "/"):
            operator = self.take()
            left = self.calculated(PRODUCTS[operator.text], left, operator, self.factor())
        return left

    def calculated(self, kind: type[exp.Expr], left: exp.Expr, operator: Token, right: exp.Expr) -> exp.Expr:
        """Give a number that is made of two."""
        for side in (left, right):
            if not is_number(side):
                self.fail_found(operator, f"{described(side)} at '{operator.text}'", "a number")
        return at(kind(this=left, expression=right), operator)

    def factor(self) -> exp.Expr:
        """Give a primary with at most one sign; `~` is one, too."""
        sign = self.token
        if not self.accept("-", "+", "~"):
            return self.primary()
        inner = self.primary().copy()
        if not is_number(inner):
            self.fail_found(sign, f"{described(inner)} after '{sign.text}'", "a number")
        if sign.text == "~":
            return at(exp.BitwiseNot(this=inner), self.extension(sign, "Bitwise operators are"))
        if sign.text == "-":
            return at(exp.Neg(this=inner), sign)
        inner.meta["signed"] = True
        return inner

    def primary(self) -> exp.Expr:
        """Give a literal, column, function or parenthesized value."""
        token = self.token
        if token.kind in ("number", "string"):
            self.take()
            return at(exp.Literal(this=token.text, is_string=token.kind == "string"), token)
        if self.sees("("):
            return self.parenthesized()
        if token.kind == "keyword":
            return self.keyword_primary()
        if token.kind == "name" and self.ahead().text == "(" and self.ahead().kind == "symbol":
            self.take()
            return self.function(token)
        if token.kind in ("name", "delimited"):
            return self.column()
        return self.fail("a value: a number, a text, a column or a function")

    def parenthesized(self) -> exp.Expr:
        """Give `( value )`; each place is read once, whoever asks again."""
        return self.once(self.parentheses, self.read_parenthesized)

    def read_parenthesized(self) -> exp.Expr:
        """Give `( value )`."""
        self.deeper()
        opening = self.expect("(")
        inner = self.value()
        self.expect(")")
        self.depth -= 1
        return at(exp.Paren(this=inner), opening)

    def keyword_primary(self) -> exp.Expr:
        """Give what starts with a reserved word."""
        token = self.token
        if token.text == "CASE":
            return self.case()
        if self.ahead().text == "(":
            if token.text == "CAST":
                return self.cast()
            if token.text in AGGREGATES:
                return self.aggregate()
            if token.text in FUNCTION_WORDS:
                return self.function(self.take())
        if token.text in FUNCTION_WORDS or token.text in AGGREGATES:
            form = FORMS.get(token.text, f"{token.text}(...)")
            quoted = f'a column of that name is written "{token.text.lower()}"'
            self.fail("a value", f"{token.text} is a function, {form}; {quoted}, in double quotes.")
        return self.fail("a value: a number, a text, a column or a function")

    def column(self) -> exp.Expr:
        """Give `[[[catalog.]schema.]table.]column`."""
        first = self.token
        parts = [self.identifier("a column")]
        while self.accept("."):
            parts.append(self.identifier("a column"))
        if len(parts) > 4:
            self.fail_at(first, "a column has at most four names: catalog.schema.table.column")
        names = dict(zip(("this", "table", "db", "catalog"), reversed(parts), strict=False))
        return at(exp.Column(**names), first)

    def function(self, name: Token) -> exp.Expr:
        """Give `NAME(arguments)`; those of standard functions are checked."""
        self.deeper()
        self.expect("(")
        arguments: list[exp.Expr] = []
        while not (self.sees(")") and not arguments):
            arguments.append(self.value())
            if not self.accept(","):
                break
        self.expect(")")
        self.depth -= 1
        wrong = misuse(name.text, arguments) if name.kind == "keyword" else None
        if wrong:
            self.fail_node(wrong.at, name, wrong.message, wrong.remedy)
        return at(exp.Anonymous(this=name.text.upper(), expressions=arguments), name)

    def aggregate(self) -> exp.Expr:
        """Give COUNT(*) or an aggregate of [DISTINCT | ALL] a value."""
        self.deeper()
        name = self.take()
        self.expect("(")
        if name.text == "COUNT" and self.accept("*"):
            inner: exp.Expr = exp.Star()
        elif self.accept("DISTINCT"):
            inner = exp.Distinct(expressions=[self.value()])
        else:
            self.accept("ALL")
            inner = self.value()
        if self.sees(","):
            self.fail("')'", f"{name.text} takes one value.")
        self.expect(")")
        self.depth -= 1
        return at(AGGREGATES[name.text](this=inner), name)

    def cast(self) -> exp.Expr:
        """Give CAST(value AS TYPE)."""
        self.deeper()
        name = self.take()
        self.expect("(")
        inner = self.value()
        self.expect("AS")
        target = self.token
        if target.kind != "keyword" or target.text not in {*CAST_TYPES, *CAST_SHAPES}:
            self.fail(CAST_EXPECTED)
        self.take()
        length = None
        if target.text == "DOUBLE":
            self.expect("PRECISION")
        elif target.text in ("CHAR", "VARCHAR") and self.accept("("):
            length = self.length()
            self.expect(")")
        self.expect(")")
        self.depth -= 1
        node = at(exp.Cast(this=inner, to=cast_target(target.text)), name)
        node.meta["length"] = length
        return node

    def length(self) -> int:
        """Give a number of characters."""
        token = self.token
        digits = self.unsigned_integer("the number of characters").name.lstrip("0")
        if len(digits) > MOST_DIGITS:
            self.fail_at(token, f"texts have fewer than {10**MOST_DIGITS:,} characters")
        return int(digits or "0")

    def case(self) -> exp.Expr:
        """Give CASE, an extension of ours, in both forms."""
        self.deeper()
        name = self.extension(self.take(), "CASE is")
        operand = None if self.sees("WHEN") else self.value()
        branches = []
        while self.accept("WHEN"):
            test = self.value() if operand else self.condition()
            self.expect("THEN")
            branches.append(exp.If(this=test, true=self.value()))
        if not branches:
            self.fail("'WHEN'", "Write CASE WHEN condition THEN value ELSE value END.")
        default = self.value() if self.accept("ELSE") else None
        self.expect("END")
        self.depth -= 1
        return at(exp.Case(this=operand, ifs=branches, default=default), name)


def cast_target(name: str) -> exp.DataType:
    """Give a type as sqlglot has it; it knows no geometries of the sphere."""
    if name in CAST_SHAPES:
        return exp.DataType(this=exp.DType.USERDEFINED, kind=name)
    return exp.DataType.build(CAST_TYPES[name])
