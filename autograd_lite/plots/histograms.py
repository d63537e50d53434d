"""How the weights are distributed, epoch by epoch: histograms one above the other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .._support.wording import did_you_mean, printable
from .look import Axes, axes_or_new, drawable, dress, imported, sequential

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
    if not len(snapshots):
        raise ValueError(
            "no snapshots; expected a list of (epoch, {parameter name: number}), as "
            "fit(..., snapshots=5) keeps in history.snapshots"
        )
    np = imported("numpy")
    last, rows = len(snapshots) - 1, min(len(snapshots), ROWS)
    chosen = [snapshots[round(i * last / max(1, rows - 1))] for i in reversed(range(rows))]
    weights = [_matching(state, match) for _, state in chosen]  # the last row is in front, below
    edges = _edges(np.concatenate(weights), bins)
    counts = [np.histogram(row[~np.isnan(row)], edges)[0] for row in weights]
    height = OVERLAP / max(1, np.max(counts))
    ax = axes_or_new(ax)
    for level, (row, color) in enumerate(zip(counts, sequential(rows)[::-1], strict=True)):
        tops, order = level + row * height, 2 - level / ROWS  # all are before the grid
        ax.stairs(tops, edges, baseline=level, fill=True, color=color, zorder=order)
        ax.stairs(tops, edges, baseline=None, color="white", linewidth=1.0, zorder=order)
    labels = [f"{epoch}\n{lost} not finite" if (lost := np.isnan(row).sum()) else str(epoch)
              for (epoch, _), row in zip(chosen, weights, strict=True)]  # fmt: skip
    ax.set_yticks(range(rows), labels)
    ax.set(xlim=(edges[0], edges[-1]), ylim=(-0.15, rows - 1 + OVERLAP * 1.08))
    dress(ax, title, xlabel, ylabel, grid="x")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


def _matching(state: Mapping[str, float], match: str) -> Any:
    """Return the numbers of a path as an array, nan for what is not finite."""
    values = [x for name, x in state.items() if not match or f"{name}.".startswith(f"{match}.")]
    if not values:
        paths = {name[:end] for name in state for end in range(1, len(name)) if name[end] == "."}
        raise ValueError(
            f"no parameter is called {match!r} or lies in it{did_you_mean(match, sorted(paths))}; "
            f"there are {printable(', '.join(list(state)[:4]))} ..."
        )
    return drawable(values)


def _edges(weights: Any, bins: int) -> Any:
    """Return the ends of so many bins of one width that hold all weights but nan.

    >>> _edges([0.0, 2.0, math.nan], 2).tolist(), _edges([10.0], 2).tolist()
    ([0.0, 1.0, 2.0], [8.5, 10.0, 11.5])
    """
    known = [x for x in weights if not math.isnan(x)]
    low, high = min(known, default=-1.0), max(known, default=1.0)
    margin = 0.5 + 0.1 * abs(low) if low == high else 0.0
    return imported("numpy").linspace(low - margin, high + margin, bins + 1)
