"""Nested structures of numbers, taken apart and put together again."""

from __future__ import annotations

import dataclasses
import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from traceback import walk_tb
from typing import Any
from weakref import WeakKeyDictionary, ref

from .. import modes
from .._support.validation import as_float
from ..errors import ShapeError
from ..value import Value

Rebuild = Callable[[Iterator[Any], bool], Any]
_DEEP = 50  # calls


class Structure:
    """How numbers were nested: rebuilds the same nesting around as many others.

    `paths` says where each number was; `parameters` which of them were a Module's. `key` is equal
    for what is nested alike.

    >>> numbers, structure = flatten({"w": [1.0, 2.0], "b": 3.0})
    >>> numbers, structure.paths
    ([1.0, 2.0, 3.0], ["['w'][0]", "['w'][1]", "['b']"])
    >>> structure.rebuild([10, 20, 30])
    {'w': [10, 20], 'b': 30}
    """

    def __init__(self, static: bool = False) -> None:
        self.static = static  # whether strings, bools and None may stand among the numbers
        self.key: list[Any] = []
        self.numbers: list[Any] = []
        self.paths: list[str] = []
        self.parameters: list[bool] = []
        self._rebuild: Rebuild = _one

    def rebuild(self, numbers: Iterable[Any], keep_modules: bool = False) -> Any:
        """Nest `numbers` as the flattened ones were.

        A Module comes out as the dict of its named parameters; with `keep_modules` as itself.
        A dataclass is then made by its `__init__`, which else is passed by: what holds of its
        numbers need not hold of their derivatives.
        """
        return self._rebuild(iter(numbers), keep_modules)

    def fit(self, nested: Any, what: str) -> list[Any]:
        """List the numbers of a structure that is to be nested as this one, in this one's order.

        Lists, tuples and arrays fit each other. Raises ShapeError, naming the place, where a number
        is missing or has no counterpart.
        """
        numbers, other = flatten(nested, what)
        by_path = dict(zip(other.paths, numbers, strict=True))
        for path in self.paths:
            if path not in by_path:
                raise ShapeError(
                    f"{what}: expected {len(self.paths)} numbers nested as what they belong to, "
                    f"got {len(numbers)} and none at {path or 'the top'}"
                )
        if len(by_path) != len(self.paths):
            extra = next(path for path in other.paths if path not in self.paths)
            raise ShapeError(
                f"{what}: expected {len(self.paths)} numbers nested as what they belong to, "
                f"got {len(numbers)}, one at {extra or 'the top'} too many"
            )
        return [by_path[path] for path in self.paths]

    def _flatten(self, x: Any, path: str, what: str, parameter: bool = False) -> Rebuild:
        if x.__class__ is float or isinstance(x, Value):
            return self._add(x, path, parameter)
        if self.static and (rebuild := self._of_trace(x, path)):
            return rebuild
        if hasattr(x, "_select"):  # a condition in a trace
            return self._add(x._select(1.0, 0.0), path, parameter)
        x = x._numbers() if hasattr(x, "_numbers") else x  # of an array in a trace
        if isinstance(x, Mapping):
            self.key.append((type(x), *x))
            parts = {
                key: self._flatten(part, f"{path}[{key!r}]", what, parameter)
                for key, part in x.items()
            }
            return lambda rest, keep: {key: part(rest, keep) for key, part in parts.items()}
        if isinstance(x, list | tuple):
            self.key.append((type(x), len(x)))
            return _sequence(
                x, [self._flatten(p, f"{path}[{i}]", what, parameter) for i, p in enumerate(x)]
            )
        if hasattr(x, "named_parameters"):
            held = contents(x, what)
            self.key.append(held)
            self.numbers += held.numbers
            self.paths += held.paths(path)
            self.parameters += [True] * len(held.numbers)
            return held.rebuild
        if dataclasses.is_dataclass(x) and not isinstance(x, type):
            fields = {field.name: getattr(x, field.name, None) for field in dataclasses.fields(x)}
            parts = {
                name: self._flatten(part, f"{path}.{name}", what, parameter)
                for name, part in fields.items()
                if not (part is None or isinstance(part, str | bool))
            }
            self.key.append((type(x), *[fields[name] for name in fields if name not in parts]))
            return _dataclass(x, fields, parts)
        if is_array(x):
            numpy = sys.modules["numpy"]
            if x.__class__ not in (numpy.ndarray, numpy.memmap):  # a matrix, a masked array ...
                raise TypeError(
                    f"{what}{path} should be a plain array, got {type(x).__name__}; pass "
                    "numpy.asarray() of it"
                )
            if x.ndim == 0:
                return self._flatten(x.item(), path, what, parameter)
            self.key.append(x.shape)
            return _array(
                x, [self._flatten(p, f"{path}[{i}]", what, parameter) for i, p in enumerate(x)]
            )
        try:
            return self._add(as_float(x), path, parameter)
        except TypeError:
            several = isinstance(x, Iterable) and not isinstance(x, str | bytes)
            raise TypeError(
                f"{what}{path} should be numbers, or lists, tuples, dicts, arrays, dataclasses or "
                f"Modules of them, got {type(x).__name__}: {x!r:.60}"
                + ("; make a list of it" if several else "")
            ) from None

    def _of_trace(self, x: Any, path: str) -> Rebuild | None:
        """Take in what counts as one for a trace: settings, arrays, the results of lanes."""
        x = bool(x) if hasattr(x, "_select") else x  # of a condition: its outcome on this path
        if x is None or isinstance(x, bool | str):
            self.key.append(x)
            return lambda rest, keep: x
        if hasattr(
            x.__class__, "named_parameters"
        ):  # its Values are read where they are, as others outside
            self.key.append(contents(x))
            return lambda rest, keep: x
        if hasattr(x.__class__, "_of_lanes") and (arrays := x._of_lanes()):
            lanes, together = arrays
            self.key.append(x.shape)
            parts = [self._flatten(lane, f"{path}[:, {i}]", "") for i, lane in enumerate(lanes)]
            return lambda rest, keep: together([part(rest, keep) for part in parts])
        if hasattr(x, "_reduced") or (_is_plain(x) and modes.recorder() is None):
            self.key.append(getattr(x, "_returned", None) or x.shape)
            return self._add(x, path, parameter=False)
        return None

    def _add(self, number: Any, path: str, parameter: bool) -> Rebuild:
        self.key.append(float)  # where it stands among what is nested
        self.numbers.append(number)
        self.paths.append(path)
        self.parameters.append(parameter)
        return _one


