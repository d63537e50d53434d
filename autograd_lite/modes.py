"""What the running thread (or task) has switched on: recording off, anomalies watched for.

Operations are recorded millions of times and modes are rare, so the hot path reads one number,
`active`: how many mode blocks are open anywhere. Only where it is not 0 is the mode looked up.
"""

from __future__ import annotations

import gc
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from threading import Lock, RLock
from typing import Any, NamedTuple, Protocol

active = 0
_lock = Lock()


class Watch(Protocol):
    """Looks at every value and every cotangent as it is computed (see `detect_anomaly`)."""

    def forward(self, node: Any) -> None:
        """See a result just made."""

    def backward(self, node: Any, operand: Any, cotangent: Any) -> None:
        """See what a node's derivative gave for one of its operands."""


class Mode(NamedTuple):
    """The state of a thread or task."""

    recording: bool = True
    watch: Watch | None = None


_mode: ContextVar[Mode] = ContextVar("autograd_lite_mode", default=Mode())  # noqa: B039 immutable


def current() -> Mode:
    """Return the mode of the running thread or task."""
    return _mode.get()


class ModeBlock(ContextDecorator):
    """A `with` block (or decorator) inside which `_changed` says what the mode is."""

    def __init__(self, *arguments: Any) -> None:
        if arguments:
            name = type(self).__name__
            raise TypeError(f"{name} takes no arguments; a decorator is written @{name}()")
        self._tokens: list[Token[Mode]] = []

    def _changed(self, mode: Mode) -> Mode:
        raise TypeError("use a subclass of ModeBlock")

    def _recreate_cm(self) -> ModeBlock:  # a decorator opens a block of its own at each call
        return type(self)()

    def __enter__(self) -> Any:
        global active
        self._tokens.append(_mode.set(self._changed(_mode.get())))
        with _lock:
            active += 1
        return self

    def __exit__(self, *exception: object) -> None:
        global active
        with _lock:
            active -= 1
        _mode.reset(self._tokens.pop())


class no_grad(ModeBlock):
    """Record nothing inside the block: results are leaves.

    >>> from autograd_lite import Value, no_grad
    >>> with no_grad():
    ...     y = Value(3.0) * 2
    >>> y.operands
    ()
    """

    def _changed(self, mode: Mode) -> Mode:
        return mode._replace(recording=False)


class recording(ModeBlock):
    """Record inside the block, also where a block around it does not."""

    def _changed(self, mode: Mode) -> Mode:
        return mode._replace(recording=True)


# --- Python's garbage collector -------------------------------------------------------------------

_gc_lock = RLock()  # a finalizer may run, and open a block, anywhere
_gc_blocks = 0  # how many are open, in all threads: the collector is the process's
_gc_enabled = False  # as the first of them found it


class no_gc(ContextDecorator):
    """Pause Python's garbage collector inside the block, where large graphs are made.

    A graph has no reference cycles and is freed without the collector, which only visits its nodes
    again and again. The last of several blocks to end, in any thread, leaves the collector as the
    first found it. A block that makes cycles of its own should not last: they are kept meanwhile.

    >>> import gc
    >>> from autograd_lite import no_gc
    >>> with no_gc():
    ...     gc.isenabled()
    False
    """

    def __enter__(self) -> None:
        global _gc_blocks, _gc_enabled
        with _gc_lock:
            _gc_blocks += 1
            if _gc_blocks == 1:
                _gc_enabled = gc.isenabled()
                gc.disable()

    def __exit__(self, *exception: object) -> None:
        global _gc_blocks
        with _gc_lock:
            if _gc_blocks == 1 and _gc_enabled:
                gc.enable()
            _gc_blocks -= 1
