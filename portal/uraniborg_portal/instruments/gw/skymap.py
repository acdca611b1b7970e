"""Sky map: where an event may have come from, as credible regions of its multi-order map."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy import units
from astropy.coordinates import Latitude, Longitude
from astropy.table import Table
from bokeh.models.text import BaseText
from bokeh.models.tickers import FixedTicker
from bokeh.plotting import figure
from cdshealpix.nested import healpix_to_skycoord, lonlat_to_healpix
from contourpy import contour_generator
from mocpy import MOC
from numpy.typing import NDArray

from uraniborg_portal.instruments.figures import GRID, INK, dress, dress_legend, hover, image
from uraniborg_portal.instruments.gw.events import EVENTS, Event
from uraniborg_portal.instruments.gw.mollweide import longitude_latitude, project
from uraniborg_portal.instruments.gw.observation import mjd
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.models import Fact, Inputs, Product, ProductFile, Report
from uraniborg_portal.obscore.extent import across
from uraniborg_portal.obscore.models import Observation
from uraniborg_portal.obscore.stcs import region_of

LEVELS = (0.5, 0.9)
"""Probabilities of the credible regions."""

FAINTEST = 0.005
"""Densities below this part of the greatest are left clear."""

BORDERS = ("#e8722a", "#7d8590")
"""Colors of the regions' borders."""

ORDER = 29
"""The HEALPix order of positions on the sky (MOC 2.0, section 3.1)."""

CENTER = 180.0
"""Right ascension in the middle of the plot, degrees."""


@dataclass(frozen=True, kw_only=True)
class SkyMap:
    """A multi-order probability map, its cells in order of falling probability density.

    Cell i is pixel `pixel[i]` of HEALPix order `order[i]`, nested.
    """

    order: NDArray[np.int64]
    pixel: NDArray[np.int64]
    area: NDArray[np.float64]
    """Square degrees."""
    density: NDArray[np.float64]
    """Probability per square degree."""
    level: NDArray[np.float64]
    """The probability inside the smallest region that holds the cell, the cell included."""
    meta: dict[str, Any]

    def area_of(self, level: float) -> float:
        """Give the area of the smallest region with this probability, square degrees, the last cell in part."""
        return float(np.interp(level, self.level, np.cumsum(self.area)))


