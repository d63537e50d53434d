"""jit: a function, traced once and replayed."""

from __future__ import annotations

import functools
import inspect
import operator
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from .. import modes
from .._support.validation import named
from ..errors import TracingError
from ..transforms.functional import Gradient, ValueAndGradient
from ..transforms.pytree import flatten
from ..value import Value
from . import array_source, c_source, js_source, python_source
from .arguments import Unwritable, direct
from .closures import Surroundings
from .program import FAILED, Path, Program, Unfit
from .report import Branch, Paths, Stats
from .tape import Input, Tape

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
S = TypeVar("S")
_METHOD = "decorate a method by @jit(static_argnums=0)"
_SETTING = "name what is a setting in static_argnums or static_argnames"


def _by_lanes(tape: Tape) -> Any:
    """Compile for arrays where some numbers are many, each in a lane, else for numbers."""
    return (array_source if any(tape.lanes()) else python_source).compiled(tape)


_MOST = 256  # structures of arguments that programs are kept for

BACKENDS: dict[str, Callable[[Tape], Any]] = {
    "auto": _by_lanes, "python": python_source.compiled, "array": array_source.compiled,
}  # fmt: skip
SOURCES: dict[str, Callable[[Tape], str]] = {
    "python": python_source.source, "array": array_source.source,
    "c": c_source.source, "js": js_source.source,
}  # fmt: skip


