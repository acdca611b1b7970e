"""Quantities of Kubernetes: read as numbers, shown as a person reads them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from uraniborg_hub.kubernetes.quantity import amount, gibibytes


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("2", 2), ("500m", Decimal("0.5")), ("0.1", Decimal("0.1")), ("512Mi", 2**29), ("2Gi", 2**31), ("1G", 10**9)],
)
def test_amounts(quantity: str, expected: object) -> None:
    assert amount(quantity) == expected


@pytest.mark.parametrize("quantity", ["", "two", "2 Gi", "2GB", "-1", "1e3x"])
def test_what_is_not_one_is_told_what_one_looks_like(quantity: str) -> None:
    with pytest.raises(ValueError, match="such as '2', '500m' or '2Gi'"):
        amount(quantity)


@pytest.mark.parametrize(
    ("quantity", "words"), [("2Gi", "2 GB"), ("512Mi", "512 MB"), ("2147483648", "2 GB"), ("4000Gi", "4000 GB")]
)
def test_memory_in_words(quantity: str, words: str) -> None:
    assert gibibytes(quantity) == words
