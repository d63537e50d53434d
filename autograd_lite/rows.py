"""Adding a row to the table: `op`, and the kinds of rows that a type checker tells apart.

It sees how many operands a row takes, and that a Value among them gives a Value; when a program
runs, all rows are of one kind.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, overload

from ._support.remedies import helpful
from ._support.wording import printable
from .operation import ANY_DOMAIN, BUILT_IN, TABLE, Operation, Point, Rule
from .value import Value

if TYPE_CHECKING:

    class Unary(Operation):
        """A row of one operand."""

        @overload  # type: ignore[override]  # of the number of operands that the row takes
        def __call__(self, x: float) -> float: ...
        @overload
        def __call__(self, x: Value) -> Value: ...
        def __call__(self, *operands: Any, **named: Any) -> Any: ...  # noqa: D102

    class Binary(Operation):
        """A row of two operands."""

        @overload  # type: ignore[override]
        def __call__(self, a: float, b: float) -> float: ...
        @overload
        def __call__(self, a: Value, b: Value | float) -> Value: ...
        @overload
        def __call__(self, a: float, b: Value) -> Value: ...
        def __call__(self, *operands: Any, **named: Any) -> Any: ...  # noqa: D102

    class Parametric(Operation):
        """A row of three operands, or one of which the last have defaults; they may go by name."""

        @overload  # type: ignore[override]
        def __call__(self, *operands: float, **named: float) -> float: ...  # type: ignore[overload-overlap]
        @overload
        def __call__(self, *operands: Value | float, **named: Value | float) -> Value: ...
        def __call__(self, *operands: Any, **named: Any) -> Any: ...  # noqa: D102

    class Variadic(Operation):
        """A row of a sequence of operands."""

        @overload  # type: ignore[override]
        def __call__(self, operands: Iterable[float], /) -> float: ...  # type: ignore[overload-overlap]
        @overload
        def __call__(self, operands: Iterable[Value | float], /) -> Value: ...
        def __call__(self, *operands: Any, **named: Any) -> Any: ...  # noqa: D102


class Columns(TypedDict, total=False):
    """What may be said of a row beside its rules."""

    symbol: str | None
    latex: str | None
    kinks: Mapping[Point, Point] | None
    domain: str
    doc: str
    formula: Callable[..., Any] | None


Forward = Callable[..., float]


@overload
def op(name: str, forward: Forward, vjp: Rule, *, variadic: Literal[True],
       **columns: Unpack[Columns]) -> Variadic: ...  # fmt: skip
@overload
def op(name: str, forward: Forward, vjp: tuple[Rule, ...], *, defaults: Point,
       **columns: Unpack[Columns]) -> Parametric: ...  # fmt: skip
@overload
def op(name: str, forward: Forward, vjp: Rule | tuple[Rule],
       **columns: Unpack[Columns]) -> Unary: ...  # fmt: skip
@overload
def op(name: str, forward: Forward, vjp: tuple[Rule, Rule],
       **columns: Unpack[Columns]) -> Binary: ...  # fmt: skip
@overload
def op(name: str, forward: Forward, vjp: tuple[Rule, Rule, Rule],
       **columns: Unpack[Columns]) -> Parametric: ...  # fmt: skip
@overload
def op(name: str, forward: Forward, vjp: tuple[Rule, Rule, Rule, Rule, *tuple[Rule, ...]],
       **columns: Unpack[Columns]) -> Operation: ...  # fmt: skip
@helpful
def op(
    name: str,
    forward: Callable[..., float],
    vjp: Rule | tuple[Rule, ...],
    *,
    variadic: bool = False,
    symbol: str | None = None,
    latex: str | None = None,
    kinks: Mapping[Point, Point] | None = None,
    domain: str = ANY_DOMAIN,
    defaults: Point = (),
    doc: str = "",
    formula: Callable[..., Any] | None = None,
) -> Operation:
    r"""Add an operation to the table and return it, ready to be called on floats and Values.

    `vjp` is a rule `(g, y, *operands) -> cotangent`, or a tuple of them, one an operand. With
    `variadic=True` the operation takes one sequence, and its rule returns a cotangent for each.
    `kinks` maps points where the derivative is a convention to the local derivatives there. A rule
    that gives them by itself is left alone. Where it differs or raises they take its place, and
    have no derivative themselves: those of higher order are nan at such a point, and gradcheck
    reports it. Write a rule with operations (`cos`, not `math.cos`) and arithmetic, or it cannot be
    differentiated again.

    `formula` says what `forward` does in terms of other operations, `where` among them.

    `symbol` is written between the operands where it is one of Python's operators, and before them
    otherwise. `latex` is a template, {0}, {1} ... (or {args} for all) in the places of operands:
    outside of brackets they get parentheses where they need them; braces of its own are doubled.
    One without such places is the name of a function.

    A row of one's own is replaced by one of the same name; Values keep the row they were made by.

    Raises ValueError where the name is built in, TypeError where rules and kinks do not fit.

    >>> from autograd_lite import Value, grad, op, sin, cos
    >>> chirp = op("chirp", lambda x: sin(x * x), vjp=lambda g, y, x: g * 2 * x * cos(x * x))
    >>> x = Value(2.0)
    >>> chirp(x).backward()
    >>> round(x.grad, 12)
    -2.614574483454
    >>> round(grad(grad(chirp))(2.0), 12)
    10.8015526832
    """
    if not isinstance(name, str) or not name or not name.isprintable():
        raise TypeError(f"op() expects a name first, got {name!r}")
    if name in BUILT_IN:
        raise ValueError(f"an operation named {name!r} exists already; choose another name")
    rules = tuple(vjp) if isinstance(vjp, tuple | list) else (vjp,)
    if not rules or not callable(forward) or not all(map(callable, rules)):
        raise TypeError("op() expects forward and vjp to be functions (or vjp a tuple of them)")
    arity = None if variadic else len(rules)
    parameters = _operands_of(name, rules, arity)
    for at, slopes in (kinks or {}).items():
        points = (at, slopes)
        if arity is None or not all(isinstance(p, tuple) and len(p) == arity for p in points):
            raise TypeError(
                f"op({name!r}): kinks map points to slopes, a tuple of a number an operand each, "
                f"such as {{(0.0,): (1.0,)}}; got {at!r}: {slopes!r}"
            )
    places = ", ".join(f"{{{i}}}" for i in range(len(rules)))
    call = rf"\left({places if arity else '{args}'}\right)"
    if latex and "{0" not in latex and "{args" not in latex:  # the name of a function
        latex = f"{latex} {call}"
    row = Operation(
        name,
        forward=forward,
        vjps=rules,
        formula=formula,
        arity=arity,
        symbol=printable(symbol or name),
        latex=latex or rf"\operatorname{{{{{name}}}}}{call}",
        kinks=dict(kinks or {}),
        domain=domain,
        defaults=defaults,
        doc=doc,
        signature=_signature(parameters, defaults),
    )
    TABLE[name] = row
    return row


def _operands_of(name: str, rules: tuple[Rule, ...], arity: int | None) -> list[str] | None:
    """Return the operands' names, as the first rule that lists them has them; check all rules."""
    letters = list("abcdefgh"[:arity]) if arity != 1 else ["x"]
    names = None
    for rule in rules:
        try:
            signature = inspect.signature(rule)
        except (TypeError, ValueError):  # some builtins have none to look at
            continue
        try:
            signature.bind(*[None] * (2 + (arity or 1)))
        except TypeError as error:
            operands = "*operands" if arity is None else ", ".join(letters)
            raise TypeError(
                f"op({name!r}): a vjp is a function of (g, y, {operands}): the result's cotangent, "
                f"the result and the operands; this one does not take them: {error}"
            ) from None
        parameters = list(signature.parameters.values())[2 : 2 + (arity or 0)]
        listed = [p.name for p in parameters if p.kind is not Parameter.VAR_POSITIONAL]
        if names is None and len(listed) == arity:
            names = listed
    return None if arity is None else names or letters


def _signature(operands: list[str] | None, defaults: Point) -> inspect.Signature:
    if operands is None:
        return inspect.Signature([Parameter("operands", Parameter.POSITIONAL_ONLY)])
    values = [Parameter.empty] * (len(operands) - len(defaults)) + list(defaults)
    return inspect.Signature(
        [
            Parameter(operand, Parameter.POSITIONAL_OR_KEYWORD, default=value)
            for operand, value in zip(operands, values, strict=True)
        ]
    )
