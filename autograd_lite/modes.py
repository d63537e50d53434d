"""What the running thread (or task) has switched on: recording off, anomalies watched for, traces.

Operations are recorded millions of times and modes are rare, so the hot path reads one number,
`active`: how many mode blocks are open anywhere. Only where it is not 0 is the mode looked up.
"""

from __future__ import annotations

import gc
import inspect
import random
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar
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

    def cast(self, node: Any) -> None:
        """See a Value that is turned into a plain float."""


class Recorder(Protocol):
    """Writes down all that is done with Values, to be compiled (see `jit`)."""

    deriving: int  # how many derivatives are being computed around what is recorded

    def result(self, node: Any, recording: bool) -> Any:
        """Take in a result just made, and return what stands for it."""

    def returned(self, x: Any, given: Any) -> Any:
        """Return what stands for a transform's result, a float unless one `given` is a Value."""

    def compared(self, row: str, a: Any, b: Any, holds: bool = True) -> Any:
        """Return a condition: that a comparison, a row of the table, has this outcome."""

    def drawn(self, source: random.Random) -> Any:
        """Return a number between 0 and 1 that each call will draw anew."""

    def has(self, x: Any) -> bool:
        """Tell whether a Value is an input, or a result that was taken in."""

    def failed(self, why: str) -> None:
        """Take in that more is done than can be recorded."""

    def refusal(self, what: str, remedy: str) -> Exception:
        """Build the error for what would lose the trace."""


class Mode(NamedTuple):
    """The state of a thread or task.

    `variables` are those of the transforms whose functions are running, the outermost's first.
    """

    recording: bool = True
    watch: Watch | None = None
    variables: tuple[list[Any], ...] = ()
    recorder: Recorder | None = None


class _State(NamedTuple):
    """The blocks that are open, outermost first, and the mode that they make together."""

    openings: tuple[_Opening, ...]
    mode: Mode


_NONE = _State((), Mode())
_state: ContextVar[_State] = ContextVar("autograd_lite_mode", default=_NONE)


class _Opening:
    """One block, from its beginning to its end; it may end in another thread or task."""

    __slots__ = ("block", "open")

    def __init__(self, block: Any) -> None:
        self.block, self.open = block, True


def current() -> Mode:
    """Return the mode of the running thread or task."""
    state = _state.get()
    for opening in state.openings:
        if not opening.open:  # ended elsewhere, as a generator's may that asyncio closes
            return _renewed().mode
    return state.mode


def _open(block: Any) -> _Opening:
    mode, opening = current(), _Opening(block)
    _state.set(_State((*_state.get().openings, opening), block._changed(mode)))
    return opening


def _close(opening: _Opening) -> None:
    # Generators may end in any order: each takes its own block away, and leaves the others.
    opening.open = False
    opening.block = None  # which refers to the opening, and to what a transform has recorded
    _renewed()


def _renewed() -> _State:
    """Leave out the blocks that have ended."""
    openings = tuple([opening for opening in _state.get().openings if opening.open])
    mode = _NONE.mode
    for opening in openings:
        mode = opening.block._changed(mode)
    state = _State(openings, mode) if openings else _NONE
    _state.set(state)
    return state


class _Decorator(ContextDecorator):
    """A `with` block that decorates functions, too."""

    def __call__(self, function: Any) -> Any:
        """Decorate a function: each call runs inside a block of its own."""
        kinds = inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction
        if any(kind(function) for kind in kinds):  # the block would end before its body begins
            name = type(self).__name__
            raise TypeError(
                f"@{name}() decorates plain functions, got {function.__name__!r}, which runs in "
                f"pieces; write `with {name}():` inside it"
            )
        return super().__call__(function)


class ModeBlock(_Decorator):
    """A `with` block (or decorator) inside which `_changed` says what the mode is."""

    def __init__(self, *arguments: Any) -> None:
        if arguments:
            name = type(self).__name__
            raise TypeError(f"{name} takes no arguments; a decorator is written @{name}()")
        self._openings: list[_Opening] = []

    def _changed(self, mode: Mode) -> Mode:
        raise TypeError("use a subclass of ModeBlock")

    def _recreate_cm(self) -> ModeBlock:  # a decorator opens a block of its own at each call
        return type(self)()

    def __enter__(self) -> Any:
        global active
        self._openings.append(_open(self))
        with _lock:
            active += 1
        return self

    def __exit__(self, *exception: object) -> None:
        global active
        with _lock:
            active -= 1
        _close(self._openings.pop())


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


traces: list[Any] = []  # those of all threads whose functions are running


class tracing:
    """A transform calls a function on the inputs of a trace inside the block: all is recorded.

    It does not count as `active`: results need no look at the mode because of it.
    """

    def __init__(self, trace: Any) -> None:
        self.trace = trace

    def _changed(self, mode: Mode) -> Mode:
        return mode._replace(recording=True, variables=(*mode.variables, self.trace.inputs))

    def __enter__(self) -> None:
        self._opening = _open(self)
        traces.append(self.trace)

    def __exit__(self, *exception: object) -> None:
        traces.remove(self.trace)
        _close(self._opening)


recorders: list[Any] = []  # those of all threads whose functions are being recorded


class compiling(ModeBlock):
    """A `with` block inside which a recorder writes down all that is done with Values."""

    def __init__(self, recorder: Any) -> None:
        super().__init__()
        self.recorder = recorder

    def _changed(self, mode: Mode) -> Mode:
        # What is recorded does not depend on the transforms around: it may be used outside of them.
        return Mode(variables=(self.recorder.inputs,), recorder=self.recorder)

    def __enter__(self) -> Any:
        recorders.append(self.recorder)
        return super().__enter__()

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        recorders.remove(self.recorder)


def recorder() -> Recorder | None:
    """Return what writes down the operations of the running thread, if anything does."""
    return current().recorder if active else None


@contextmanager
def deriving() -> Iterator[None]:
    """Tell what records that the operations inside the block are those of a derivative."""
    watching = recorder()
    if watching is None:
        yield
        return
    watching.deriving += 1
    try:
        yield
    finally:
        watching.deriving -= 1


# --- Python's garbage collector -------------------------------------------------------------------

_gc_lock = RLock()  # a finalizer may run, and open a block, anywhere
_gc_blocks = 0  # how many are open, in all threads: the collector is the process's
_gc_enabled = False  # as the first of them found it


class no_gc(_Decorator):
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
