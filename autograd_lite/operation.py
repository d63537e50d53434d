"""What one row of the table of operations is, and how it is applied to numbers that record."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce, wraps
from typing import Any, Protocol, TypeVar, overload

from ._support.validation import as_float
from .errors import AutogradError, DivisionByZero, DomainError, RangeError

Rule = Callable[..., Any]
Point = tuple[float, ...]


class Recording(Protocol):
    """What can stand in an expression: a number that records the operations made with it."""

    @staticmethod
    def _record(op: Operation, operands: tuple[Any, ...]) -> Any:
        """Record an operation applied to operands, at least one of them of this class."""


class Condition(Protocol):
    """What a comparison of recording numbers gives where both outcomes are recorded, as in a trace.

    Rules combine conditions by & and | (with plain bools, too) and hand them to `where`, which has
    them select. They never ask whether one is true: that would hold for one of the outcomes only.
    """

    def _select(self, a: Any, b: Any) -> Any:
        """Record a number that is `a` where the condition holds, else `b`."""


T = TypeVar("T")
TABLE: dict[str, Operation] = {}
TRACED: dict[str, Operation] = {}  # rows that only traces record (see trace_rows.py)
ANY_DOMAIN = "operands inside its domain"
BUILT_IN: set[str] = set()  # the rows of the library, which op() does not replace

# How tightly what is written for a row holds together, by its number of operands and its symbol:
# what is no operator here is written as a call, which nothing takes apart.
SUM, REMAINDER, PRODUCT, SIGN, POWER, ATOM = range(1, 7)
_PRECEDENCE = {(2, "+"): SUM, (2, "-"): SUM, (2, "//"): REMAINDER, (2, "%"): REMAINDER,
               (2, "*"): PRODUCT, (2, "/"): PRODUCT, (1, "+"): SIGN, (1, "-"): SIGN,
               (2, "**"): POWER}  # fmt: skip


class Operation:
    """One row of the table: all that is said of an operation is said here.

    `forward` maps floats to a float. `vjps` holds one rule an operand, `rule(g, y, *operands)`:
    the cotangent `g` of the result `y` times the derivative for that operand. An operation of any
    number of operands (`arity` None) has one rule that returns a cotangent for each. Rules are
    written with operations and arithmetic, so they work on floats and on recording numbers alike.

    A row with a `formula` is composed: applied to operands of any kind, it says what `forward` does
    in terms of other rows, without asking whether a condition holds. Where `forward` raises, it
    raises or gives what is not finite. A row without one is primitive. `total` rows never raise.
    A `linear` row of several numbers at once is its own tangent.
    """

    # In the dict are what functions have too: __name__ and __signature__, which inspect looks at.
    __slots__ = ("__dict__", "arity", "defaults", "doc", "domain", "float_vjps", "formula",
                 "forward", "kinks", "latex", "linear", "name", "precedence", "symbol", "total",
                 "vjps")  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        forward: Callable[..., float],
        vjps: tuple[Rule, ...],
        formula: Callable[..., Any] | None,
        arity: int | None,
        symbol: str,
        latex: str,
        kinks: Mapping[Point, Point],
        domain: str,
        defaults: Point,
        doc: str,
        signature: inspect.Signature,
    ) -> None:
        self.name = self.__name__ = self.__qualname__ = name
        self.__signature__ = signature
        self.forward = forward
        self.vjps = _with_kinks(vjps, forward, kinks)
        self.float_vjps = self.vjps  # what the backward pass of floats calls: a quicker twin, maybe
        self.formula = formula
        self.total = self.linear = False
        self.arity = arity
        self.symbol = symbol
        self.precedence = _PRECEDENCE.get((arity or 0, symbol), ATOM)
        self.latex = latex
        self.kinks = kinks
        self.domain = domain
        self.defaults = defaults
        self.doc = doc

    @overload
    def __call__(self, *operands: float, **named: float) -> float: ...
    @overload
    def __call__(self, operands: Iterable[T], /) -> T: ...
    @overload
    def __call__(self, *operands: T | float, **named: T | float) -> T: ...
    def __call__(self, *operands: Any, **named: Any) -> Any:
        """Apply to floats for a float, or to at least one recording number for a recorded node."""
        if named or len(operands) != self.arity:
            if self.arity is None and len(operands) == 1 and hasattr(operands[0], "_reduced"):
                return operands[0]._reduced(self)  # numbers in lanes
            operands = self._bound(operands, named) if named else self._completed(operands)
        for x in operands:
            if x.__class__ is not float:
                record = getattr(x.__class__, "_record", None)
                return self.apply(operands) if record is None else record(self, operands)
        try:  # floats only, as rules and loops on plain numbers have them: the shortest way
            result = self.forward(*operands)
        except (ArithmeticError, ValueError) as error:
            raise self.failure(error, operands) from None
        return result if result.__class__ is float else self.checked(result)

    def _bound(self, operands: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        try:
            bound = self.__signature__.bind(*operands, **named)
        except TypeError as error:
            raise TypeError(f"{self.name}{self.__signature__}: {error}") from None
        bound.apply_defaults()
        return bound.args

    def _completed(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.arity is None:
            return listed(self.name, *operands)
        missing = self.arity - len(operands)
        if not 0 <= missing <= len(self.defaults):
            least = self.arity - len(self.defaults)
            wanted = f"{least}" if least == self.arity else f"{least} to {self.arity}"
            noun = "operand" if self.arity == 1 else "operands"
            raise TypeError(f"{self.name}() expects {wanted} {noun}, got {len(operands)}")
        return operands + self.defaults[len(self.defaults) - missing :] if missing else operands

    def apply(self, operands: tuple[Any, ...]) -> Any:
        """Apply to a complete tuple of operands; a recording one among them records the result."""
        for operand in operands:
            if operand.__class__ is not float:
                record = getattr(operand.__class__, "_record", None)
                if record is not None:
                    return record(self, operands)
        return self.evaluate(tuple(map(as_float, operands)))

    def evaluate(self, numbers: Iterable[float], names: Iterable[str | None] = ()) -> float:
        """Evaluate the forward rule on floats; math's errors come out as `errors.py` has them."""
        numbers = tuple(numbers)
        try:
            result = self.forward(*numbers)
        except (ArithmeticError, ValueError) as error:
            raise self.failure(error, numbers, names) from None
        return result if result.__class__ is float else self.checked(result)

    def checked(self, result: Any) -> float:
        """Return what the forward rule gave as a float; raise TypeError where it is no number."""
        return as_float(result, f"the forward rule of {self.name!r} should return a float")

    def failure(
        self, error: Exception, numbers: Iterable[float], names: Iterable[str | None] = ()
    ) -> Exception:
        """Build the error to raise where the forward rule raised `error` at these operands."""
        if isinstance(error, AutogradError):
            return error
        shown = [f"{x!r}" for x in numbers]
        for i, name in enumerate(names):
            if name is not None:
                shown[i] = f"{name}={shown[i]}"
        call = f"{self.name}({', '.join(shown)})"
        if isinstance(error, OverflowError):
            return RangeError(f"{call} is too large for a float (the largest is about 1.8e308)")
        if isinstance(error, ZeroDivisionError):
            return DivisionByZero(f"{call} divides by zero; {self.name} expects {self.domain}")
        return DomainError(f"{call} is undefined; {self.name} expects {self.domain}")

    def cotangents(
        self, g: Any, y: Any, operands: Sequence[Any], wanted: Sequence[bool] | None = None
    ) -> list[Any]:
        """Return the cotangent of each operand for the cotangent `g` of the result `y`.

        Of those not `wanted` it is None, and where nothing depends on an operand.
        """
        rules = self.vjps
        if self.arity is not None:
            if wanted is None or self.arity == 1:
                return [rule(g, y, *operands) for rule in rules]
            return [rules[i](g, y, *operands) if asked else None for i, asked in enumerate(wanted)]
        pulled = list(self.vjps[0](g, y, *operands))
        if len(pulled) != len(operands):
            raise TypeError(
                f"the rule of {self.name!r} should return a cotangent for each of "
                f"{len(operands)} operands, got {len(pulled)}"
            )
        if wanted is None or all(wanted):
            return pulled
        return [x if asked else None for x, asked in zip(pulled, wanted, strict=True)]

    def tangent(self, moves: Sequence[Any], y: Any, operands: Sequence[Any]) -> Any:
        """Return the tangent of the result `y` for those of the operands, None where one is still.

        At least one moves. A rule is linear in the cotangent it is given, so a tangent will do.
        Where nothing comes of it the tangent is None, too.
        """
        if self.linear:
            return self.apply((moves[0], *operands[1:]))
        if self.arity is None:
            slopes = self.slopes(y, operands)
            pairs = zip(slopes, moves, strict=True)
            terms = [s * t for s, t in pairs if not (s is None or t is None)]
        else:
            rules = zip(self.vjps, moves, strict=True)
            terms = [rule(t, y, *operands) for rule, t in rules if t is not None]
            terms = [term for term in terms if term is not None]
        return reduce(operator.add, terms) if terms else None

    def slopes(self, result: Any, operands: Sequence[Any]) -> list[Any]:
        """Evaluate the local derivatives d result / d operand at these operands, in order."""
        return self.cotangents(1.0, result, operands)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __reduce__(self) -> tuple[Callable[[str], Operation], tuple[str]]:
        return operation, (self.name,)

    def __deepcopy__(self, memo: Any = None) -> Operation:
        return self

    __copy__ = __deepcopy__


