"""Plots: what is drawn is what was given, on the axes given, and it can be read."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color
from PIL import Image

from autograd_lite import RenderError, ShapeError, StateError, Value, ops
from autograd_lite.nn import MLP, Dropout, Layer, Sequential
from autograd_lite.plots import (
    animate,
    animate_boundary,
    plot_curves,
    plot_decision_boundary,
    plot_descent,
    plot_regression,
    plot_weight_histograms,
    save_plot,
)
from autograd_lite.train import Dataset

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
import autograd_lite, autograd_lite.plots as plots
try:
    plots.{call}
except autograd_lite.RenderError as error:
    print(error)
"""


CALLS = [
    "plot_curves({'loss': [1.0]})",
    "plot_decision_boundary(sum, [(0, 1)], [1], resolution=2)",
    "plot_descent(lambda x: x * x, 1.0, 0.1, 2)",
    "plot_regression(abs, [1.0], [1.0])",
    "plot_weight_histograms([(0, {'w': 1.0})])",
    "animate(print, [1], 'never.gif')",
]


@pytest.mark.parametrize("call", CALLS)
def test_without_matplotlib_a_plot_names_the_command_that_installs_it(call: str) -> None:
    program = WITHOUT_MATPLOTLIB.format(call=call)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert 'pip install "autograd-lite[plot]"' in done.stdout


def test_importing_the_plots_does_not_import_matplotlib() -> None:
    program = "import sys, autograd_lite.plots; sys.exit('matplotlib' in sys.modules)"
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


# --- decision boundaries ------------------------------------------------------------------------

SQUARE = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
XOR = [0, 1, 1, 0]


def slope(row: Any) -> Any:
    return Value(2.0) * row[0] - 1.0


def boundary(model: Any = slope, targets: Any = XOR, **options: Any) -> Any:
    return plot_decision_boundary(model, SQUARE, targets, **{"resolution": 11} | options)


def lines_of_level(ax: Any, level: float) -> list[Any]:
    """The points of the contour lines drawn for one level alone."""
    drawn = [c for c in ax.collections if list(getattr(c, "levels", [])) == [level]]
    return [path.vertices for contour in drawn for path in contour.get_paths()]


def test_the_boundary_is_where_the_score_is_the_threshold() -> None:
    for threshold, x in [(0.0, 0.5), (0.5, 0.75)]:
        ax = boundary(threshold=threshold)
        (points,) = lines_of_level(ax, threshold)
        assert [float(point[0]) for point in points] == pytest.approx([x] * len(points))
        assert legend(ax)[-1] == f"score = {threshold:g}"


def test_the_shades_are_symmetric_about_the_threshold() -> None:
    shades = boundary(threshold=0.5).collections[2]
    assert [0.5 - level for level in shades.levels] == pytest.approx(
        [level - 0.5 for level in reversed(shades.levels)]
    )


def test_the_data_are_drawn_by_class_with_colours_and_markers_of_their_own() -> None:
    ax = boundary(classes=("same", "different"))
    same, different = ax.collections[:2]
    assert same.get_offsets().tolist() == [[0, 0], [1, 1]]
    assert different.get_offsets().tolist() == [[0, 1], [1, 0]]
    assert not same_color(same.get_facecolor(), different.get_facecolor())
    assert same.get_paths()[0].vertices.shape != different.get_paths()[0].vertices.shape
    assert legend(ax) == ["same", "different", "score = 0"]


TARGETS: list[tuple[Any, list[str]]] = [
    ([-1, 1, 1, -1], ["class -1", "class 1"]),
    ([0.0, 1.0, 1.0, 0.0], ["class 0", "class 1"]),
    ([[0.0], [1.0], [1.0], [0.0]], ["class 0", "class 1"]),
    ([[1, 0], [0, 1], [0, 1], [1, 0]], ["class 0", "class 1"]),
    (["no", "yes", "yes", "no"], ["no", "yes"]),
    ([1, 1, 1, 1], ["class 1"]),
]


