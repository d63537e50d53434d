"""Progress: a bar in a terminal or a notebook, nothing where the output is piped."""

from __future__ import annotations

import sys
from typing import Any

from tqdm.auto import tqdm


def progress_bar(total: int | None, unit: str, *, shown: bool = True, done: int = 0) -> Any:
    """Return a tqdm bar on stderr, to `update` and to use in a `with` block.

    It shows nothing where `shown` is False or stderr is neither a terminal nor a notebook's.

    >>> with progress_bar(2, "batch", shown=False) as bar:
    ...     bar.update(); bar.update()
    """
    return tqdm(
        total=total, initial=done, unit=unit, disable=not (shown and _watched()),
        dynamic_ncols=True, leave=True,
    )  # fmt: skip


def _watched() -> bool:
    stream = sys.stderr
    in_notebook = type(stream).__module__.partition(".")[0] == "ipykernel"
    return in_notebook or (stream is not None and stream.isatty())
