"""What a caller may pass: whole numbers, numbers in a range, names there are; else one error.

`whole("epochs", n, at_least=1)` returns an int, `number("lr", x, above=0)` a float, `one_of` and
`named` a choice. What cannot be one of these is an error that says what was got and expected, and
which name could be meant.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, TypeVar

from ..errors import ShapeError
from .wording import count, did_you_mean, shortened

Seed = int | random.Random | None

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


def as_float(x: Any, of: str = "") -> float:
    """Convert a plain real number (NumPy scalars and 0-d arrays too) to a float.

    Raises TypeError for anything else; a string is not a number, nor is an array of an object. `of`
    is said at the beginning of the message.

    >>> as_float(3)
    3.0
    """
    if x.__class__ is int or isinstance(x, Real):  # the first is much the quicker
        return float(x)
    kind = getattr(getattr(x, "dtype", None), "kind", "")
    # of an object, which may be a Value, it would lose the derivative; nor complex numbers, strings
    if getattr(x, "ndim", None) == 0 and hasattr(x, "__float__") and kind not in tuple("OcUS"):
        return float(x)
    complaint = f"expected a number, got {type(x).__name__}: {x!r:.60}{_remedy(x)}"
    raise TypeError(f"{of}: {complaint}" if of else complaint)


def is_sequence(x: Any) -> bool:
    """Tell whether this is a list, a tuple or an array with a length; a string is not.

    >>> is_sequence([1.0]), is_sequence(1.0)
    (True, False)
    """
    listed = isinstance(x, Sequence) and not isinstance(x, str)
    return listed or bool(getattr(x, "ndim", 0))


def as_whole(x: Any) -> int | None:
    """Return a whole number of any type as an int, and None for anything else, True among it.

    >>> as_whole(3), as_whole(3.0), as_whole(True)
    (3, None, None)
    """
    try:
        return None if isinstance(x, bool) else operator.index(x)
    except TypeError:
        return None


def whole(
    name: str, x: Any, *, at_least: int | None = None, at_most: int | None = None,
    error: type[Exception] = ValueError, saying: str = "",
) -> int:  # fmt: skip
    """Return a whole number of any type as an int; raise where it is none, or out of range.

    `saying` is said in place of the first part of the message.

    >>> whole("epochs", 0, at_least=1)
    Traceback (most recent call last):
    ValueError: epochs is a whole number, 1 or more, got 0
    >>> whole("n", 1, at_least=2, error=TypeError, saying="moons expects 2 samples or more")
    Traceback (most recent call last):
    TypeError: moons expects 2 samples or more, got 1
    """
    n = as_whole(x)
    if n is not None and (at_least is None or n >= at_least) and (at_most is None or n <= at_most):
        return n
    if at_most is not None:
        bounds = f" from {at_least} to {at_most}"
    else:
        bounds = "" if at_least is None else f", {at_least} or more"
    raise error(f"{saying or f'{name} is a whole number{bounds}'}, got {x!r:.60}")


def number(
    name: str, x: Any, *, above: float = -math.inf, at_least: float = -math.inf,
    below: float = math.inf, at_most: float = math.inf,
    error: type[Exception] = ValueError, saying: str = "", hint: str = "",
) -> float:  # fmt: skip
    """Return a finite number as a float; raise where it is out of range.

    `saying` is said in place of the first part of the message, `hint` at its end. What is not a
    number, such as True, raises TypeError.

    >>> number("momentum", 1, at_least=0, below=1, hint="; try 0.9")
    Traceback (most recent call last):
    ValueError: momentum is a number in [0, 1), got 1; try 0.9
    """
    try:
        value = None if isinstance(x, bool) else as_float(x)
    except TypeError:
        value = None
    if value is None:
        error = TypeError
    elif above < value < below and at_least <= value <= at_most:
        return value
    words = saying or f"{name} is {_range(above, at_least, below, at_most)}"
    raise error(f"{words}, got {x!r:.60}{hint}")


def check_size(size: Any, of: str) -> None:
    """Raise ShapeError where a size is not a whole number of 1 or more.

    >>> check_size(3, "inputs")
    """
    saying = f"expected a whole number of {of}, 1 or more"
    whole("", size, at_least=1, error=ShapeError, saying=saying)


def check_length(inputs: Any, expected: int, kind: str, arguments: str = "{}") -> None:
    """Raise ShapeError where the inputs are not as many as a module was built for.

    `arguments` says how to build one for `{}` inputs. Raises TypeError for what has no length.

    >>> check_length([1.0, 2.0], 2, "Neuron")
    """
    numbers = count(expected, "number")
    if not hasattr(inputs, "__len__"):
        raise TypeError(f"{kind} expects a list of {numbers}, got {inputs!r:.60}")
    n = len(inputs)
    if n and is_sequence(next(iter(inputs))):
        remedy = "write [model(row) for row in rows]"
        raise ShapeError(f"{kind} expects {numbers}, got {n} rows of them; {remedy}")
    if n != expected:
        remedy = f"build it with {kind}({arguments.format(n)}) or pass {numbers}"
        raise ShapeError(f"{kind} expects {count(expected, 'input')}, got {n}; {remedy}")


def one_of(
    name: str, x: Any, choices: Iterable[str], *, error: type[Exception] = ValueError
) -> str:
    """Return the string that is one of the choices; else raise an error.

    >>> one_of("mode", "revers", ["forward", "reverse"])
    Traceback (most recent call last):
    ValueError: mode is one of forward, reverse, got 'revers'; did you mean 'reverse'?
    """
    names = list(map(str, choices))
    if x not in names:
        complaint = f"{name} is one of {', '.join(names)}, got {x!r:.60}"
        raise unknown(error, complaint, str(x), names, rest="")
    return str(x)


def named(kind: str, name: Any, table: Mapping[str, T]) -> T:
    """Return what has a name in a table.

    Raises ValueError where nothing has it, TypeError where it is no string.

    >>> named("loss", "mes", {"mse": 1, "mae": 2})
    Traceback (most recent call last):
    ValueError: no loss is named 'mes'; did you mean 'mse' or 'mae'?
    """
    if not isinstance(name, str):
        article = "an" if kind[0] in "aeiou" else "a"
        remedy = f"try {next(iter(table))!r}"
        raise TypeError(f"{article} {kind}'s name is a text, got {name!r:.60}; {remedy}")
    if name not in table:
        raise unknown(ValueError, f"no {kind} is named {shortened(name)}", name, table)
    return table[name]


def unknown(
    error: type[E], complaint: str, word: str, choices: Iterable[str], rest: str | None = None
) -> E:
    """Return the error for a word that is none of the choices: a complaint, then what is meant.

    Where no choice is close to the word `rest` is said, by default a list of them all.

    >>> unknown(KeyError, "no column 'los' was recorded", "los", ["epoch", "loss"])
    KeyError("no column 'los' was recorded; did you mean 'loss'?")
    """
    choices = list(choices)
    listed = f"; there are {', '.join(choices)}" if rest is None else rest
    return error(complaint + (did_you_mean(word, choices) or listed))


def random_source(seed: Any) -> Any:
    """Return a source of random numbers: of a seed, the one given, or Python's own for None.

    Raises TypeError for what is neither a whole number nor a source such as random.Random.

    >>> random_source(1).random() == random.Random(1).random()
    True
    """
    if seed is None:
        return random.random.__self__  # type: ignore[attr-defined]  # the module's hidden instance
    if hasattr(seed, "uniform"):
        return seed
    words = "a seed is a whole number or a random.Random"
    return random.Random(whole("seed", seed, error=TypeError, saying=words))  # noqa: S311


def _range(above: float, at_least: float, below: float, at_most: float) -> str:
    low, high = max(above, at_least), min(below, at_most)
    if high < math.inf:
        return f"a number in {'(['[at_least == low]}{low:g}, {high:g}{')]'[at_most == high]}"
    if low > -math.inf:
        return f"a number {'>=' if at_least == low else '>'} {low:g}"
    return "a finite number"


def _remedy(x: Any) -> str:
    if isinstance(x, str):
        return f"; write float({x!r:.60})"
    if x is None:
        return "; a function without return gives None"
    if getattr(x, "ndim", None) == 0:
        return "; write its .item()"
    return "; make one call for each number, or each row of them" if hasattr(x, "__len__") else ""