@pytest.mark.parametrize(("targets", "names"), TARGETS)
def test_targets_are_numbers_names_or_one_hot(targets: Any, names: list[str]) -> None:
    ax = boundary(targets=targets)
    assert legend(ax) == [*names, "score = 0"]
    assert ax.collections[0].get_offsets().tolist()[0] == [0, 0]


def test_of_several_scores_the_largest_has_the_region() -> None:
    def nearest(row: Any) -> list[float]:
        return [-abs(row[0] - 0.0), -abs(row[0] - 1.0), -9.0]

    ax = boundary(nearest, [0, 0, 1, 1])
    borders = lines_of_level(ax, 0.0)
    assert len(borders) == 2  # of classes 0 and 1, the same line; class 2 is nowhere the best
    assert {round(float(x), 6) for border in borders for x, _ in border} == {0.5}
    assert legend(ax) == ["class 0", "class 1", "class 2"]


def test_a_list_of_one_score_is_a_score() -> None:
    assert legend(boundary(lambda row: [slope(row)])) == legend(boundary())


NO_BOUNDARY: list[tuple[Callable[[Any], Any], str]] = [
    (lambda row: 3.0, "every score is above 0: no boundary here"),
    (lambda row: -3.0, "every score is below 0: no boundary here"),
    (lambda row: 0.0, "every score is 0: no boundary here"),
    (lambda row: max(0.0, row[0]), "no score is below 0: no boundary here"),
    (lambda row: min(0.0, row[0]), "no score is above 0: no boundary here"),
    (lambda row: NAN, "the score is nowhere a finite number"),
    (lambda row: -1e308, "every score is below 0: no boundary here"),
    (
        lambda row: NAN if row[0] < 0.5 else 3.0,
        "every finite score is above 0: no boundary here\nblank: nan or inf at 55 grid points",
    ),
    (lambda row: INF if row[0] == 0.5 else slope(row), "blank: nan or inf at 11 grid points"),
    (lambda row: [1.0, 1.0], "no class has the largest score: it is shared everywhere"),
    (lambda row: [1.0, NAN], "at every grid point a score is nan"),
    (lambda row: [row[0], 1 - row[0], NAN if row[1] < 0.5 else 0], "blank: nan at 55 grid points"),
]


@pytest.mark.parametrize(("model", "text"), NO_BOUNDARY)
def test_where_there_is_no_boundary_the_picture_says_so(model: Any, text: str) -> None:
    ax = boundary(model)
    assert [note.get_text() for note in ax.texts] == [text]
    ax.figure.draw_without_rendering()


def test_the_model_is_called_once_a_point_without_recording() -> None:
    results: list[Value] = []

    def model(row: Any) -> Value:
        results.append(slope(row))
        return results[-1]

    boundary(model, resolution=7)
    assert len(results) == 49
    assert all(result.operands == () for result in results)


def test_a_module_is_evaluated_and_then_trains_on() -> None:
    model = Sequential(Layer(2, 3, seed=0), Dropout(0.5), Dropout(0.1), Layer(3, 1, seed=1))
    list(model.named_modules())[-2][1].eval()
    before = model.state_dict(), [module.training for _, module in model.named_modules()]
    first, second = (boundary(model).collections[2].get_array().tolist() for _ in range(2))
    assert first == second
    assert before == (model.state_dict(), [module.training for _, module in model.named_modules()])


BOUNDARY_MISTAKES: list[tuple[Any, Any, dict[str, Any], type[Exception], str]] = [
    ([(1, 2, 3)], [0], {}, ShapeError, "over 2 features, and row 0 of the inputs has 3"),
    ([(1, 2)], [0, 1], {}, ShapeError, "1 inputs and 2 targets"),
    ([], [], {}, ShapeError, "there are no inputs"),
    ([(1, 2)], [0], {"resolution": 1}, ValueError, "2 or more, got 1"),
    ([(1, 2)], [5], {"classes": "ab"}, ValueError, "classes has 2 names, expected 1"),
    ([(1, 2)], None, {}, TypeError, "the targets are missing; expected .* a Dataset"),
]


