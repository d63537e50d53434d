"""What functions do besides returning a result, found out and undone.

All that they reach - attributes, lists, the variables of closures and modules, sources of random
numbers - is held as it is before they run, and compared afterwards.
"""

from __future__ import annotations

import io
import operator
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from types import CellType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple, TypeVar

from .._support.validation import random_source
from ..transforms.pytree import is_array
from ..value import Value

T = TypeVar("T")

_PLAIN = (int, float, complex, str, bytes, type(None))
_OWN = __name__.partition(".")[0]
_LIBRARIES = {_OWN, "numpy", "scipy", *sys.stdlib_module_names}
_OUTSIDE = {"posix", "nt", "io", "_io", "time", "_socket", "_warnings"}  # where effects are


class _Variable(NamedTuple):
    """A variable of a module, which functions reach by its name."""

    space: dict[str, Any]
    name: str


class _Kind(NamedTuple):
    """How the items of something that can change are read, and written back."""

    read: Callable[[Any], list[Any]]
    write: Callable[[Any, list[Any]], Any]


def _rewrite(x: Any, items: list[Any]) -> None:
    x.clear()
    x.update(zip(items[::2], items[1::2], strict=True) if isinstance(x, dict) else items)


_ARRAY = _Kind(lambda x: [x.copy()], lambda x, items: operator.setitem(x, ..., *items))
_KINDS: dict[type, _Kind] = {
    list: _Kind(list, lambda x, items: operator.setitem(x, slice(None), items)),
    dict: _Kind(lambda x: [part for item in x.items() for part in item], _rewrite),
    set: _Kind(list, _rewrite),
    deque: _Kind(list, lambda x, items: (x.clear(), x.extend(items))),
    CellType: _Kind(
        lambda x: [] if x == CellType() else [x.cell_contents],
        lambda x, items: setattr(x, "cell_contents", *items),
    ),
    _Variable: _Kind(
        lambda x: [x.space.get(x.name)],
        lambda x, items: operator.setitem(x.space, x.name, *items),
    ),
}


class Reach:
    """What functions and objects reach, and what it holds at the moment.

    >>> settings = {"scale": 1.0}
    >>> reach = Reach(settings)
    >>> settings["scale"] = 2.0
    >>> reach.changed(), reach.undo(), settings
    ('dict.scale', False, {'scale': 1.0})
    """

    def __init__(self, *roots: Any) -> None:
        self.held: list[tuple[str, Any, _Kind, list[Any]]] = []  # with its name, and its items
        self.sources: list[tuple[Callable[[], Any], Callable[[Any], Any], Any]] = []
        numpy: Any = sys.modules.get("numpy")
        pending = [("", random_source(None)), *[(_title(x), x) for x in roots]]
        if numpy is not None:
            pending.append(("", numpy.random.random.__self__))
        seen: dict[int, Any] = {}
        while pending:
            name, x = pending.pop()
            if not (isinstance(x, (*_PLAIN, Value)) or id(x) in seen):
                seen[id(x)] = x
                with suppress(Exception):  # what does not bear to be looked at is left alone
                    pending += self._parts(name, x)

    def _parts(self, name: str, x: Any) -> Iterator[tuple[str, Any]]:
        """Take something in, and yield what it holds, by names."""
        kind = _ARRAY if is_array(x) else _KINDS.get(x.__class__)
        if (source := _source(x)) is not None:
            self.sources.append((*source, source[0]()))
        elif kind is not None:
            items = kind.read(x)
            self.held.append((name, x, kind, items))
            if isinstance(x, dict):
                yield from ((f"{name}.{key}", part) for key, part in x.items())
            else:
                yield from ((name, part) for part in items if kind is not _ARRAY)
        elif isinstance(x, tuple | MethodType | partial):
            yield from ((name, part) for part in (x if isinstance(x, tuple) else x.__reduce__()))
        elif isinstance(x, FunctionType):
            if _of_user(x):
                yield from self._of_function(name, x)
        elif hasattr(x, "__dict__") and not isinstance(x, type | ModuleType):
            yield name, vars(x)
            for kept in filter(_of_user, type(x).__mro__):
                yield from ((f"{name}.{key}", part) for key, part in vars(kept).items())

    def _of_function(self, name: str, f: FunctionType) -> Iterator[tuple[str, Any]]:
        names = set(_names(f.__code__))
        known = [f.__globals__[x] for x in sorted(names & f.__globals__.keys())]
        modules = [vars(x) for x in known if isinstance(x, ModuleType) and _of_user(x)]
        for space in (f.__globals__, *modules):
            yield from ((key, _Variable(space, key)) for key in sorted(names & space.keys()))
        yield from zip(f.__code__.co_freevars, f.__closure__ or (), strict=True)
        yield from ((name, part) for part in (f.__defaults__, f.__kwdefaults__, vars(f)))

    def changed(self) -> str:
        """Return the name of what holds something else now, or ""."""
        for name, x, kind, items in self.held:
            if not _same(kind.read(x), items):
                if not isinstance(x, dict):
                    return name
                before = dict(zip(items[::2], items[1::2], strict=True))
                keys = [key for key in {**before, **x} if not _alike(before.get(key), x.get(key))]
                return f"{name}.{keys[0]}" if keys else name
        return ""

    def undo(self) -> bool:
        """Give everything what it held; tell whether random numbers had been drawn."""
        for _, x, kind, items in self.held:
            if not _same(kind.read(x), items):
                kind.write(x, items)
        drawn = False
        for get, put, state in self.sources:
            if repr(get()) != repr(state):
                put(state)
                drawn = True
        return drawn


