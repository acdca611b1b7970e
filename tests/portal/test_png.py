"""PNG files that other programs read."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from uraniborg_portal.png import encode


def test_pillow_reads_every_pixel() -> None:
    image = np.random.default_rng(3).integers(0, 256, (7, 11, 4)).astype(np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode(image)))), image)