def flatten(
    nested: Any, what: str = "an argument", static: bool = False
) -> tuple[list[Any], Structure]:
    """List the numbers in a nested structure, and tell how they were nested.

    Lists, tuples (named ones too), dicts, NumPy arrays, dataclasses and Modules may nest. A Module
    counts as the dict of its named parameters. The fields of a dataclass are numbers, but for those
    that hold a string, a bool or None: these are settings, and stay what they are, with `static`
    everywhere. Raises TypeError where anything else is met; `what` names the structure in the
    message.
    """
    if nested.__class__ is float or nested.__class__ is Value:
        return [nested], NUMBER
    structure = Structure(static)
    try:
        structure._rebuild = structure._flatten(nested, "", what)
    except RecursionError as error:
        if sum(1 for _ in walk_tb(error.__traceback__)) < _DEEP:  # the caller had no room left
            raise
        raise TypeError(
            f"{what} is nested too deep, or contains itself; pass a flat list of its numbers"
        ) from None
    return structure.numbers, structure


def _one(rest: Iterator[Any], keep_modules: bool) -> Any:
    return next(rest)


NUMBER = Structure()  # that of a number alone
NUMBER.paths, NUMBER.parameters = [""], [False]


def _sequence(x: Any, parts: list[Rebuild]) -> Rebuild:
    if isinstance(x, list):
        return lambda rest, keep: [part(rest, keep) for part in parts]
    make = getattr(type(x), "_make", tuple)  # a named tuple has _make
    return lambda rest, keep: make([part(rest, keep) for part in parts])


class Contents:
    """What a Module holds: equal where it is the same Module with the same parameters.

    To look whether all its attributes, lists and dicts are as they were takes a twentieth of the
    time of going through them.
    """

    def __init__(self, module: Any, what: str) -> None:
        self.module = ref(module)
        self.containers = [*_containers(module)]
        self.mappings = [isinstance(x, Mapping) for x in self.containers]
        self.lengths, self.held = self._look()
        if any(x is module for x in self.held):  # remembering it would keep it alive
            self.containers = self.held = []
        named = dict(module.named_parameters())
        self.numbers, self.structure = flatten(named, what)
        inside = module.named_modules() if hasattr(module, "named_modules") else ()
        training = [x.training for _, x in inside]
        self.key = (self.module, *training, *map(id, named.values()), *self.structure.key)
        self._hash = hash(self.key)
        self._paths: dict[str, list[str]] = {}

    def _look(self) -> tuple[list[int], list[Any]]:
        held: list[Any] = []
        for x, is_mapping in zip(self.containers, self.mappings, strict=False):
            held += x
            if is_mapping:
                held += x.values()
        return [*map(len, self.containers)], held

    @property
    def is_current(self) -> bool:
        """Whether the Module holds the same as it did, and is known to hold nothing else."""
        lengths, held = self._look()
        same = lengths == self.lengths and all(map(operator.is_, held, self.held))
        return same and bool(self.containers)

    def paths(self, path: str) -> list[str]:
        """List where the parameters of a Module are that is at a path."""
        if path not in self._paths:
            self._paths[path] = [path + rest for rest in self.structure.paths]
        return self._paths[path]

    def rebuild(self, rest: Iterator[Any], keep_modules: bool) -> Any:
        """Return the parameters' dict with other numbers, or the Module as it is."""
        numbers = [next(rest) for _ in self.numbers]
        return self.module() if keep_modules else self.structure.rebuild(numbers)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Contents) and self.key == other.key