# Python's operators, by the names of their methods without the underscores, and their rows.
UNARY_OPERATORS = {"neg": "neg", "pos": "pos", "abs": "abs"}
BINARY_OPERATORS = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div",
                    "floordiv": "floordiv", "mod": "mod", "pow": "pow"}  # fmt: skip


class Arithmetic:
    """Gives a class that records its operators: each records the row of the table behind it."""

    __slots__ = ()


def _operator(name: str, *, reflected: bool = False) -> Callable[..., Any]:
    def method(self: Any, *other: Any) -> Any:
        return self._record(TABLE[name], (*other, self) if reflected else (self, *other))

    return method


for _method, _row in {**UNARY_OPERATORS, **BINARY_OPERATORS}.items():
    setattr(Arithmetic, f"__{_method}__", _operator(_row))
for _method, _row in BINARY_OPERATORS.items():
    setattr(Arithmetic, f"__r{_method}__", _operator(_row, reflected=True))


def operation(name: str) -> Operation:
    """Look up an operation of the table by its name.

    Raises LookupError, where a pickled custom operation has not been defined in this process.

    >>> operation("tanh").symbol
    'tanh'
    """
    try:
        return TABLE[name] if name in TABLE else TRACED[name]
    except KeyError:
        raise LookupError(
            f"no operation is named {name!r}; define it with op({name!r}, ...) first"
        ) from None


