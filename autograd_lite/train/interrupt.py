"""Interrupts: Ctrl-C asks a training to end; a second Ctrl-C ends it at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any


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
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if handler is signal.default_int_handler or _outer(handler):
                self._previous = signal.signal(signal.SIGINT, self._request)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _request(self, signum: int, frame: FrameType | None) -> None:
        if self.requested:
            signal.default_int_handler(signum, frame)
        self.requested = True
        if (outer := _outer(self._previous)) is not None:
            outer._request(signum, frame)


def _outer(handler: Any) -> Interrupt | None:
    """Return the block that a handler belongs to."""
    owner = getattr(handler, "__self__", None)
    return owner if isinstance(owner, Interrupt) else None
