"""How a decision boundary came about: one frame for each snapshot of the training."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .animation import animate
from .boundary import draw_boundary, furthest
from .histograms import Snapshot
from .look import dress
from .scores import Grid, rows_of_two, scores_on_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def animate_boundary(
    model: Any,
    snapshots: Sequence[Snapshot],
    inputs: Sequence[Sequence[Any]],
    targets: Sequence[Any],
    path: str | os.PathLike[str],
    *,
    resolution: int = 40,
    classes: Sequence[str] = (),
    threshold: float = 0.0,
    fps: float = 4.0,
    title: str = "",
    xlabel: str = "x₁",
    ylabel: str = "x₂",
) -> Path:
    """Write an animation of the decision boundary, a frame for each snapshot; return the path.

    A snapshot is (epoch, state), a state what `model.state_dict()` returned. All frames have the
    same shades. The model has its own parameters again in the end. The rest is as it is for
    `plot_decision_boundary` and `animate`.

    Raises ShapeError where the inputs have not 2 features, or are not as many as the targets;
    StateError for the state of another model; ValueError for no snapshots, a target or names that
    do not fit; RenderError for a path that does not end in .gif or .svg and without matplotlib.

    >>> import tempfile
    >>> from autograd_lite.nn import MLP
    >>> model = MLP(2, [2, 1], seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = animate_boundary(
    ...         model, [(0, model.state_dict())], [(0, 1), (1, 0)], [1, -1],
    ...         f"{folder}/training.gif", resolution=10,
    ...     )
    >>> path.name
    'training.gif'
    """
    if not len(snapshots):
        raise ValueError("no snapshots to animate; train with fit(..., snapshots=5)")
    rows = rows_of_two(inputs, targets)
    grids = _grids(model, snapshots, rows, resolution)
    reach = max(furthest(grid, threshold) for _, grid in grids)

    def frame(ax: Axes, shown: tuple[int, Grid]) -> None:
        epoch, grid = shown
        draw_boundary(ax, grid, rows, targets, classes=classes, threshold=threshold, reach=reach)
        dress(ax, f"epoch {epoch}", xlabel, ylabel, grid=None)

    return animate(frame, grids, path, fps=fps, title=title)


def _grids(
    model: Any, snapshots: Sequence[Snapshot], rows: Sequence[Sequence[float]], resolution: int
) -> list[tuple[int, Grid]]:
    """Return the scores at each epoch; the model is left as it was, also where one raises."""
    own = model.state_dict()
    grids = []
    try:
        for epoch, state in snapshots:
            model.load_state_dict(state)
            grids.append((epoch, scores_on_grid(model, rows, resolution)))
    finally:
        model.load_state_dict(own)
    return grids
