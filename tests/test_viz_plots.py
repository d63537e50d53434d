"""Plots: what is drawn is what was given, on the axes given, and it can be read."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from autograd_lite import Value
from autograd_lite.viz.plots import plot_curves

mpl.use("Agg")

NAN, INF = math.nan, math.inf


@pytest.fixture(autouse=True)
def _figures_are_closed() -> Iterator[None]:
    yield
    plt.close("all")


def legend(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def data(line: Any) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


# --- axes ---------------------------------------------------------------------------------------


def test_without_axes_a_new_figure_of_pyplot_is_made() -> None:
    ax: Any = plot_curves({"loss": [2.0, 1.0]})
    assert ax.figure is plt.gcf()
    assert plot_curves({"loss": [2.0, 1.0]}) is not ax


def test_the_axes_given_are_drawn_on_and_returned() -> None:
    ax: Any = plt.figure().add_subplot()
    ax.set_title("mine", loc="left")
    assert plot_curves({"loss": [2.0, 1.0]}, ax=ax) is ax
    assert ax.get_title(loc="left") == "mine"
    assert len(plt.get_fignums()) == 1


WITHOUT_MATPLOTLIB = """
import sys
sys.modules["matplotlib"] = None
import autograd_lite, autograd_lite.viz.plots as plots
try:
    plots.{call}
except autograd_lite.RenderError as error:
    print(error)
"""


@pytest.mark.parametrize("call", ["plot_curves({'loss': [1.0]})"])
def test_without_matplotlib_a_plot_names_the_command_that_installs_it(call: str) -> None:
    program = WITHOUT_MATPLOTLIB.format(call=call)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert 'pip install "autograd-lite[plot]"' in done.stdout


def test_importing_the_plots_does_not_import_matplotlib() -> None:
    program = "import sys, autograd_lite.viz.plots; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


# --- curves -------------------------------------------------------------------------------------

FORMS = [
    ("y alone", [3.0, 2.0, 1.0], [(0, 3), (1, 2), (2, 1)]),
    ("pairs", [(10, 3.0), (20, 1.0)], [(10, 3), (20, 1)]),
    ("xs and ys", ([10, 20, 30], [3.0, 2.0, 1.0]), [(10, 3), (20, 2), (30, 1)]),
    ("two y in a tuple", (3.0, 2.0), [(0, 3), (1, 2)]),
    ("Values", [Value(3.0), Value(2.0)], [(0, 3), (1, 2)]),
    ("nothing", [], []),
]


@pytest.mark.parametrize(("curve", "points"), [row[1:] for row in FORMS], ids=[r[0] for r in FORMS])
def test_a_line_has_the_points_given(curve: Any, points: list[Any]) -> None:
    (line,) = plot_curves({"loss": curve}).lines
    assert data(line) == points


def test_a_curve_may_be_an_array() -> None:
    np = pytest.importorskip("numpy")
    (line,) = plot_curves({"loss": np.array([[5, 2.0], [6, 1.0]])}).lines
    assert data(line) == [(5, 2), (6, 1)]


def test_curves_are_labelled_and_look_different() -> None:
    rates = {f"lr = {lr}": [1.0, 1.0 - lr] for lr in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)}
    ax: Any = plot_curves(rates, title="Learning rates", xlabel="step", ylabel="error")
    assert legend(ax) == [line.get_label() for line in ax.lines] == list(rates)
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 8
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "error")
    assert ax.get_title(loc="left") == "Learning rates"


def test_one_curve_named_as_the_axis_needs_no_legend() -> None:
    assert plot_curves({"loss": [1.0]}).get_legend() is None
    assert legend(plot_curves({"lr = 0.1": [1.0]})) == ["lr = 0.1"]


def test_the_legend_does_not_cover_the_data() -> None:
    ax: Any = plot_curves({"train": [3.0, 2.0], "validation": [3.0, 2.5]})
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1
    assert ax.get_legend().get_window_extent().x1 <= ax.figure.bbox.x1


def test_many_curves_are_coloured_by_their_order_and_the_legend_is_short() -> None:
    ax: Any = plot_curves({f"seed {i}": [1.0 + i, 2.0] for i in range(20)})
    assert len(ax.lines) == len({line.get_color() for line in ax.lines}) == 20
    assert len(legend(ax)) == 7
    assert (legend(ax)[0], legend(ax)[-1]) == ("seed 0", "seed 19")
    assert ax.get_legend().get_title().get_text() == "7 of 20 curves"


SCALES = [
    ("three decades", [1.0, 0.001], None, "log"),
    ("two decades at most", [1.0, 0.01], None, "linear"),
    ("a few zeros", [1.0, 0.001, 0.0], None, "linear"),
    ("zeros beside a divergence", [1.0, 1e23, 0.0], None, "log"),
    ("negative", [-1.0, 1000.0, 0.1], None, "linear"),
    ("inf is no value", [1.0, 0.5, INF], None, "linear"),
    ("no value", [NAN, NAN], None, "linear"),
    ("asked for", [1.0, 0.5], True, "log"),
    ("declined", [1.0, 0.001], False, "linear"),
]


@pytest.mark.parametrize(
    ("ys", "log", "scale"), [r[1:] for r in SCALES], ids=[r[0] for r in SCALES]
)
def test_the_scale_of_y(ys: list[float], log: bool | None, scale: str) -> None:
    ax: Any = plot_curves({"loss": ys}, log=log)
    assert ax.get_yscale() == scale
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("end", [[NAN], [INF], [INF, NAN, NAN]])
def test_where_a_run_diverged_its_last_number_is_marked(end: list[float]) -> None:
    ax: Any = plot_curves({"lr = 1": [3.0, 2.0, 1.0, 1.0, 1.0], "lr = 9": [3.0, 8.0, *end]})
    *_, mark = ax.lines
    assert mark.get_marker() == "x"
    assert mark.get_color() == ax.lines[1].get_color()
    assert data(mark) == [(1, 8)]
    assert legend(ax) == ["lr = 1", "lr = 9, diverged ×"]


def test_gaps_are_no_divergence_and_a_number_alone_is_shown() -> None:
    (line,) = plot_curves({"val_loss": [3.0, 2.0, NAN, 1.0, NAN]}).lines
    assert math.isnan(data(line)[2][1])
    assert (line.get_marker(), line.get_markevery()) == (".", [3])


CURVE_MISTAKES: list[tuple[Any, type[Exception], str]] = [
    ([1.0, 2.0], TypeError, r'by their labels, got list; write plot_curves\({"loss": losses}\)'),
    ({}, ValueError, "no curve to draw"),
    ({"loss": 3.0}, TypeError, "'loss' is not made of numbers"),
    ({"loss": ["a"]}, TypeError, "'loss' is not made of numbers"),
    ({"loss": [(1, 2, 3)]}, TypeError, r"expected a sequence of y, a list of pairs \(x, y\)"),
    ({"loss": ([1, 2], [3.0])}, ValueError, "'loss' has 2 xs and 1 ys"),
]


@pytest.mark.parametrize(("curves", "error", "message"), CURVE_MISTAKES)
def test_mistakes_with_curves(curves: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        plot_curves(curves)
    assert plt.get_fignums() == []