_known: WeakKeyDictionary[Any, Contents] = WeakKeyDictionary()


def contents(module: Any, what: str = "a Module") -> Contents:
    """Return what a Module holds, as it was last time where that has not changed."""
    try:
        held = _known.get(module)
    except TypeError:  # it has no hash
        return Contents(module, what)
    if held is None or not held.is_current:
        _known[module] = held = Contents(module, what)
    return held


def _containers(module: Any) -> Iterable[Any]:
    """List what holds all parameters of a Module; nothing where its class says otherwise."""
    owner = next(kind for kind in type(module).__mro__ if "named_parameters" in vars(kind))
    return module._containers() if "_containers" in vars(owner) else ()


def _dataclass(x: Any, fields: dict[str, Any], parts: dict[str, Rebuild]) -> Rebuild:
    kept = {field.name for field in dataclasses.fields(x) if field.init}

    def rebuild(rest: Iterator[Any], keep_modules: bool) -> Any:
        numbers = {name: part(rest, keep_modules) for name, part in parts.items()}
        if keep_modules:  # fields that __init__ works out from the others follow their Values
            before = {name: fields[name] for name in parts}
            return _remade(x, before, {k: v for k, v in numbers.items() if k in kept})
        return with_fields(x, {**fields, **numbers})

    return rebuild


def with_fields(x: Any, fields: dict[str, Any]) -> Any:
    """Make a dataclass like `x` that has these fields, its `__init__` passed by."""
    made = object.__new__(type(x))
    for name, value in fields.items():
        object.__setattr__(made, name, value)  # as a frozen one sets itself
    return made


def _remade(x: Any, fields: dict[str, Any], numbers: dict[str, Any]) -> Any:
    """Make a dataclass like `x` by its __init__; raise TypeError where that gives other numbers."""
    name = type(x).__name__
    try:
        made = dataclasses.replace(x, **numbers)
    except (TypeError, ValueError) as error:  # such as: an InitVar is not kept, nor passed again
        raise TypeError(f"{name} cannot be made anew: {error}; pass a dict of its fields") from None
    for field, before in fields.items():
        old, new = _written(before), _written(getattr(made, field))
        if old != new:
            raise TypeError(
                f"{name} made anew from its fields has another {field!r}, {new:.40} and not "
                f"{old:.40}, as it was set later or __post_init__ changes it; pass a dict of its "
                "fields"
            )
    return made


def _written(nested: Any) -> str:
    """Write numbers to the last digit: unlike them, nan as it is written is equal to itself."""
    numbers = flatten(nested)[0]
    return ", ".join([repr(x._data if isinstance(x, Value) else float(x)) for x in numbers])


def is_array(x: Any) -> bool:
    """Tell whether something is a NumPy array, without importing NumPy."""
    numpy = sys.modules.get("numpy")  # nobody has an array who has not imported it
    return numpy is not None and isinstance(x, numpy.ndarray)


def _is_plain(x: Any) -> bool:
    """Tell whether this is a plain array of real numbers, NumPy's or another library's."""
    if is_array(x):
        plain = x.__class__ is sys.modules["numpy"].ndarray
        return plain and x.ndim > 0 and x.dtype.kind in "fiub"
    return all(hasattr(x, name) for name in ("ndim", "dtype", "reshape", "tolist")) and x.ndim > 0


def _array(x: Any, parts: list[Rebuild]) -> Rebuild:
    numpy, shape = sys.modules["numpy"], x.shape

    def rebuild(rest: Iterator[Any], keep_modules: bool) -> Any:
        numbers = [part(rest, keep_modules) for part in parts]
        if numbers and hasattr(numbers[0].__class__, "_together"):  # lanes of a trace
            return numbers[0]._together(numbers)
        if numbers and isinstance(numbers[0], numpy.ndarray | list | tuple):
            with suppress(ValueError):  # rows of several lengths remain objects
                return numpy.array(numbers)
        plain = all(number.__class__ is float for number in numbers)
        array = numpy.empty(len(numbers), dtype=float if plain else object)
        array[:] = numbers
        return array.reshape(shape) if 0 in shape else array

    return rebuild
