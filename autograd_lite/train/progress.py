"""Progress: a bar in a terminal or a notebook, nothing where the output is piped."""

from __future__ import annotations

import sys
from typing import Any

from tqdm.auto import tqdm

_FORMAT = "{desc} |{bar:10}| {n_fmt}/{total_fmt}{postfix} [{elapsed}<{remaining}]"


def progress_bar(total: int, unit: str = "batch", *, shown: bool = True, done: int = 0) -> Any:
    """Return a tqdm bar on stderr, to `update` and to use in a `with` block.

    It shows nothing where `shown` is False or stderr is neither a terminal nor a notebook's.

    >>> with progress_bar(2, shown=False) as bar:
    ...     bar.update(); bar.update()
    """
    return tqdm(
        total=total, initial=done, unit=unit, desc=unit, bar_format=_FORMAT, dynamic_ncols=True,
        disable=not (shown and _watched()),
    )  # fmt: skip


def _watched() -> bool:
    stream = sys.stderr
    in_notebook = type(stream).__module__.partition(".")[0] == "ipykernel"
    return in_notebook or (stream is not None and stream.isatty())
