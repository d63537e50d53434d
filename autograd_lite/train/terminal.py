"""A training in a terminal: a bar that shows how far it is, and Ctrl-C, which asks it to end."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Any

from tqdm.auto import tqdm

_FORMAT = "{desc} |{bar:10}| {n_fmt}/{total_fmt}{postfix} [{elapsed}<{remaining}]"


def progress_bar(total: int, unit: str = "batch", *, shown: bool = True, done: int = 0) -> Any:
    """Return a tqdm bar on stderr, to `update` and to use in a `with` block.

    It shows nothing where `shown` is False or stderr is neither a terminal nor a notebook's.

    >>> with progress_bar(2, shown=False) as bar:
    ...     bar.update(); bar.update()
    """
    stream = sys.stderr
    in_notebook = type(stream).__module__.partition(".")[0] == "ipykernel"
    watched = in_notebook or (stream is not None and stream.isatty())
    return tqdm(
        total=total, initial=done, unit=unit, desc=unit, bar_format=_FORMAT, dynamic_ncols=True,
        disable=not (shown and watched),
    )  # fmt: skip


class Interrupt:
    """Inside the `with` block Ctrl-C only sets `requested`; the second one is Python's own.

    Blocks may be inside one another: Ctrl-C is requested of all of them. Outside the main thread,
    where no signals arrive, and where the program has a handler of its own, a block does nothing.

    >>> with Interrupt() as interrupt:
    ...     signal.raise_signal(signal.SIGINT)
    ...     interrupt.requested
    True
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: Any = None

    def __enter__(self) -> Interrupt:
        handler = signal.getsignal(signal.SIGINT)
        around = isinstance(getattr(handler, "__self__", None), Interrupt)
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and (around or handler is signal.default_int_handler):
            self._previous = signal.signal(signal.SIGINT, self._request)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _request(self, signum: int, frame: FrameType | None) -> None:
        if self.requested:
            signal.default_int_handler(signum, frame)
        self.requested = True
        if self._previous is not signal.default_int_handler:  # but that of the block around
            self._previous(signum, frame)
