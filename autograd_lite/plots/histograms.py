"""How the weights are distributed, epoch by epoch: histograms one above the other."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .._support.wording import did_you_mean, printable
from .look import axes_or_new, drawable, dress, plain, sequential

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Snapshot = tuple[int, Mapping[str, float]]  # the epoch, and each parameter's number by its name

ROWS = 12  # histograms that one figure can show
OVERLAP = 1.8  # how many rows the highest bar is high


def plot_weight_histograms(
    snapshots: Sequence[Snapshot],
    *,
    ax: Axes | None = None,
    bins: int = 40,
    match: str = "",
    title: str = "",
    xlabel: str = "weight",
    ylabel: str = "epoch",
) -> Axes:
    """Draw the distribution of the weights at each epoch, the first on top and the last in front.

    A snapshot is (epoch, {parameter name: number}); all have the same bins and the same scale. Of
    more than 12, the first, the last and some evenly between are drawn. `match="layers.0"` takes
    the parameters of that path; numbers that are not finite are left out, and the row says so. What
    is beyond ±1e200 is counted there.

    Raises ValueError where there are no snapshots, or no parameter of that path; RenderError
    without matplotlib.

    >>> snapshots = [(0, {"w.0": 0.1, "w.1": -0.2}), (10, {"w.0": 1.5, "w.1": -0.9})]
    >>> ax = plot_weight_histograms(snapshots, match="w")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['10', '0']
    """
    if bins < 1:
        raise ValueError(f"expected 1 bin or more, got {bins}")
    chosen = list(reversed(_sample(snapshots)))  # the last is the lowest row, and in front
    weights = [_matching(state, match) for _, state in chosen]
    edges = _edges([w for row in weights for w in row], bins)
    counts = [_histogram(row, edges) for row in weights]
    height = OVERLAP / max(1, max(map(max, counts)))
    ax = axes_or_new(ax)
    for level, (row, color) in enumerate(zip(counts, sequential(len(counts))[::-1], strict=True)):
        _draw_row(ax, edges, [level + count * height for count in row], level, color)
    ax.set_yticks(range(len(chosen)), [_row_label(epoch, state, match) for epoch, state in chosen])
    ax.set(xlim=(edges[0], edges[-1]), ylim=(-0.15, len(chosen) - 1 + OVERLAP * 1.08))
    dress(ax, title, xlabel, ylabel, grid="x")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


# --- what is counted ----------------------------------------------------------------------------


def _sample(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    count = len(snapshots)
    if not count:
        raise ValueError(
            "no snapshots; expected a list of (epoch, {parameter name: number}), as "
            "fit(..., snapshots=5) keeps in history.snapshots"
        )
    if count <= ROWS:
        return list(snapshots)
    return [snapshots[round(i * (count - 1) / (ROWS - 1))] for i in range(ROWS)]


def _of_path(state: Mapping[str, float], match: str) -> list[float]:
    return [x for name, x in state.items() if not match or f"{name}.".startswith(f"{match}.")]


def _matching(state: Mapping[str, float], match: str) -> list[float]:
    found = _of_path(state, match)
    if not found:
        paths = {name[:end] for name in state for end in range(1, len(name)) if name[end] == "."}
        raise ValueError(
            f"no parameter is called {match!r} or lies in it{did_you_mean(match, sorted(paths))}; "
            f"there are {printable(', '.join(list(state)[:4]))} ..."
        )
    return [drawable(float(x)) for x in found if math.isfinite(x)]


def _edges(weights: Sequence[float], bins: int) -> list[float]:
    low, high = min(weights, default=-1.0), max(weights, default=1.0)
    if low == high:
        margin = 0.5 + 0.1 * abs(low)
        low, high = low - margin, high + margin
    return [low + (high - low) * i / bins for i in range(bins + 1)]


def _histogram(weights: Sequence[float], edges: Sequence[float]) -> list[int]:
    """Count the weights in each bin; the last bin includes its end.

    >>> _histogram([0.0, 0.2, 0.5, 1.0], [0.0, 0.5, 1.0])
    [2, 2]
    """
    counts = [0] * (len(edges) - 1)
    for weight in weights:
        counts[min(bisect(edges, weight), len(counts)) - 1] += 1
    return counts


# --- how it is drawn ----------------------------------------------------------------------------


def _draw_row(
    ax: Axes, edges: Sequence[float], tops: Sequence[float], level: int, color: str
) -> None:
    order = 2 - level / ROWS  # lower rows are in front, and all are before the grid
    ax.stairs(tops, edges, baseline=level, fill=True, color=color, zorder=order)
    ax.stairs(tops, edges, baseline=None, color="white", linewidth=1.0, zorder=order)


def _row_label(epoch: int, state: Mapping[str, float], match: str) -> str:
    lost = sum(not math.isfinite(x) for x in _of_path(state, match))
    return plain(f"{epoch}\n{lost} not finite" if lost else str(epoch))