class Effect(Exception):  # noqa: N818  no error: it says what a function does
    """Raised where a function does more than return a result."""


def result_alone(function: Callable[[], T], *roots: Any) -> T:
    """Return the result of a function, if that is all that it does; raise Effect where it is not.

    What it did to anything that the roots reach is undone. What cannot be undone, such as to write
    to a file, is not done.
    """
    reach, effects = Reach(*roots), list[str]()
    watched = sys.getprofile() is None  # a profiler's own place is not taken

    def watch(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and _goes_outside(called) and _is_asked_by_user(frame):
            effects.append(f"calls {called.__name__}()")
            raise Effect

    try:
        if watched:
            sys.setprofile(watch)
        return function()
    finally:
        if watched:
            sys.setprofile(None)
        if name := reach.changed():
            effects.append(f"changes {name}")
        if reach.undo():
            effects.append("draws random numbers")
        if effects:
            raise Effect(f"the model or the loss {effects[0]} at each step")


def _goes_outside(function: Any) -> bool:
    """Tell whether a built-in function writes, waits, or reads what differs each time."""
    owner = getattr(function, "__self__", None)
    where = owner.__name__ if isinstance(owner, ModuleType) else ""
    return function in (print, input) or where in _OUTSIDE or isinstance(owner, io.IOBase)


def _is_asked_by_user(frame: FrameType | None) -> bool:
    """Tell whether it is done for a user's code, not for an import or this package's own."""
    asked, package = False, ""
    while frame is not None and package != _OWN:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if package == "importlib":
            return False
        asked |= package not in _LIBRARIES
        frame = frame.f_back
    return asked


def _source(x: Any) -> tuple[Callable[[], Any], Callable[[Any], Any]] | None:
    """Return how the state of a source of random numbers, Python's or NumPy's, is read and set."""
    if isinstance(x, random.Random):
        return None if isinstance(x, random.SystemRandom) else (x.getstate, x.setstate)
    if hasattr(x, "bit_generator"):
        return lambda: x.bit_generator.state, partial(setattr, x.bit_generator, "state")
    if type(x).__name__ == "RandomState":
        return partial(x.get_state, legacy=False), x.set_state
    return None


def _same(now: list[Any], held: list[Any]) -> bool:
    """Tell whether these are the same objects, or equal numbers and texts."""
    return len(now) == len(held) and (
        all(map(operator.is_, now, held)) or all(map(_alike, now, held))
    )


def _alike(a: Any, b: Any) -> bool:
    if is_array(a):
        return is_array(b) and a.tobytes() == b.tobytes()
    return a is b or (a.__class__ is b.__class__ and isinstance(a, _PLAIN) and a == b)


def _title(x: Any) -> str:
    return str(getattr(x, "__name__", None) or type(x).__name__)


def _of_user(x: Any) -> bool:
    name = x.__name__ if isinstance(x, ModuleType) else x.__module__
    return str(name).partition(".")[0] not in _LIBRARIES


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names of variables and attributes in a function, and in those inside it."""
    yield from code.co_names
    for x in code.co_consts:
        if isinstance(x, CodeType):
            yield from _names(x)
