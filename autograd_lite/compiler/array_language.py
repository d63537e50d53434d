"""How rows are written over arrays: NumPy's, or those of JAX, PyTorch or CuPy, which name alike."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable
from threading import Lock
from typing import Any

from ..errors import BackendError
from ..operation import BUILT_IN, Operation
from .writing import Language

TEMPLATES = {
    "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "div": "({0} / {1})",
    "quotient": "({0} / {1})", "floordiv": "({0} // {1})", "mod": "({0} % {1})",
    "neg": "(-{0})", "pos": "{0}", "abs": "abs({0})", "pow": "({0} ** {1})",
    "relu": "maximum({0}, 0.0)", "square": "({0} * {0})", "reciprocal": "(1.0 / {0})",
    "detach": "{0}", "broadcast": "{0}",
    "less": "({0} < {1})", "less_equal": "({0} <= {1})", "equal": "({0} == {1})",
    "both": "({0} & {1})", "either": "({0} | {1})", "negation": "(~{0})",
    "select": "where({0}, {1}, {2})", "convention": "{0}",
}  # fmt: skip
BOOLS = {"less", "less_equal", "equal", "both", "either", "negation"}
# What all of them call by these names, and rows of theirs under other ones.
SHARED = ["exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan",
          "sinh", "cosh", "tanh", "hypot", "sign", "copysign", "fmod", "maximum", "minimum",
          "floor", "ceil", "round", "trunc", "cbrt"]  # fmt: skip
RENAMED = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
           "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
           **{name: name for name in SHARED}}  # fmt: skip
SPECIAL = {"erf": "erf", "erfc": "erfc", "lgamma": "gammaln", "digamma": "digamma",
           "normal_cdf": "ndtr"}  # fmt: skip
SPECIAL_IN = {"numpy": "scipy.special", "jax": "jax.scipy.special", "torch": "torch.special",
              "cupy": "cupyx.scipy.special"}  # fmt: skip
_POOLED = 16  # arrays


class ArrayLanguage(Language):
    """The language of a library of arrays, None for NumPy; `names` are those that it uses."""

    def __init__(self, library: Any, constant: Callable[[float], str]) -> None:
        super().__init__(TEMPLATES, constant, self._called)
        self.numpy = library is None
        self.library = importlib.import_module("numpy") if library is None else library
        self.names: dict[str, Any] = {
            "np": self.library, "abs": abs,
            "where": self.library.where if self.numpy else self._where,
            "stack": self.library.array if self.numpy else self.library.stack,
            "maximum": self._function("maximum"),
        }  # fmt: skip

    def knows(self, op: Operation) -> bool:
        """Tell whether a row is written as it is: one of the library's, or one without formula."""
        return op.formula is None or op.name in TEMPLATES or self._function(op.name) is not None

    def _called(self, op: Operation) -> str:
        built_in = op.name in BUILT_IN
        name = f"lanes_{op.name if built_in else len(self.names)}"
        own = self._function(op.name) if built_in else None
        self.names[name] = own or self._one_by_one(op)
        return name

    def _function(self, row: str) -> Any:
        """Return the function of arrays for a row: the library's, or of its special functions."""
        found = getattr(self.library, RENAMED.get(row, row), None) if row in RENAMED else None
        if found is None and row in SPECIAL:
            try:
                special = importlib.import_module(SPECIAL_IN[self.library.__name__.split(".")[0]])
            except (ImportError, KeyError):
                return None
            found = getattr(special, SPECIAL[row], None)
        return found if self.numpy or found is None else self._of_arrays(found)

    def _where(self, condition: Any, a: Any, b: Any) -> Any:
        return self.library.where(self.library.asarray(condition), a, b)  # there may be one for all

    def _of_arrays(self, function: Any) -> Any:
        """Return a function of arrays as one of numbers, too, as PyTorch has none of two."""

        def converted(a: Any, *b: Any) -> Any:
            if not b:
                return function(a)
            kind = next(x.dtype for x in (a, *b) if hasattr(x, "dtype"))
            return function(*[self.library.asarray(x, dtype=kind) for x in (a, *b)])

        return converted

    def _one_by_one(self, op: Operation) -> Any:
        """Return a row applied lane by lane: nan where it raises, as lanes have it.

        Raises BackendError for any library but NumPy.
        """
        if not self.numpy:
            raise BackendError(
                f"the operation {op.name!r}, which has no formula, is not known to the array "
                "backend on this library; choose NumPy, which can call it for each number"
            )

        def forward(*xs: float) -> float:
            try:
                return op.evaluate(map(float, xs))
            except (ArithmeticError, ValueError):
                return math.nan

        return lambda *xs: self.library.frompyfunc(forward, len(xs), 1)(*xs).astype(float)


class Pool:
    """Gives arrays, of those that it gave before one that nobody holds: new memory takes long."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self.lock = Lock()

    def __call__(self, size: int, kind: Any) -> Any:
        """Return an array with any content."""
        with self.lock:  # until it is held here
            for array, count in zip(self.arrays, _references(self.arrays), strict=True):
                if count == _NONE and (len(array), array.dtype) == (size, kind):
                    return array
            array = sys.modules["numpy"].empty(size, kind)
            self.arrays = [*self.arrays[1 - _POOLED :], array]
            return array


def _references(objects: list[Any]) -> list[int]:
    return [sys.getrefcount(x) for x in objects]


_NONE = _references([object()])[0]  # what Python counts for what is in a list alone