def read(file: Path) -> SkyMap:
    """Read a multi-order sky map: columns UNIQ and PROBDENSITY (sr-1), the form of ligo.skymap and GraceDB."""
    table = Table.read(file, format="fits")
    unique = np.asarray(table["UNIQ"], dtype=np.int64)
    order = (np.log2(unique // 4) / 2).astype(np.int64)
    area = np.asarray((4 * np.pi / (12 * 4.0**order) * units.sr).to_value("deg2"))
    density = np.asarray(table["PROBDENSITY"], dtype=np.float64) * units.deg.to("rad") ** 2
    falling = np.argsort(-density, kind="stable")
    probability = (area * density)[falling]
    return SkyMap(
        order=order[falling],
        pixel=(unique - 4 * 4**order)[falling],
        area=area[falling],
        density=density[falling],
        level=np.cumsum(probability) / probability.sum(),
        meta=dict(table.meta),
    )


def region(sky: SkyMap, level: float) -> MOC:
    """Give the smallest region with this probability as a MOC of whole cells."""
    inside = np.append(0.0, sky.level[:-1]) < level
    deepest = int(sky.order.max())
    pixels, orders = sky.pixel[inside].astype(np.uint64), sky.order[inside].astype(np.uint8)
    covered: MOC = MOC.from_healpix_cells(pixels, orders, deepest)
    return covered


def sample(
    sky: SkyMap, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give density and level at positions (degrees); NaN where a position is NaN."""
    first = sky.pixel << 2 * (ORDER - sky.order)
    by_place = np.argsort(first)
    known = np.isfinite(longitude)
    places = lonlat_to_healpix(
        Longitude(longitude[known], "deg"), Latitude(latitude[known], "deg"), depth=ORDER
    ).astype(np.int64)
    cells = by_place[np.searchsorted(first[by_place], places, side="right") - 1]
    density, level = np.full(longitude.shape, np.nan), np.full(longitude.shape, np.nan)
    density[known], level[known] = sky.density[cells], sky.level[cells]
    return density, level


def product(parameters: GravitationalWaves, inputs: Inputs, report: Report) -> Product:
    """Make the product skymap."""
    event = EVENTS[str(parameters.event)]
    sky = read(inputs[event.skymap])
    report.log(f"{len(sky.order)} cells of HEALPix order {sky.order.min()} to {sky.order.max()}")
    report.progress(0.3, "Credible regions")
    regions = {level: region(sky, level) for level in LEVELS}
    report.progress(0.6, "Drawing")
    return Product(
        title=f"{event.name}, sky map",
        summary=facts(sky),
        files=(
            ProductFile(
                name=f"{event.name}_skymap.fits",
                media_type="application/fits",
                description="Multi-order map (UNIQ, PROBDENSITY, distance), as released",
                write=lambda path: shutil.copyfile(inputs[event.skymap], path),
            ),
            *(region_file(event.name, level, moc) for level, moc in regions.items()),
        ),
        view=view(sky, event.name),
        observation=observation(sky, regions[max(LEVELS)], event),
    )


def observation(sky: SkyMap, probable: MOC, event: Event) -> Observation:
    """Say where and when the event was: its place is the largest credible region around the likeliest position."""
    place = healpix_to_skycoord(sky.pixel[:1].astype(np.uint64), depth=sky.order[:1].astype(np.uint8))[0]
    ra, dec = float(place.ra.deg), float(place.dec.deg)
    return Observation(
        dataproduct_type="image",
        dataproduct_subtype="sky map",
        calib_level=4,
        o_ucd="stat.probability",
        target_name=event.name,
        s_ra=ra,
        s_dec=dec,
        s_fov=across(probable, ra, dec),
        s_region=region_of(probable),
        t_min=mjd(event.time),
        t_max=mjd(event.time),
        facility_name=sky.meta.get("ORIGIN"),
    )


def region_file(name: str, level: float, moc: MOC) -> ProductFile:
    """Describe the file of a credible region."""
    return ProductFile(
        name=f"{name}_region{level * 100:.0f}.moc.fits",
        media_type="application/fits",
        description=f"MOC of the {level:.0%} credible region",
        write=lambda path: moc.save(path, format="fits"),
        semantics="#derivation",
    )


def facts(sky: SkyMap) -> tuple[Fact, ...]:
    """Say the areas of the credible regions and, where the map has it, the distance."""
    areas = {level: sky.area_of(level) for level in LEVELS}
    listed = [
        Fact(
            name=f"area_{level * 100:.0f}",
            title=f"{level:.0%} credible region",
            value=area,
            unit="deg**2",
            text=f"{area:.0f}" if area >= 100 else f"{area:.1f}",
        )
        for level, area in areas.items()
    ]
    distances = (("DISTMEAN", "distance", "Mean distance"), ("DISTSTD", "distance_error", "Standard deviation of it"))
    listed += [
        Fact(name=name, title=title, value=float(sky.meta[key]), unit="Mpc", text=f"{float(sky.meta[key]):.0f}")
        for key, name, title in distances
        if key in sky.meta
    ]
    return tuple(listed)


def view(sky: SkyMap, name: str) -> figure:
    """Draw the density over the sky in Mollweide's projection, East to the left, and the regions' borders."""
    x, y = np.meshgrid(np.linspace(-2, 2, 721), np.linspace(-1, 1, 361))
    density, level = sample(sky, *longitude_latitude(x, y, CENTER))
    plot = dress(
        # Ranges that follow the data keep one scale in both directions at every size; fixed ones would not.
        figure(height=440, match_aspect=True),
        f"{name}, probability density",
        ("Right ascension at the equator (deg, ICRS)", "Declination (deg, ICRS)"),
        f"{name}_skymap",
    )
    visible = np.where(density > FAINTEST * np.nanmax(density), density, np.nan)
    cells = image(plot, visible.astype("f4"), (-2, -1, 4, 2), "Probability per deg²")
    graticule(plot)
    filled = np.where(np.isfinite(level), level, 2.0)
    for probability, color in zip(LEVELS, BORDERS, strict=True):
        lines = [np.asarray(line) for line in contour_generator(x, y, filled).lines(probability)]
        plot.multi_line(
            [line[:, 0].tolist() for line in lines],
            [line[:, 1].tolist() for line in lines],
            color=color,
            line_width=1.5,
            legend_label=f"{probability:.0%}: {sky.area_of(probability):.0f} deg²",
        )
    dress_legend(plot)
    hover(plot, [("probability per deg²", "@image{0.00000}")], cells)
    return plot


def graticule(plot: figure) -> None:
    """Draw meridians and parallels, and name them on the axes."""
    easts, declinations = np.arange(-180, 181, 60), np.arange(-60, 61, 30)
    meridian = np.linspace(-90, 90, 91)
    lines = [project(np.full(91, float(east)), meridian) for east in easts]
    lines += [project(np.array([-180.0, 180.0]), np.full(2, float(declination))) for declination in declinations]
    plot.grid.grid_line_color = None
    plot.multi_line([x.tolist() for x, _ in lines], [y.tolist() for _, y in lines], color=GRID)
    plot.ellipse(x=0, y=0, width=4, height=2, fill_color=None, line_color=INK)
    across = {float(-east / 90): f"{east + CENTER:g}" for east in easts}
    heights = project(np.zeros(len(declinations)), declinations.astype(float))[1]
    up = {
        float(height): f"{declination:+d}" if declination else "0"
        for height, declination in zip(heights, declinations, strict=True)
    }
    for axis, labels in ((plot.xaxis, across), (plot.yaxis, up)):
        axis.ticker = FixedTicker(ticks=list(labels))
        overrides: dict[float | str, str | BaseText] = dict(labels.items())
        axis.major_label_overrides = overrides