@pytest.mark.parametrize(("inputs", "targets", "options", "error", "message"), BOUNDARY_MISTAKES)
def test_mistakes_with_boundaries(
    inputs: Any, targets: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        plot_decision_boundary(slope, inputs, targets, **options)


def test_a_target_is_a_place_in_the_scores() -> None:
    with pytest.raises(ValueError, match=r"gives 2 scores, and a target is 2; expected .* 0 to 1"):
        boundary(lambda row: [0.0, 1.0], [0, 1, 2, 0])


def test_one_score_does_not_tell_three_classes_apart() -> None:
    message = "tells 2 classes apart, and .* of 3: 0, 1, 2; use a model of as many scores as class"
    with pytest.raises(ValueError, match=message):
        boundary(targets=[0, 1, 2, 0])


@pytest.mark.parametrize("scores", [(2.0, 1.0), (1e308, -1e308), (INF, -INF)])
def test_a_class_that_wins_everywhere_fills_the_plane(scores: tuple[float, float]) -> None:
    ax = boundary(lambda row: scores)
    assert len([c for c in ax.collections if hasattr(c, "levels")]) == 1
    assert [text.get_text() for text in ax.texts] == []
    ax.figure.draw_without_rendering()


POINTS = [[(1e20, 0), (1e20, 1)], [(1e308, -1e308), (-1e308, 0)], [(NAN, 0), (1, 1)]]


@pytest.mark.parametrize("points", POINTS)
def test_a_plane_is_drawn_over_points_that_are_hard_to_draw(points: Any) -> None:
    ax: Any = plot_decision_boundary(lambda row: row[0], points, [0, 1], resolution=3)
    ax.figure.draw_without_rendering()


def test_scores_that_differ_by_less_than_can_be_drawn() -> None:
    ax = boundary(lambda row: 0.5 + 1.2e-16 * (row[0] > 0.5), threshold=0.5)
    ax.figure.draw_without_rendering()


# --- data sets and regression -------------------------------------------------------------------

PETS = Dataset(SQUARE, XOR, ("age", "weight"), "kind", ("cat", "dog"))


def test_a_data_set_brings_the_names_with_it() -> None:
    ax: Any = plot_decision_boundary(slope, PETS, resolution=3)
    assert legend(ax) == ["cat", "dog", "score = 0"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("age", "weight")
    ax = plot_decision_boundary(slope, Dataset(SQUARE, XOR), resolution=3)
    assert legend(ax) == ["class 0", "class 1", "score = 0"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x₁", "x₂")


def test_what_is_given_comes_before_what_a_data_set_says() -> None:
    ax: Any = plot_decision_boundary(
        slope, PETS, [1, 1, 0, 0], classes=("no", "yes"), xlabel="a", ylabel="", resolution=3
    )
    assert ax.collections[0].get_offsets().tolist() == [[1, 0], [1, 1]]
    assert legend(ax) == ["no", "yes", "score = 0"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "")


def test_names_need_not_be_texts_and_a_data_set_need_not_be_ours() -> None:
    pets = SimpleNamespace(inputs=SQUARE, targets=XOR, features=None, classes=[7, 8])
    ax: Any = plot_decision_boundary(slope, pets, resolution=3)
    assert legend(ax) == ["7", "8", "score = 0"]


def test_samples_may_be_arrays() -> None:
    np = pytest.importorskip("numpy")
    rows, kinds = np.array(SQUARE), np.array(XOR)
    arrays: Any = plot_decision_boundary(slope, rows, kinds, resolution=3)
    assert arrays.collections[1].get_offsets().tolist() == [[0, 1], [1, 0]]
    for inputs in (np.array([0.0, 1.0]), np.array([[0.0], [1.0]])):
        ax: Any = plot_regression(lambda x: x, inputs, np.array([2.0, 3.0]))
        assert ax.collections[0].get_offsets().tolist() == [[0, 2], [1, 3]]


def test_a_class_that_does_not_occur_keeps_the_names_in_their_places() -> None:
    ax: Any = plot_decision_boundary(slope, PETS.select([1, 2]), resolution=3)
    cats, dogs = ax.collections[:2]
    assert (len(cats.get_offsets()), len(dogs.get_offsets())) == (0, 2)
    assert legend(ax) == ["cat", "dog", "score = 0"]


@pytest.mark.parametrize("inputs", [[0.0, 1.0, 2.0], [[0.0], [1.0], [2.0]]])
def test_a_regression_shows_the_data_and_the_curve_of_the_model(inputs: list[Any]) -> None:
    def model(x: Any) -> Any:
        assert type(x) is type(inputs[0])
        (number,) = x if isinstance(x, list) else [x]
        return [Value(2.0) * number] if isinstance(x, list) else 2.0 * number

    ax: Any = plot_regression(model, inputs, [[1.0], [2.0], [NAN]], title="T")
    assert ax.collections[0].get_offsets()[:2].tolist() == [[0, 1], [1, 2]]
    curve = data(ax.lines[0])
    assert all(y == 2 * x for x, y in curve)
    assert [curve[0][0], curve[-1][0], len(curve)] == pytest.approx([-0.3, 2.3, 200])
    assert (legend(ax), ax.get_title(loc="left")) == (["data", "model"], "T")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")
    ax.figure.draw_without_rendering()


def test_a_regression_evaluates_the_model_which_then_trains_on() -> None:
    model = Sequential(Layer(1, 3, seed=0), Dropout(0.5), Layer(3, 1, seed=1))
    samples = Dataset([[0.0], [1.0]], [0.0, 1.0], ("age",), "weight")
    first, second = (plot_regression(model, samples) for _ in range(2))
    assert data(first.lines[0]) == data(second.lines[0])
    assert model.training
    assert (first.get_xlabel(), first.get_ylabel()) == ("age", "weight")
    nameless = SimpleNamespace(inputs=[0.0, 1.0], targets=[0.0, 1.0], features=None, target=None)
    plain = plot_regression(abs, nameless)
    assert (plain.get_xlabel(), plain.get_ylabel()) == ("x", "y")


def test_where_the_model_gives_no_number_the_curve_has_a_gap() -> None:
    ax: Any = plot_regression(lambda x: NAN if x < 1 else 1e308, [0.0, 2.0], [1.0, -1e308])
    ax.figure.draw_without_rendering()
    assert all(math.isnan(y) == (x < 1) for x, y in data(ax.lines[0]))


REGRESSION_MISTAKES: list[tuple[Any, Any, str]] = [
    ([[1, 2]], [1], "input 0 has 2 numbers"),
    ([1, [2, 3]], [1, 1], "input 1 has 2 numbers"),
    ([1], [[1, 2]], "target 0 has 2 numbers"),
    ([1], [1, 2], "1 inputs and 2 targets"),
    ([], [], "0 inputs and 0 targets; expected as many, one or more"),
    ([1], [1], "what the model gives has 2 numbers"),
]


@pytest.mark.parametrize(("inputs", "targets", "message"), REGRESSION_MISTAKES)
def test_mistakes_with_regressions(inputs: Any, targets: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        plot_regression(lambda x: [x, x], inputs, targets)
    assert plt.get_fignums() == []


# --- texts and numbers that matplotlib takes otherwise ------------------------------------------

DOLLARS = ["$\\frac$", "$5 to $9", "loss $\\x$", "\\$", "a\\$b$c"]
TITLED: list[Callable[[str], Any]] = [
    lambda s: plot_curves({s: [1.0], f"{s}2": [2.0]}, title=s, xlabel=s, ylabel=s),
    lambda s: boundary(classes=(s, f"{s}2"), title=s, xlabel=s, ylabel=s),
    lambda s: boundary(targets=[s, "a", "a", s], title=s, xlabel=s, ylabel=s),
    lambda s: plot_regression(abs, [0.0, 1.0], [0.0, 1.0], title=s, xlabel=s, ylabel=s),
    lambda s: plot_descent(square, 1.0, 0.1, 2, title=s, xlabel=s, ylabel=s),
    lambda s: plot_weight_histograms([(0, {s: 1.0})], match=s, title=s, xlabel=s, ylabel=s),
]


def shown(text: Any) -> str:
    """What a text of matplotlib reads as, where it is no formula."""
    content, formula = text._preprocess_math(text.get_text())
    assert formula is False
    return str(content)


@pytest.mark.slow
@pytest.mark.parametrize("plot", TITLED)
@pytest.mark.parametrize("text", DOLLARS)
def test_a_dollar_is_a_dollar(plot: Callable[[str], Any], text: str, tmp_path: Path) -> None:
    ax = plot(text)
    texts = [ax._left_title, ax.xaxis.label, ax.yaxis.label]
    assert [shown(label) for label in texts] == [text] * 3
    save_plot(ax, tmp_path / "plot.svg")


@pytest.mark.parametrize("text", DOLLARS)
def test_a_dollar_in_a_legend_is_a_dollar(text: str) -> None:
    axes: list[Any] = [plot_curves({text: [1.0]}), boundary(classes=(text, "b"))]
    assert [shown(ax.get_legend().get_texts()[0]) for ax in axes] == [text, text]
    assert plot_curves({text: [1.0]}, ylabel=text).get_legend() is None


@pytest.mark.parametrize("ending", ["gif", "svg"])
def test_an_animation_may_be_titled_with_dollars(tmp_path: Path, ending: str) -> None:
    path = animate(draw_n, [1], tmp_path / f"a.{ending}", title="loss $\\x$")
    assert b"loss $\\x$" in path.read_bytes()


EXTREMES = [
    [1e308, -1e308, 0.0], [1e308, 1e-308], [1e308], [-1e308, INF], [5e-324, 0.0], [1.0, 0.0, NAN],
    [0.0, -1.0],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("log", [None, True, False])
@pytest.mark.parametrize("ys", EXTREMES)
def test_numbers_of_any_size_are_drawn(ys: list[float], log: bool | None, tmp_path: Path) -> None:
    save_plot(plot_curves({"a": ys, "b": (ys, ys)}, log=log), tmp_path / "plot.png")
    weights = {str(i): y for i, y in enumerate(ys)}
    save_plot(plot_weight_histograms([(0, weights)]), tmp_path / "plot.png")


def test_what_is_too_large_is_drawn_as_far_as_it_goes() -> None:
    (line,) = plot_curves({"loss": [1e308, -1e308, 0.0]}).lines
    assert data(line) == [(0, 1e200), (1, -1e200), (2, 0)]
    ax = plot_weight_histograms([(0, {"a": 1e308, "b": -1e308})], bins=2)
    assert histograms(ax) == [[1, 1]]


# --- saving -------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", [[1.0], None, plt])
def test_what_is_saved_is_what_a_plot_returned(what: Any, tmp_path: Path) -> None:
    message = (
        r"the axes that a plot returned, got \w+; write save_plot\(history.plot\(\), 'l.svg'\)"
    )
    with pytest.raises(TypeError, match=message):
        save_plot(what, tmp_path / "l.svg")
    assert list(tmp_path.iterdir()) == []


def test_the_axes_of_a_part_of_a_figure_are_saved_with_all_of_it(tmp_path: Path) -> None:
    parts: Any = plt.figure().subfigures(1, 2)
    save_plot(plot_curves({"loss": [1.0]}, ax=parts[0].subplots()), tmp_path / "loss.svg")
    assert plt.get_fignums() == []


# --- gradient descent ---------------------------------------------------------------------------


def square(x: Any) -> Any:
    return x * x


def named(ax: Any, label: str) -> list[Any]:
    return [line for line in ax.lines if line.get_label().startswith(label)]


def test_the_points_are_those_of_gradient_descent() -> None:
    ax: Any = plot_descent(square, 1.0, 0.25, 3)
    assert data(named(ax, "steps")[0]) == [(1, 1), (0.5, 0.25), (0.25, 0.0625), (0.125, 0.015625)]
    assert ax.get_title(loc="left") == "3 steps at lr = 0.25: x = 0.125, f(x) = 0.01562"


def test_the_curve_is_the_function_and_covers_the_points() -> None:
    ax: Any = plot_descent(square, 1.0, 0.25, 3)
    curve = data(named(ax, "f")[0])
    assert all(y == x * x for x, y in curve)
    assert curve[0][0] < 0.125 < 1.0 < curve[-1][0]
    assert plot_descent(square, 1.0, 0.25, 3, domain=(-2, 2)).get_xlim() == (-2, 2)


def test_a_tangent_touches_the_curve_and_the_later_is_the_fainter() -> None:
    tangents = named(plot_descent(square, 1.0, 0.25, 2), "_tangent")
    for tangent, x in zip(tangents, [1.0, 0.5, 0.25], strict=True):
        (x0, y0), (x1, y1) = data(tangent)
        assert (y1 - y0) / (x1 - x0) == pytest.approx(2 * x)
        assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((x, x * x))
    faint = [tangent.get_alpha() for tangent in tangents]
    assert faint == sorted(faint, reverse=True)
    assert named(plot_descent(square, 1.0, 0.25, 2, tangents=False), "_tangent") == []


def test_points_are_numbered_where_there_is_room() -> None:
    few: Any = plot_descent(square, 1.0, 0.25, 2)
    assert [text.get_text() for text in few.texts if text.get_text()] == ["0", "1", "2"]
    many: Any = plot_descent(square, 1.0, 0.25, 50)
    assert len([text for text in many.texts if text.get_text()]) < 10


def test_a_divergence_is_drawn_as_far_as_it_is_finite_and_said() -> None:
    ax: Any = plot_descent(lambda x: x**4, 3.0, 0.5, 50, title="Quartic")
    assert ax.get_title(loc="left") == "Quartic (diverged at step 4), 2 of 4 points in view"
    assert [x for x, _ in data(named(ax, "steps")[0])] == [3, -51]
    ax.figure.draw_without_rendering()


def test_a_step_out_of_the_domain_ends_the_descent_and_the_curve_has_a_gap_there() -> None:
    ax: Any = plot_descent(lambda x: x + ops.log(x) * 0.5, 1.0, 1.0, 9, domain=(-1, 2))
    assert ax.get_title(loc="left") == "lr = 1 (f is undefined at x = -0.5 at step 1)"
    for x, y in data(named(ax, "f")[0]):
        assert math.isnan(y) == (x <= 0)


def test_a_function_may_use_the_methods_of_a_value() -> None:
    assert len(data(named(plot_descent(lambda x: x.tanh(), 1.0, 1.0, 2), "steps")[0])) == 3


DESCENT_MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"steps": -1}, "expected 0 steps or more, got -1"),
    ({"domain": (2, 1)}, "a < b"),
    ({"domain": (0, INF)}, "both finite"),
    ({"start": NAN}, "expected a start where"),
    ({"f": ops.log, "start": -1.0}, "log"),
]


@pytest.mark.parametrize(("options", "message"), DESCENT_MISTAKES)
def test_mistakes_with_descents(options: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"f": square, "start": 1.0, "lr": 0.1, "steps": 2} | options
    with pytest.raises(ValueError, match=message):
        plot_descent(**given)
    assert plt.get_fignums() == []


# --- weights ------------------------------------------------------------------------------------

WEIGHTS = {"layers.0.w": -1.0, "layers.0.b": 0.1, "layers.1.w": 0.9, "layers.10.w": 1.0}


def histograms(ax: Any) -> list[list[int]]:
    """The counts of each row, from the lowest, in units of its smallest bar."""
    rows = [patch.get_data() for patch in ax.patches if patch.get_fill()]
    heights = [[float(v - row.baseline) for v in row.values] for row in rows]
    unit = min(h for row in heights for h in row if h > 1e-9)
    return [[round(h / unit) for h in row] for row in heights]


def test_each_row_counts_the_weights_of_an_epoch() -> None:
    later = dict.fromkeys(WEIGHTS, 0.1)
    ax: Any = plot_weight_histograms([(0, WEIGHTS), (5, later)], bins=2)
    assert histograms(ax) == [[0, 4], [1, 3]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["5", "0"]
    assert ax.get_xlim() == (-1, 1)


@pytest.mark.parametrize(("match", "shown"), [("", 4), ("layers.0", 2), ("layers.1", 1)])
def test_a_path_picks_parameters(match: str, shown: int) -> None:
    (row,) = histograms(plot_weight_histograms([(0, WEIGHTS)], bins=50, match=match))
    assert sum(row) == shown


def test_of_many_snapshots_some_are_drawn_with_the_first_and_the_last() -> None:
    ax: Any = plot_weight_histograms([(epoch, WEIGHTS) for epoch in range(101)])
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert (len(labels), labels[0], labels[-1]) == (12, "100", "0")


def test_numbers_that_are_not_finite_are_left_out_and_counted() -> None:
    ax: Any = plot_weight_histograms([(3, {"a": NAN, "b": INF, "c": 1.0})], bins=1)
    assert histograms(ax) == [[1]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["3\n2 not finite"]
    plot_weight_histograms([(3, {"a": NAN})]).figure.canvas.draw()


HISTOGRAM_MISTAKES: list[tuple[Any, dict[str, Any], str]] = [
    ([], {}, r"no snapshots; expected .* fit\(\.\.\., snapshots=5\)"),
    ([(0, WEIGHTS)], {"bins": 0}, "1 bin or more"),
    ([(0, WEIGHTS)], {"match": "layer.1"}, "'layer.1' or lies in it; did you mean 'layers.1'"),
]


@pytest.mark.parametrize(("snapshots", "options", "message"), HISTOGRAM_MISTAKES)
def test_mistakes_with_histograms(snapshots: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plot_weight_histograms(snapshots, **options)


# --- animations ---------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def draw_n(ax: Any, n: int) -> None:
    ax.plot([0, 1], [0, n], label="n", marker="o")
    ax.legend(loc="upper left")


def test_a_gif_has_a_frame_for_each_item_and_repeats(tmp_path: Path) -> None:
    path = animate(draw_n, iter([1, 2, 3]), tmp_path / "lines.gif", fps=5)
    assert path == tmp_path / "lines.gif"
    with Image.open(path) as gif:
        assert (gif.n_frames, gif.info["loop"]) == (3, 0)  # type: ignore[attr-defined]
        durations = []
        for i in range(3):
            gif.seek(i)
            gif.load()
            durations.append(gif.info["duration"])
    assert durations == [200, 200, 1200]


def test_an_svg_has_a_group_for_each_item_shown_in_turn(tmp_path: Path) -> None:
    text = animate(draw_n, [1, 2, 3], str(tmp_path / "lines.svg"), fps=2, title="a < b").read_text()
    root = ET.fromstring(text)
    frames = [group for group in root if group.tag == f"{SVG}g"]
    assert [group.get("class") for group in frames] == ["frame", "frame", "frame last"]
    assert [group.get("style") for group in frames] == [
        "animation-delay: -2.5s", "animation-delay: -2s", "animation-delay: -1.5s"
    ]  # fmt: skip
    style = root.findtext(f"{SVG}style") or ""
    assert "animation: frame 2.5s" in style
    assert "20% { visibility: hidden }" in style
    assert "60% { visibility: hidden }" in style
    assert root.findtext(f"{SVG}title") == "a < b"


def test_the_ids_of_an_svg_are_unique_and_what_refers_to_them_finds_them(tmp_path: Path) -> None:
    text = animate(draw_n, [1, 2, 3], tmp_path / "lines.svg").read_text()
    ids = [element.get("id") for element in ET.fromstring(text).iter() if element.get("id")]
    assert len(ids) == len(set(ids)) > 30
    referred = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    assert referred
    assert referred <= set(ids)


@pytest.mark.parametrize("ending", ["gif", "svg"])
def test_the_same_frames_give_the_same_bytes(tmp_path: Path, ending: str) -> None:
    once, twice = (
        animate(draw_n, [1, 2], tmp_path / f"{i}.{ending}", title="n").read_bytes()
        for i in range(2)
    )
    assert once == twice


def test_frames_start_from_empty_axes_and_no_figure_is_left_open(tmp_path: Path) -> None:
    counts: list[int] = []

    def frame(ax: Any, n: int) -> None:
        counts.append(len(ax.lines))
        draw_n(ax, n)

    animate(frame, [1, 2], tmp_path / "lines.gif")
    assert counts == [0, 0]
    assert plt.get_fignums() == []


@pytest.mark.parametrize("ending", ["gif", "svg"])
def test_what_a_frame_raises_leaves_what_was_there(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"old.{ending}"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        animate(lambda ax, n: ax.plot([1 / n]), [1, 0], path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


ANIMATION_MISTAKES: list[tuple[str, list[int], float, type[Exception], str]] = [
    ("lines.mp4", [1], 10, RenderError, r"format from .*lines.mp4'; expected .* \.gif or \.svg"),
    ("lines.gif", [], 10, ValueError, r"nothing to animate.* fit\(\.\.\., snapshots=5\)"),
    ("lines.svg", [], 10, ValueError, "nothing to animate"),
    ("lines.gif", [1], 0, ValueError, "fps is 0.1 to 50 frames a second, got 0"),
    ("no/such/lines.gif", [1], 10, FileNotFoundError, "no/such/lines.gif"),
]


@pytest.mark.parametrize(("name", "items", "fps", "error", "message"), ANIMATION_MISTAKES)
def test_mistakes_with_animations(
    tmp_path: Path, name: str, items: list[int], fps: float, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        animate(draw_n, items, tmp_path / name, fps=fps)
    assert list(tmp_path.iterdir()) == []


# --- a boundary through a training --------------------------------------------------------------


def test_a_boundary_is_animated_and_the_model_keeps_its_parameters(tmp_path: Path) -> None:
    model = MLP(2, [2, 1], "tanh", seed=0)
    own = model.state_dict()
    snapshots = [(10 * i, {name: x * i for name, x in own.items()}) for i in (1, 2, 4)]
    path = animate_boundary(model, snapshots, SQUARE, XOR, tmp_path / "xor.gif", resolution=5)
    with Image.open(path) as gif:
        assert gif.n_frames == 3  # type: ignore[attr-defined]
    assert model.state_dict() == own


def test_the_boundary_of_a_data_set_is_animated(tmp_path: Path) -> None:
    model = MLP(2, [2, 1], "tanh", seed=0)
    snapshots = [(1, model.state_dict())]
    first = animate_boundary(model, snapshots, PETS, None, tmp_path / "1.svg", resolution=5)
    names = ("cat", "dog")
    second = animate_boundary(
        model, snapshots, SQUARE, XOR, tmp_path / "2.svg", resolution=5, classes=names
    )
    assert first.read_bytes() == second.read_bytes()


def test_the_model_keeps_its_parameters_where_a_snapshot_does_not_fit(tmp_path: Path) -> None:
    model = MLP(2, [2, 1], "tanh", seed=0)
    own = model.state_dict()
    snapshots = [(1, dict.fromkeys(own, 0.0)), (2, {"other": 0.0})]
    with pytest.raises(StateError):
        animate_boundary(model, snapshots, SQUARE, XOR, tmp_path / "xor.svg", resolution=5)
    assert model.state_dict() == own
    assert list(tmp_path.iterdir()) == []


def test_without_snapshots_there_is_nothing_to_animate(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no snapshots .*train with fit\(\.\.\., snapshots=5\)"):
        animate_boundary(MLP(2, [1]), [], SQUARE, XOR, tmp_path / "xor.svg")