def listed(name: str, *sequences: Any) -> tuple[Any, ...]:
    """Return the numbers of the one sequence that an operation is called with.

    >>> listed("sum", [1.0, 2.0])
    (1.0, 2.0)
    """
    if len(sequences) == 1 and isinstance(sequences[0], Iterable):
        return tuple(sequences[0])
    got = ", ".join(type(x).__name__ for x in sequences[:3]) or "nothing"
    raise TypeError(f"{name}() expects one sequence of numbers, got {got}; write {name}([x, y])")


def primal(x: Any) -> float:
    """Return the plain number at which a recording one stands: a constant to every derivative."""
    if x.__class__ is float:
        return x
    recording = getattr(x, "_primal", None)
    return as_float(x) if recording is None else recording()


def _with_kinks(
    rules: tuple[Rule, ...], forward: Callable[..., float], kinks: Mapping[Point, Point]
) -> tuple[Rule, ...]:
    """Overrule the rules that do not by themselves give what `kinks` says, and only those."""
    wrapped = list(rules)
    for i, rule in enumerate(rules):
        for at, slopes in kinks.items():
            if not _gives(rule, forward, at, slopes[i]):
                wrapped[i] = _overruled(wrapped[i], at, slopes[i])
    return tuple(wrapped)


def _gives(rule: Rule, forward: Callable[..., float], at: Point, slope: float) -> bool:
    try:
        return bool(rule(1.0, forward(*at), *at) == slope)
    except (ArithmeticError, ValueError):
        return False


def _overruled(rule: Rule, at: Point, slope: float) -> Rule:
    @wraps(rule)
    def vjp(g: Any, y: Any, *operands: Any) -> Any:
        here: Any = reduce(operator.and_, map(operator.eq, operands, at))
        select = getattr(here, "_select", None)
        if select is None and not here:
            return rule(g, y, *operands)
        agreed = g * TABLE["convention"]((slope, *operands))
        return agreed if select is None else select(agreed, rule(g, y, *operands))

    return vjp
