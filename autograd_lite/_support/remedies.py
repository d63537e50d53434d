"""What to write instead: attributes and arguments of other libraries, calls that do not fit.

A call that does not fit its function's parameters is an error of Python's own kind, which ends with
the argument that was meant, or with the example in the function's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from typing import Any, NoReturn, TypeVar, cast

from .wording import did_you_mean

F = TypeVar("F", bound=Callable[..., Any])

ARGUMENTS = {
    "retain_graph": "leave it out, a graph is kept for as long as its result is",
    "requires_grad": "leave it out, every Value collects a gradient",
    "inputs": "gradients(loss, [a, b]) is for some of them",
    "dtype": "leave it out, numbers are Python's floats",
    "device": "leave it out, numbers are Python's floats",
}


class Foreign:
    """An attribute that other libraries have: whoever looks it up is told what to write here.

    Not `__getattr__`, which would make every attribute that there is slower to look up.
    """

    def __init__(self, name: str, remedy: str) -> None:
        self.name, self.remedy, self.__doc__ = name, remedy, f"Not here: {remedy}."

    def __get__(self, x: Any, kind: type) -> NoReturn:
        raise AttributeError(
            f"{kind.__name__!r} object has no attribute {self.name!r}; {self.remedy}",
            name=self.name, obj=x,
        )  # fmt: skip


class ForeignSlot(Foreign):
    """Such an attribute of a class without room for others: it cannot be assigned either."""

    def __set__(self, x: Any, value: Any) -> NoReturn:
        self.__get__(x, type(x))


def add_foreign(kind: type, attributes: Mapping[str, str]) -> None:
    """Give a class the attributes that it does not have: words, and what to write instead.

    >>> class Point: pass
    >>> add_foreign(Point, {"width height": "a point has no size"})
    >>> Point().height
    Traceback (most recent call last):
    AttributeError: 'Point' object has no attribute 'height'; a point has no size
    >>> hasattr(Point(), "height")
    False
    """
    make = ForeignSlot if "__slots__" in vars(kind) else Foreign
    for names, remedy in attributes.items():
        for name in names.split():
            setattr(kind, name, make(name, remedy))


def helpful(function: F) -> F:
    """Make a call that does not fit say how to write it; of a class, one that makes an instance.

    >>> @helpful
    ... def area(width: float, height: float = 1.0) -> float:
    ...     '''>>> area(2.0, height=3.0)'''
    ...     return width * height
    >>> area(2.0, heigth=3.0)
    Traceback (most recent call last):
    TypeError: area() has no argument 'heigth'; did you mean 'height'?
    >>> area()
    Traceback (most recent call last):
    TypeError: area() missing 1 required positional argument: 'width'; an example is \
area(2.0, height=3.0)
    """
    described: Any = function
    call = described.__init__ if isinstance(function, type) else described

    @wraps(call)
    def helped(*arguments: Any, **options: Any) -> Any:
        try:
            return call(*arguments, **options)
        except TypeError as error:
            misfit = _misfit(error, call, described, arguments, options)
            if not misfit:
                raise
        raise TypeError(misfit)

    if call is described:
        return cast(F, helped)
    described.__init__ = helped
    return function


def _misfit(
    error: TypeError, call: Any, described: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> str:
    """Say what keeps arguments from fitting a call, or return "" where the error is another."""
    names, name = signature(call).parameters, described.__name__
    try:
        signature(call).bind(*arguments, **options)
    except TypeError:
        unknown = [word for word in options if word not in names]
        if unknown:
            return f"{name}() {unknown_argument(unknown[0], names)}"
        complaint = re.sub(r"^.*?\(\)", f"{name}()", str(error))  # Value.backward() is backward()
        example = re.search(rf">>> (.*\b{name}\(.*)", described.__doc__ or "")
        return complaint + (f"; an example is {example[1]}" if example else "")
    return ""


def unknown_argument(word: str, names: Iterable[str]) -> str:
    """Say that there is no argument of a name, and what to write instead.

    >>> unknown_argument("learning_rate", ["parameters", "lr"])
    "has no argument 'learning_rate'; did you mean 'lr'?"
    """
    names = [name for name in names if name != "self"]
    hint = f"; {ARGUMENTS[word]}" if word in ARGUMENTS else did_you_mean(word, names)
    return f"has no argument {word!r}{hint or '; there are ' + ', '.join(names)}"
