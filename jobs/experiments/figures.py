"""Draws the figures of an experiment."""
import math

import plot


def points_of(curve, results):
    """x and y of a Curve or of Points, without what is not there."""
    if hasattr(curve, "runs"):
        pairs = [(x, curve.y.value(results[run])) for x, run in curve.runs if run in results]
    elif curve.run in results:
        result = results[curve.run]
        begin = results[curve.after].column(curve.x)[-1] if curve.after in results else 0
        values = result.column(curve.y)
        scale = 1 / values[0] if curve.relative and values[0] else curve.scale
        pairs = [(begin + x, scale * y) for x, y in zip(result.column(curve.x), values)]
    else:
        pairs = []
    return [(x, y) for x, y in pairs if not (math.isnan(x) or math.isnan(y))]


def draw_panel(plt, axes, panel, results):
    drawn = []
    for number, curve in enumerate(panel.curves):
        points = points_of(curve, results)
        if points:
            colour = getattr(curve, "colour", None) or f"C{number % 10}"
            marker = "." if len(points) < 40 and "o" not in curve.style else None
            axes.plot(*zip(*points), curve.style, color=colour, marker=marker, markersize=4,
                      linewidth=1.2, label=plot.plain(curve.label))
            drawn += points
    for number, (value, label) in enumerate(panel.levels):
        axes.axhline(value, color="k", linestyle=(":", "--", "-.")[number % 3], linewidth=1,
                     label=plot.plain(label))
    if "x" in panel.log and all(x > 0 for x, _ in drawn):
        axes.set_xscale("log")
    if "y" in panel.log and drawn and all(y > 0 for _, y in drawn):
        plot.log_scale(plt, axes)
    if panel.limits:
        axes.set_ylim(*panel.limits)
    axes.set_xlabel(panel.x)
    axes.set_ylabel(panel.y)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=7)


def figure_of(plt, panels, results):
    figure, all_axes = plt.subplots(1, len(panels), figsize=(0.4 + 3.8 * len(panels), 3.3),
                                    squeeze=False)
    for axes, panel in zip(all_axes[0], panels):
        draw_panel(plt, axes, panel, results)
    figure.tight_layout()
    return figure
