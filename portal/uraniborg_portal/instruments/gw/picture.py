"""Pictures of spectrograms. `python -m uraniborg_portal.instruments.gw.picture` makes the card's `picture.png`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from uraniborg_portal.instruments.gw.spectrogram import Spectrogram

COLORS = "viridis"


def draw(made: Spectrogram, middle: float, title: str, path: Path) -> None:
    """Write a PNG with labeled axes; times count from `middle`, GPS seconds."""
    drawing = Figure(figsize=(8, 4.5), dpi=100, layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots()
    mesh = axes.pcolormesh(made.times - middle, made.frequencies, made.energy, cmap=COLORS, vmin=0, shading="nearest")
    axes.set(yscale="log", xlabel=f"Time (s) from GPS {middle}", ylabel="Frequency (Hz)", title=title)
    drawing.colorbar(mesh, label="Normalized energy")
    drawing.savefig(path, format="png")


def draw_card(made: Spectrogram, path: Path) -> None:
    """Write a PNG of 640 by 360 pixels that is nothing but the spectrogram."""
    drawing = Figure(figsize=(6.4, 3.6), dpi=100)
    FigureCanvasAgg(drawing)
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.imshow(made.energy, cmap=COLORS, vmin=0, vmax=0.6 * float(made.energy.max()), origin="lower", aspect="auto")
    axes.set_axis_off()
    drawing.savefig(path, format="png", pil_kwargs={"optimize": True})


def main() -> None:
    """Make the card's picture from the sample: H1 around GW150914."""
    from uraniborg_portal.instruments.gw.events import EVENTS, strain_of
    from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
    from uraniborg_portal.instruments.gw.series import read
    from uraniborg_portal.instruments.gw.spectrogram import transform
    from uraniborg_portal.registry.registry import make_registry
    from uraniborg_portal.settings import Settings

    event = EVENTS["GW150914"]
    parameters = GravitationalWaves(product="spectrogram", window=0.3)
    described = strain_of("H1", event.time, event.name)
    series = read(make_registry(Settings()).path(described.name), described)
    made = transform(series, (event.time - 0.22, event.time + 0.08), parameters)
    draw_card(made, Path(__file__).with_name("picture.png"))


if __name__ == "__main__":
    main()
