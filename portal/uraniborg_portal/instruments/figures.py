"""The look of every product's Bokeh figure: readable on light and dark pages, no CustomJS, no WebGL."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import BoxZoomTool, HoverTool, PanTool, ResetTool, SaveTool, WheelZoomTool
from bokeh.models.annotations.labels import Title
from bokeh.models.annotations.legends import ColorBar
from bokeh.models.glyphs import Image
from bokeh.models.mappers import LinearColorMapper
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.sources import ColumnDataSource
from bokeh.plotting import figure
from numpy.typing import NDArray

INK = "#7d8590"
"""Text and axes: a contrast of at least 3.7 against white and against near black."""

GRID = "rgba(125, 133, 144, 0.25)"

SERIES = ("#2f81f7", "#e8722a", "#3fa45b")
"""Lines that can be told apart on light and dark pages, and by eyes that confuse red and green."""

NOTHING = "rgba(0, 0, 0, 0)"


def dress(plot: figure, title: str, axes: tuple[str, str], filename: str) -> figure:
    """Give the figure its title, labels of its axes, tools and colors; saved pictures are `filename`.png."""
    plot.title = Title(text=title, text_color=INK)
    plot.toolbar.logo = None
    plot.toolbar.tools = [PanTool(), BoxZoomTool(), WheelZoomTool(), SaveTool(filename=filename), ResetTool()]
    plot.sizing_mode = "stretch_width"
    colors = {"background_fill_color": None, "border_fill_color": None, "outline_line_color": GRID}
    plot.update(**colors)
    plot.grid.grid_line_color = GRID
    for axis, label in zip((plot.xaxis, plot.yaxis), axes, strict=True):
        axis.axis_label = label
        for name in ("axis_line", "major_tick_line", "minor_tick_line", "axis_label_text", "major_label_text"):
            setattr(axis, f"{name}_color", INK)
    return plot


def image(
    plot: figure, values: NDArray[np.float32], box: tuple[float, float, float, float], label: str
) -> GlyphRenderer[Image]:
    """Draw values [row, column] over the box (x, y, width, height), with a color bar named `label`; NaN is clear."""
    highest = float(np.nanmax(values))
    mapper = LinearColorMapper(palette="Viridis256", low=0, high=highest, nan_color=NOTHING)
    x, y, width, height = box
    source = ColumnDataSource({"image": [values]})
    cells = plot.add_glyph(source, Image(image="image", x=x, y=y, dw=width, dh=height, color_mapper=mapper))
    colors: dict[str, Any] = {"title_text_color": INK, "major_label_text_color": INK, "background_fill_color": None}
    plot.add_layout(ColorBar(color_mapper=mapper, title=label, **colors), "right")
    return cells


def dress_legend(plot: figure) -> None:
    """Give the figure's legend the look of the rest, above the plot, where it hides nothing."""
    plot.add_layout(plot.legend[0], "above")
    plot.legend.orientation = "horizontal"
    plot.legend.background_fill_color = NOTHING
    plot.legend.border_line_color = None
    plot.legend.label_text_color = INK


def hover(plot: figure, tooltips: list[tuple[str, str]], renderer: GlyphRenderer[Any]) -> None:
    """Show values under the pointer."""
    plot.add_tools(HoverTool(tooltips=tooltips, renderers=[renderer]))
