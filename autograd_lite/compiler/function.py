"""jit: a function, traced once and replayed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

from .. import modes
from ..transforms.pytree import Structure, flatten
from ..value import Value
from . import array_source, python_source
from .program import Program, Unfit
from .tape import Input, Tape

P = ParamSpec("P")
R = TypeVar("R")


class Jitted(Generic[P, R]):
    """A function that is traced where it is first called, and replayed afterwards."""

    def __init__(self, f: Callable[P, R], max_paths: int = 64) -> None:
        functools.update_wrapper(self, f)
        self.function, self.max_paths = f, max_paths
        self._programs: dict[Any, Program] = {}

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what the function does."""
        if modes.active and (modes.recorder() is not None or modes.current().watch is not None):
            return self.function(*args, **kwargs)
        try:
            numbers, _, program = self._program(args, kwargs)
            if any(isinstance(x, Value) for x in numbers):
                results, path = program.on_values(numbers)
            else:
                results, path = program.run(numbers)
        except (Unfit, ArithmeticError, ValueError):
            return self.function(*args, **kwargs)
        return path.aux.rebuild(results)  # type: ignore[no-any-return]

    def _program(self, args: Any, kwargs: Any) -> tuple[list[Any], Structure, Program]:
        numbers, structure = flatten((args, kwargs), "jit", static=True)
        key = tuple(structure.key)
        program = self._programs.get(key)
        if program is None:
            inputs = [Input(name) for name in _names(self.function, structure.paths)]

            def traced(values: list[Value]) -> tuple[list[Any], Any]:
                a, k = structure.rebuild(values, keep_modules=True)
                result = self.function(*a, **k)
                if result is None:
                    raise TypeError("jit: the function returned None; did it forget to return?")
                outputs, output_structure = flatten(result, "jit: what it returned", static=True)
                return outputs, output_structure

            program = Program(traced, inputs, _compiled, self.max_paths)
            self._programs[key] = program
        return numbers, structure, program

    def tape(self, *args: P.args, **kwargs: P.kwargs) -> Tape:
        """Return the tape of the path that these arguments take."""
        numbers, _, program = self._program(args, kwargs)
        return program.run([x._data if isinstance(x, Value) else x for x in numbers])[1].tape


def _compiled(tape: Tape) -> Any:
    backend = array_source if any(tape.lanes()) else python_source
    return backend.compiled(tape)


def _names(f: Callable[..., Any], paths: list[str]) -> list[str]:
    """Name numbers by the parameters that they belong to: `x`, `p['a'][0]`."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # some builtins have none to look at
        parameters = {}.values()
    positional = [
        x.name for x in parameters if x.kind in (x.POSITIONAL_ONLY, x.POSITIONAL_OR_KEYWORD)
    ]
    names = []
    for path in paths:
        which, rest = path[4:].split("]", 1)
        if path.startswith("[0]"):
            i = int(which)
            name = positional[i] if i < len(positional) else f"arg{i}"
        else:
            name = which.strip("'")
        names.append(name + rest)
    return names


def jit(f: Callable[P, R], *, max_paths: int = 64) -> Jitted[P, R]:
    """Return the function, traced once and replayed."""
    return Jitted(f, max_paths)
