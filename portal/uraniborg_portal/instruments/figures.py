"""The look of every product's Bokeh figure: readable on light and dark pages, no CustomJS, no WebGL."""

from __future__ import annotations

from typing import Any

from bokeh.models import BoxZoomTool, HoverTool, PanTool, ResetTool, SaveTool, WheelZoomTool
from bokeh.plotting import figure

INK = "#7d8590"
"""Text and axes: contrast of at least 3.7 against white and against near black."""

GRID = "rgba(125, 133, 144, 0.25)"

SERIES = ("#2f81f7", "#e8722a", "#3fa45b")
"""Lines that can be told apart on light and dark pages, and by eyes that confuse red and green."""


def themed(title: str, axes: tuple[str, str], filename: str, **options: Any) -> Any:
    """Give an empty figure: transparent, axes labeled `axes`, tools that need no script of ours.

    The save tool writes `filename`.png. Further options go to `bokeh.plotting.figure`.
    """
    tools = [PanTool(), BoxZoomTool(), WheelZoomTool(), SaveTool(filename=filename), ResetTool()]
    settings = {"sizing_mode": "stretch_width", "height": 400, "output_backend": "canvas"} | options
    plot = figure(title=title, x_axis_label=axes[0], y_axis_label=axes[1], tools=tools, **settings)
    plot.toolbar.logo = None
    plot.title.text_color = INK
    for name in ("background_fill_color", "border_fill_color"):
        setattr(plot, name, None)
    plot.outline_line_color = GRID
    plot.grid.grid_line_color = GRID
    for axis in plot.axis:
        for name in ("axis_line", "major_tick_line", "minor_tick_line"):
            setattr(axis, f"{name}_color", INK)
        axis.axis_label_text_color = INK
        axis.major_label_text_color = INK
    return plot


def legend(plot: Any) -> None:
    """Give the figure's legend the look of the rest."""
    plot.legend.background_fill_color = None
    plot.legend.border_line_color = None
    plot.legend.label_text_color = INK


def hover(plot: Any, tooltips: list[tuple[str, str]], renderers: list[Any]) -> None:
    """Show values under the pointer."""
    plot.add_tools(HoverTool(tooltips=tooltips, renderers=renderers))