class Jitted(Generic[P, R]):
    """A function that is traced when it is first called, and replayed afterwards.

    Arguments are numbers, or what nests them as `grad` takes it; strings, bools and None may stand
    among them: these, and how numbers are nested, make it be traced anew. Several threads may call
    it at once. Numbers that are neither arguments, nor Values, nor a Module's are constants. Lists
    and dicts among the arguments are copied, as transforms do. A Value that replaces another is
    seen in variables, lists, dicts and Modules, but not in attributes of other objects.

    It returns what the function does, called eagerly: floats for floats, where the function gives
    Values Values, each one node of the graph. A function of floats that takes a Module or closes
    over Values gives Values, too, while `grad` and the other transforms of it give floats.
    """

    __name__: str
    __qualname__: str
    __wrapped__: Callable[P, R]

    def __init__(
        self,
        f: Callable[P, R],
        max_paths: int = 64,
        backend: str = "auto",
        static: Sequence[int | str] = (),
        on: Any = None,
    ) -> None:
        _check_function(f)
        functools.update_wrapper(self, f, updated=())
        self.function, self.max_paths = f, max_paths
        self.backend = named("backend", backend, BACKENDS)
        if on is not None:
            self.backend = functools.partial(array_source.compiled, namespace=on)
        self._options = {"max_paths": max_paths, "backend": backend, "static": static, "on": on}
        self._name = getattr(f, "__name__", type(f).__name__)
        self._positional = _positional(f)
        self._static = _with_counterparts(static, self._positional)
        self.clear()

    def clear(self) -> None:
        """Forget all that was traced and compiled."""
        self._programs: dict[Any, Program] = {}
        self._around = Surroundings(self.function)
        self._last: Callable[..., Any] = _never  # the last path's own function of a whole call
        self._calls = self._fallbacks = 0

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what the function does.

        Raises TypeError for arguments or results that are no numbers, TracingError where a number
        would leave the trace, and what the function raises.
        """
        if not (modes.active or modes.traces):
            try:
                result: Any = self._last(args, kwargs)
                if result is not None and result.__class__ is not int:
                    self._calls += 1
                    return result  # type: ignore[no-any-return]
            except (ArithmeticError, ValueError):
                pass
        return self._in_general(args, kwargs)

    def _in_general(self, args: Any, kwargs: Any) -> R:
        mode = modes.current()
        if mode.recorder is not None or mode.watch is not None:
            return self.function(*args, **kwargs)
        self._calls += 1
        program = None
        try:
            program, leaves = self._program(args, kwargs)
            return self._replayed(program, leaves, args, kwargs)  # type: ignore[no-any-return]
        except FAILED as error:
            reason, cause, told = str(error), error.__cause__, getattr(error, "told", False)
        self._fallbacks += 1
        result = self.function(*args, **kwargs)  # out of the except block: its errors are its own
        if program is not None and not isinstance(cause, ArithmeticError | ValueError | None):
            told, reason = True, str(program.given_up(
                f"cannot be traced, for Values take the place of numbers: {type(cause).__name__}: "
                f"{cause}; name counts and indices in static_argnums or static_argnames"
            ))  # fmt: skip
        if told:
            warnings.warn(f"jit: {self._name} {reason}; it runs eagerly now", stacklevel=3)
        return result

    def _replayed(self, program: Program, leaves: list[Any], args: Any, kwargs: Any) -> Any:
        plain = [x._data if isinstance(x, Value) else x for x in leaves]
        exact = not any(isinstance(x, Value) for x in leaves)

        def answer(path: Path) -> Any:
            if exact and path.known is None:
                result = self._direct(path, args, kwargs)(args, kwargs)
                if result is not None:
                    return result
            results = path(plain)
            if results.__class__ is int:
                return results
            if path.values:
                results = path.nodes(leaves, results, path.values)
            return path.aux.rebuild(results)

        result, path = program.run(plain, answer)
        self._last = path.direct or self._last
        return result

    def _direct(self, path: Path, args: Any, kwargs: Any) -> Callable[..., Any]:
        """Return the function of a whole call along a path; one is made where that can be."""
        if path.outside and modes.current().variables:  # a transform around may differentiate
            return _never
        if path.direct is None and not (path.values or path.sources):
            try:
                path.direct = path.timed(
                    lambda: direct(path, args, kwargs, self._static, self._around)
                )
            except Unwritable:
                return _never
        return path.direct or _never

    def _program(self, args: Any, kwargs: Any) -> tuple[Program, list[Any]]:
        """Return the program for arguments nested in this way, and their numbers."""
        given = {**dict(enumerate(args)), **kwargs}
        fixed = {k: given.pop(k) for k in [*given] if k in self._static} if self._static else {}
        try:
            leaves, structure = flatten(given, f"jit: {self._name}: argument", static=True)
        except TypeError as error:
            if all(hasattr(x, "__iter__") or hasattr(x, "__float__") for x in given.values()):
                raise  # it says what to do
            is_method = self._positional[:1] == ["self"] and 0 in given
            raise TypeError(f"{error}; {_METHOD if is_method else _SETTING}") from None
        values = tuple([i for i, x in enumerate(leaves) if isinstance(x, Value)])
        inside = bool(modes.current().variables)  # transforms around make Values of all results
        statics = [(k, x.__class__, x) for k, x in fixed.items()]
        key = (*structure.key, *statics, values, inside, *self._around.key())
        try:
            program = self._programs.get(key)
        except TypeError:
            raise TypeError(
                f"jit: the static arguments of {self._name} should be hashable, got "
                f"{[*fixed.values()]!r:.60}; pass a tuple for a list"
            ) from None
        if program is not None:
            return program, leaves

        def traced(stands: list[Any]) -> tuple[list[Any], Any]:
            called = {**structure.rebuild(stands, keep_modules=True), **fixed}
            positional = [called.pop(i) for i in range(len(args))]
            try:
                result = self.function(*positional, **called)
            except TracingError:
                raise
            except Exception as error:
                raise Unfit(str(error)) from error
            if result is None:
                raise TypeError(
                    f"jit: {self._name} returned None; did it forget to return its result?"
                )
            return flatten(result, f"jit: what {self._name} returned", static=True)

        inputs = [Input(self._named(path)) for path in structure.paths]
        made = Program(traced, inputs, self.backend, self.max_paths, values, inside)
        if len(self._programs) >= _MOST:  # the oldest goes
            self._programs.pop(next(iter(self._programs)), None)
        return self._programs.setdefault(key, made), leaves

    def _named(self, path: str) -> str:
        """Name a number by the parameter that it belongs to: `x`, `p['a'][0]`."""
        which, rest = path[1:].split("]", 1)
        if which.startswith("'"):
            return which.strip("'") + rest
        i = int(which)
        return (self._positional[i] if i < len(self._positional) else f"arg{i}") + rest

    # --- what it has become ---------------------------------------------------------------------

    def tape(self, *args: P.args, **kwargs: P.kwargs) -> Tape:
        """Return the tape of the path that these arguments take.

        Raises TracingError where there is none.
        """
        try:
            program, leaves = self._program(args, kwargs)
            return program.run([x._data if isinstance(x, Value) else x for x in leaves])[1].tape
        except Unfit as error:
            reason = str(error)
        raise TracingError(f"jit: {self._name} has no tape for these arguments: {reason}")

    def source(self, backend: str, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return the code for the path that these arguments take, in Python, C or JavaScript.

        >>> print(jit(lambda x: x * x + 1.0).source("python", 3.0))
        def kernel(v0):
            v2 = ((v0 * v0) + 1.0)
            return (v2, )
        <BLANKLINE>
        """
        return named("backend", backend, SOURCES)(self.tape(*args, **kwargs))

    def paths(self) -> Paths:
        """Return the paths that were traced, which `print` shows as a tree of their guards."""
        return Paths(self._name, [Branch.of(p) for each in self._every() for p in each.paths()])

    def stats(self) -> Stats:
        """Return how often it was called and compiled, and what that took."""
        programs = self._every()
        paths = [path for each in programs for path in each.paths()]
        return Stats(
            len(programs), len(paths), sum(path.tape.size for path in paths),
            sum(each.seconds for each in programs), sum(path.seconds for path in paths),
            self._calls, self._fallbacks,
        )  # fmt: skip

    def _every(self) -> list[Program]:
        return list(self._programs.values())

    # --- as a function --------------------------------------------------------------------------

    @overload
    def __get__(self, instance: None, owner: Any = None) -> Jitted[P, R]: ...
    @overload
    def __get__(
        self: Jitted[Concatenate[S, Q], R], instance: S, owner: Any = None
    ) -> Callable[Q, R]: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Return the function as a method of an object."""
        return self if instance is None else functools.partial(self, instance)

    def __repr__(self) -> str:
        return f"<jitted {self._name}>"

    def __reduce__(self) -> Any:
        module, qualname = sys.modules.get(self.__module__), getattr(self, "__qualname__", "")
        try:  # a decorated function is found by its name, as functions are
            if operator.attrgetter(qualname)(module) is self:
                return qualname
        except AttributeError:
            pass
        return Jitted, (self.function, *self._options.values())


def _never(args: Any, kwargs: Any) -> None:
    """Answer no call."""


_KINDS = {"a generator": inspect.isgeneratorfunction, "a coroutine": inspect.iscoroutinefunction,
          "an asynchronous generator": inspect.isasyncgenfunction}  # fmt: skip


def _check_function(f: Any) -> None:
    if not callable(f):
        raise TypeError(
            f"jit expects a function, got {type(f).__name__}: {f!r:.60}; options go by name, "
            "as in jit(f, max_paths=8)"
        )
    for kind, is_one in _KINDS.items():
        if is_one(f) or is_one(getattr(f, "__call__", f)):  # noqa: B004  the method of an object
            raise TypeError(
                f"jit expects a function that returns its result, got {kind}: {f!r:.60}; return "
                "a list of the numbers"
            )


def _positional(f: Callable[..., Any]) -> list[str]:
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # some builtins have none to look at
        return []
    return [x.name for x in parameters if x.kind in (x.POSITIONAL_ONLY, x.POSITIONAL_OR_KEYWORD)]


def _with_counterparts(static: Sequence[int | str], names: list[str]) -> frozenset[int | str]:
    """Return arguments by place and by name, whichever they are said by."""
    chosen = set(static)
    for i, name in enumerate(names):
        if not chosen.isdisjoint({i, i - len(names), name}):
            chosen |= {i, name}
    return frozenset(chosen)


@overload
def jit(
    f: Gradient, *, max_paths: int = 64, backend: str = "auto", on: Any = None,
    static_argnums: int | Sequence[int] = (), static_argnames: str | Sequence[str] = (),
) -> Jitted[..., Any]: ...  # fmt: skip
@overload
def jit(
    f: ValueAndGradient, *, max_paths: int = 64, backend: str = "auto", on: Any = None,
    static_argnums: int | Sequence[int] = (), static_argnames: str | Sequence[str] = (),
) -> Jitted[..., tuple[Any, Any]]: ...  # fmt: skip
@overload
def jit(
    f: Callable[P, R], *, max_paths: int = 64, backend: str = "auto", on: Any = None,
    static_argnums: int | Sequence[int] = (), static_argnames: str | Sequence[str] = (),
) -> Jitted[P, R]: ...  # fmt: skip
@overload
def jit(
    f: None = None, *, max_paths: int = 64, backend: str = "auto", on: Any = None,
    static_argnums: int | Sequence[int] = (), static_argnames: str | Sequence[str] = (),
) -> Callable[[Callable[P, R]], Jitted[P, R]]: ...  # fmt: skip
def jit(
    f: Any = None, *, max_paths: int = 64, backend: str = "auto", on: Any = None,
    static_argnums: int | Sequence[int] = (), static_argnames: str | Sequence[str] = (),
) -> Any:  # fmt: skip
    """Return the function, traced once and replayed without any objects.

    `@jit` decorates, `@jit(max_paths=8)`, too. An `if` is kept: each path through a function's
    branches is traced when it is first taken, up to `max_paths` of them. Arguments that are no
    numbers but counts or indices are named by `static_argnums` or `static_argnames`; for each of
    their values the function is traced anew.

    What `vmap` maps over runs on NumPy arrays; with `on=jax.numpy`, `on=torch` or `on=cupy` on
    arrays of that library, on its devices and with its precision.

    Raises TypeError where `f` is no function, or a generator or coroutine.

    >>> f = jit(lambda x: x * x if x > 0 else -x)
    >>> f(3.0), f(-2.0)
    (9.0, 2.0)
    >>> len(f.paths())
    2
    """
    numbers = [static_argnums] if isinstance(static_argnums, int) else [*static_argnums]
    names = [static_argnames] if isinstance(static_argnames, str) else [*static_argnames]
    make = functools.partial(
        Jitted, max_paths=max_paths, backend=backend, static=[*numbers, *names], on=on
    )
    return make if f is None else make(f)
