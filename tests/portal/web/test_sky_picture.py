"""The picture of a catalog shows rows where they are on the sky."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from uraniborg_portal.web.sky_picture import HEIGHT, MARGIN, WIDTH, mollweide, picture


@pytest.mark.parametrize(
    ("ra", "dec", "x", "y"),
    [
        (0, 0, 0, 0),
        (90, 0, -0.5, 0),
        (270, 0, 0.5, 0),
        (0, 90, 0, 1),
        (123, -90, 0, -1),
        (0, 30, 0, 0.4039727532995172),
    ],
)
def test_known_points_of_the_projection(ra: float, dec: float, x: float, y: float) -> None:
    found = mollweide(np.array([float(ra)]), np.array([float(dec)]))
    assert np.allclose([found[0][0], found[1][0]], [x, y], atol=2e-4)


def test_the_brightest_pixel_is_where_the_rows_are() -> None:
    generator = np.random.default_rng(1)
    ra, dec = 90 + generator.normal(0, 1, 500), 30 + generator.normal(0, 1, 500)
    spread = np.degrees(np.arcsin(generator.uniform(-1, 1, 3000)))
    ra = np.concatenate([ra, generator.uniform(0, 360, 3000), [np.nan]])
    dec = np.concatenate([dec, spread, [0.0]])
    image = np.asarray(Image.open(io.BytesIO(picture(ra, dec)))).astype(int)
    assert image.shape == (HEIGHT, WIDTH, 4)
    light = image[..., :3].sum(axis=2)
    rows, columns = np.nonzero(light >= light.max() - 10)
    x, y = mollweide(np.array([90.0]), np.array([30.0]))
    wanted = (WIDTH / 2 + x[0] * (WIDTH / 2 - MARGIN), HEIGHT / 2 - y[0] * (HEIGHT / 2 - MARGIN))
    assert np.hypot(columns.mean() - wanted[0], rows.mean() - wanted[1]) < 4
