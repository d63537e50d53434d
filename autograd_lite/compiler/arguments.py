"""A call as one function: arguments are taken apart, computed with, and the result is nested again.

Taking a list of 20 numbers apart in general takes five times as long as computing with them. So a
function is written for the very nesting that a path is called with, and for plain floats. For
`f([x, y])` it begins and ends

    def kernel(args, kwargs):
        if len(args) != 1 or kwargs: return None
        a0, = args
        if a0.__class__ is not list or len(a0) != 2: return None
        v0, v1, = a0
        if not (v0.__class__ is v1.__class__ is float): return None
        ...
        return (v5, [v6, v7])

It returns None where the arguments are nested in another way or hold other numbers, and the number
of a guard that does not hold.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ..transforms.pytree import contents
from . import python_source, stand_ins
from .closures import Surroundings
from .program import Path
from .tape import Operand


class Unwritable(Exception):  # noqa: N818  no error: it says that the general way is to be gone
    """Raised where arguments or results are nested in a way that no source is written for."""


class _Name(str):
    """A number of a result, by what it is called in the source."""


def direct(
    path: Path,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    static: Collection[Any],
    around: Surroundings,
) -> Callable[..., Any]:
    """Return the function of `args` and `kwargs` that does what a path does, nested as these are.

    Arguments in `static`, by their places and names, are no numbers, and are to be equal. Raises
    Unwritable where there is none.
    """
    if path.sources:
        raise Unwritable
    source = python_source.Source(path.tape)
    call = _Call(source.names, "x" if path.loads else "v")
    lines = [*call.taken(args, kwargs, static), *call.checked()]
    if key := around.key():
        lines.append(f"if {call.constant(around.key)}() != {call.constant(key)}: return None")
    lines += _inputs(path, call)
    short = len(path.tape.instructions) <= python_source.WHOLE
    inline = short and not (path.lanes or any(path.tape.lanes()))
    if inline:
        results = [*map(_Name, python_source.named(path.tape.outputs))]
        text = source.single("args, kwargs", lines, call.nested(path.aux, results))
        return python_source.compiled_text(text, source.names)
    source.names["run"] = path.kernel
    given = ", ".join(f"v{i}" for i in range(len(path.tape.inputs)))
    lines += [f"r = run({given})", "if r.__class__ is int: return r"]
    results = [_Name(f"r[{i}]") for i in range(len(path.tape.outputs))]
    for i, shape in enumerate(path.lanes):
        if shape is not None:
            results[i] = _Name(f"{call.constant(shape)}.nested({results[i]})")
    lines.append(f"return {call.nested(path.aux, results)}")
    text = "\n".join(["def kernel(args, kwargs):", *[f"    {line}" for line in lines], ""])
    return python_source.compiled_text(text, source.names)


def _inputs(path: Path, call: _Call) -> Iterator[str]:
    """Write where the inputs of a tape come from: arguments, elements of arrays, other Values."""
    loads = [x if isinstance(x, partial) else partial(x) for x in path.loads or ()]
    if loads:
        yield f"leaves = ({''.join(f'{x}, ' for x in call.leaves)})"
    for array in dict.fromkeys(load.args[0] for load in loads if load.func is stand_ins.element):
        yield f"{call.leaves[array]}s = {call.leaves[array]}.ravel().tolist()"
    for i, load in enumerate(loads):
        if load.func is stand_ins.leaf:
            yield f"v{i} = {call.leaves[load.args[0]]}"
        elif load.func is stand_ins.element:
            yield f"v{i} = {call.leaves[load.args[0]]}s[{load.args[1]}]"
        else:
            yield f"v{i} = {call.constant(load)}(leaves)"
    first = len(path.tape.inputs) - len(path.outside)
    for i, x in enumerate(path.outside, first):
        yield f"v{i} = {call.constant(x)}._data"


class _Call:
    """Writes how arguments are taken apart, and results nested."""

    def __init__(self, names: dict[str, Any], prefix: str) -> None:
        self.names, self.prefix = names, prefix
        self.leaves: list[str] = []  # numbers and arrays, in the order of flattening
        self.arrays: list[str] = []
        self.count = 0

    def constant(self, x: Any) -> str:
        """Return the name of something that the source refers to."""
        name = f"k{len(self.names)}"
        self.names[name] = x
        return name

    def taken(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], static: Collection[Any]
    ) -> Iterator[str]:
        """Write the lines that give each number a name."""
        named = f"[*kwargs] != {self.constant([*kwargs])}" if kwargs else "kwargs"
        yield f"if len(args) != {len(args)} or {named}: return None"
        yield from self._unpacked("args", args, [i in static for i in range(len(args))])
        yield from self._unpacked(
            "kwargs.values()", list(kwargs.values()), [k in static for k in kwargs]
        )

    def checked(self) -> Iterator[str]:
        """Write that all numbers are plain floats."""
        floats = [x for x in self.leaves if x not in set(self.arrays)]
        if floats:
            chain = " is ".join(f"{x}.__class__" for x in floats)
            yield f"if not ({chain} is float): return None"

    def _unpacked(self, source: str, parts: Sequence[Any], fixed: Sequence[bool]) -> list[str]:
        names, lines = [], []
        for x, is_fixed in zip(parts, fixed, strict=True):
            if x.__class__ is float and not is_fixed:
                self.leaves.append(f"{self.prefix}{len(self.leaves)}")
                names.append(self.leaves[-1])
                continue
            names.append(f"a{self.count}")
            self.count += 1
            lines += self._equal(names[-1], x) if is_fixed else self._taken(names[-1], x)
        return [f"{''.join(f'{name}, ' for name in names)}= {source}"] * bool(names) + lines

    def _equal(self, name: str, x: Any) -> list[str]:
        if x is None or x is True or x is False:
            return [f"if {name} is not {x}: return None"]
        kind = self.constant(x.__class__)
        equal = f"{name}.__class__ is {kind} and {name} == {self.constant(x)}"
        return [f"if not ({equal}): return None"]

    def _taken(self, name: str, x: Any) -> list[str]:
        """Write how one argument, or a part of it, is taken apart."""
        if x is None or x.__class__ in (bool, str):
            return self._equal(name, x)
        if x.__class__ in (list, tuple):
            check = f"if {name}.__class__ is not {x.__class__.__name__} or len({name}) != {len(x)}"
            return [f"{check}: return None", *self._unpacked(name, x, [False] * len(x))]
        if x.__class__ is dict:
            keys = self.constant([*x])
            check = f"if {name}.__class__ is not dict or [*{name}] != {keys}: return None"
            return [check, *self._unpacked(f"{name}.values()", [*x.values()], [False] * len(x))]
        if hasattr(x, "named_parameters") and contents(x).is_current:
            held = self.constant(contents(x))
            return [f"if {name} is not {held}.module() or not {held}.is_current: return None"]
        numpy = sys.modules.get("numpy")
        if numpy is None or x.__class__ is not numpy.ndarray or x.dtype != float or not x.ndim:
            raise Unwritable
        self.names["ndarray"] = numpy.ndarray
        lines = [
            f"if {name}.__class__ is not ndarray or {name}.shape != {x.shape}: return None",
            f"if {name}.dtype is not {self.constant(x.dtype)}: return None",
        ]
        self.leaves.append(name)
        self.arrays.append(name)
        return lines

    def nested(self, structure: Any, results: Sequence[Operand]) -> str:
        """Write an expression that nests results as a structure says."""
        try:
            return self._written(structure.rebuild(results))
        except Unwritable:
            rebuild = self.constant(structure.rebuild)
            return f"{rebuild}(({''.join(f'{x}, ' for x in results)}))"

    def _written(self, x: Any) -> str:
        if x.__class__ is _Name:
            return str(x)
        if x is None or x.__class__ in (bool, str):
            return repr(x)
        if x.__class__ is list:
            return f"[{', '.join(map(self._written, x))}]"
        if x.__class__ is tuple:
            return f"({''.join(f'{self._written(part)}, ' for part in x)})"
        if x.__class__ is dict:
            pairs = [f"{self.constant(key)}: {self._written(part)}" for key, part in x.items()]
            return f"{{{', '.join(pairs)}}}"
        if hasattr(x, "ndim") and x.ndim == 1 and x.size:
            self.names["array"] = sys.modules["numpy"].array
            return f"array({self._written(x.tolist())})"
        raise Unwritable
