"""What the tests of the gravitational-wave instrument share: its products from the registry's real files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from uraniborg_portal.instruments.gw import INSTRUMENT
from uraniborg_portal.instruments.models import Product
from uraniborg_portal.instruments.parameters import check


class Quiet:
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.lines: list[str] = []

    def progress(self, fraction: float, text: str) -> None:
        """Keep the fraction."""
        self.fractions.append(fraction)

    def log(self, line: str) -> None:
        """Keep the line."""
        self.lines.append(line)


@pytest.fixture(scope="session")
def make(files: Callable[..., Mapping[str, Path]]) -> Callable[..., Product]:
    """Run the instrument in this process."""

    def run(**values: object) -> Product:
        parameters, report = check(INSTRUMENT.parameters, values), Quiet()
        product = INSTRUMENT.run(parameters, files(*INSTRUMENT.inputs(parameters)), report)
        assert report.fractions == sorted(report.fractions)
        return product

    return run


@pytest.fixture(scope="session")
def fact() -> Callable[[Product, str], float]:
    """Give the value of a product's fact."""
    return lambda product, name: next(float(each.value) for each in product.summary if each.name == name)
