"""Errors against seconds as a figure: a panel a function, a curve a program."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "jobs"))
import plot  # noqa: E402  (the style of the figures of runs)

STYLES = {"admmnet": ("C0", "-", 1.8), "adam": ("C1", "--", 1.3), "lbfgs": ("C2", "-.", 1.3)}
NAMES = {"adam": "Adam", "lbfgs": "L-BFGS"}


def draw(curves, path):
    """`curves`: {function: {program: [(seconds, error in %), ...]}}, the errors of the iterates that
    are kept, which may only fall by chance of the samples that choose them."""
    plt = plot.pyplot()
    columns = min(len(curves), 4)
    rows = -(-len(curves) // columns)
    figure, panels = plt.subplots(rows, columns, figsize=(2.6 * columns, 2.5 * rows),
                                  squeeze=False)
    for axes in panels.flat[len(curves):]:
        axes.set_visible(False)
    for axes, (function, programs) in zip(panels.flat, curves.items()):
        for program, points in programs.items():
            color, line, width = STYLES[program]
            seconds, errors = zip(*points)
            axes.step(seconds, errors, line, where="post", color=color, linewidth=width,
                      label=NAMES.get(program, program))
        axes.set_xscale("log")
        plot.log_scale(plt, axes)
        axes.set_title(function, fontsize=9)
        axes.set_xlabel("seconds")
    for axes in panels[:, 0]:
        axes.set_ylabel("rmse / deviation, %")
    panels[0, 0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    print(f"figure: {path}")
