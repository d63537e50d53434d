"""Derivatives as functions: each transform takes a function and differentiates it.

Arguments and results may be numbers, or nested lists, tuples, dicts, arrays and dataclasses of
them, and Modules (which count as the dict of their named parameters); derivatives have the same
structure. Inside another transform, or where arguments are Values, results are Values, to be
differentiated on. Signatures follow JAX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol, TypeVar, overload

from .. import backprop, modes
from .._support.remedies import helpful
from ..errors import ShapeError
from ..value import Value, recorded
from .pytree import NUMBER
from .tracing import Argnums, Trace, trace

Function = Callable[..., Any]
T = TypeVar("T")


class Parametrized(Protocol):
    """What has named parameters, as a Module has."""

    def named_parameters(self) -> Any:
        """Yield each parameter with its name."""


class Gradient(Protocol):
    """The gradient of a function for its first argument: nested as that is."""

    @overload
    def __call__(self, x: float, /, *others: Any, **named: Any) -> float: ...
    @overload
    def __call__(self, x: Parametrized, /, *others: Any, **named: Any) -> dict[str, Any]: ...
    @overload
    def __call__(self, x: T, /, *others: Any, **named: Any) -> T: ...


class ValueAndGradient(Protocol):
    """The value of a function and its gradient for its first argument."""

    @overload
    def __call__(self, x: float, /, *others: Any, **named: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: Value, /, *others: Any, **named: Any) -> tuple[Value, Value]: ...
    @overload
    def __call__(
        self, x: Parametrized, /, *others: Any, **named: Any
    ) -> tuple[Any, dict[str, Any]]: ...
    @overload
    def __call__(self, x: T, /, *others: Any, **named: Any) -> tuple[Any, T]: ...


@overload
def gradients(
    output: Value, wrt: Iterable[Value], create_graph: Literal[False] = False
) -> list[float]: ...
@overload
def gradients(output: Value, wrt: Iterable[Value], create_graph: Literal[True]) -> list[Value]: ...
@overload
def gradients(output: Value, wrt: Iterable[Value], create_graph: bool) -> list[Any]: ...
@helpful
def gradients(output: Value, wrt: Iterable[Value], create_graph: bool = False) -> list[Any]:
    """Return d(output)/d(x) for each x of `wrt`, leaving every `.grad` as it was.

    While it runs `.grad` is in use: another thread should not read that of a shared Value then.

    They are floats, and with `create_graph` Values: the gradient's own graph, which can be drawn,
    explained and differentiated again. An x that the output does not depend on has 0.

    Raises TypeError where anything but Values is passed, StaleError where a leaf's data was set
    since the output was computed.

    >>> x, y = Value(2.0), Value(3.0)
    >>> gradients(x * x * y, [x, y])
    [12.0, 4.0]
    >>> (dx,) = gradients(x**3, [x], create_graph=True)
    >>> gradients(dx, [x])
    [12.0]
    """
    if isinstance(wrt, Value):
        raise TypeError("gradients() expects a list of Values as inputs, got one; write [x]")
    wrt = list(wrt)
    for x in (output, *wrt):
        if not isinstance(x, Value):
            raise TypeError(f"gradients() expects Values, got {type(x).__name__}: {x!r}")
    if create_graph or modes.recorder() is None:
        return pull(output, 1.0, wrt, create_graph)
    # In a trace they are no floats, but constants to every derivative as these are.
    return [grad.detach() for grad in pull(output, 1.0, wrt, create_graph=True)]


def pull(output: Value, seed: Any, wrt: list[Value], create_graph: bool) -> list[Any]:
    """Return the cotangents of the Values in `wrt` for a cotangent `seed` of the output."""
    watch = modes.current().watch if modes.active else None
    if not (create_graph or watch or isinstance(seed, Value)):
        try:
            return backprop.gradients(output, seed, wrt)
        except Exception:  # noqa: S110  perhaps by a rule that `wrt` has no part in
            pass  # if not, it is raised again below
    cotangents = backprop.cotangents(output, seed, wrt=wrt, create_graph=create_graph, watch=watch)
    grads = [cotangents.get(x, 0.0) for x in wrt]
    return [recorded(grad) for grad in grads] if create_graph else grads


def push(traced: Trace, directions: Iterable[Any]) -> list[Any]:
    """Return the tangents of the outputs for a tangent of every variable."""
    graph = backprop.walk(*traced.outputs)
    graph.raise_if_stale()
    seeds: dict[Any, Any] = {}
    for x, direction in zip(traced.inputs, directions, strict=True):
        seeds[x] = seeds[x] + direction if x in seeds else direction  # a Module may be given twice
    tangents = backprop.tangents(graph.order, seeds, create_graph=traced.differentiable)
    return [tangents.get(x, 0.0) for x in traced.outputs]


@overload
def value_and_grad(f: Function) -> ValueAndGradient: ...
@overload
def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function: ...
@helpful
def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """Return a function that gives the value of `f` and its gradient.

    The gradient is for the argument `argnums`, or a tuple for several. With `has_aux`, `f` returns
    (result, aux) and the value is that pair. It serves `scipy.optimize.minimize(..., jac=True)`.

    Raises TypeError where `f` does not return one number, IndexError for an argument not given.

    >>> value_and_grad(lambda x, y: x * y)(2.0, 3.0)
    (6.0, 3.0)
    >>> value_and_grad(lambda x: sum(v * v for v in x))([1.0, 2.0])
    (5.0, [2.0, 4.0])
    """
    return _differentiator("value_and_grad", f, argnums, has_aux)


@overload
def grad(f: Function) -> Gradient: ...
@overload
def grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function: ...
@helpful
def grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """Return a function that gives the gradient of `f`, which returns one number.

    With `has_aux`, `f` returns (result, aux), and the new function (gradient, aux). An argument
    that the result does not depend on has the gradient 0.

    Raises TypeError where `f` does not return one number, IndexError for an argument not given.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(lambda x: x * grad(lambda y: x * y)(1.0))(3.0)
    6.0
    >>> grad(lambda p: p["a"] * p["b"][0])({"a": 2.0, "b": [3.0, 4.0]})
    {'a': 3.0, 'b': [2.0, 0.0]}
    """
    both = _differentiator("grad", f, argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, slopes = both(*args, **kwargs)
        return (slopes, value[1]) if has_aux else slopes

    return gradient


def _differentiator(name: str, f: Function, argnums: Argnums, has_aux: bool) -> Function:
    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        traced = trace(name, f, args, kwargs, argnums, has_aux)
        result = scalar(name, traced)
        slopes = pull(result, 1.0, traced.inputs, traced.differentiable)
        value = traced.number(result)
        return (value, traced.aux) if has_aux else value, traced.nested(map(traced.number, slopes))

    return value_and_gradient


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> Any:
    """Return the value of `f` at the primals, and its pullback.

    The pullback takes a cotangent with the value's structure to a tuple of cotangents, one for each
    primal. With `has_aux`, `f` returns (result, aux), and aux comes third.

    Raises TypeError where `f` does not return numbers.

    >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, pullback([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    traced = trace("vjp", f, primals, {}, tuple(range(len(primals))), has_aux)

    def pullback(cotangent: Any) -> Any:
        seeds = traced.output_structure.fit(cotangent, "vjp: the cotangent")
        call = traced.given(seeds)
        cotangents = pull(call.weighted(seeds), 1.0, call.inputs, call.differentiable)
        return call.nested(map(call.number, cotangents))

    value = traced.output()
    return (value, pullback, traced.aux) if has_aux else (value, pullback)


@overload
def jvp(
    f: Callable[..., Value], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[float, float]: ...
@overload
def jvp(
    f: Callable[..., list[Value]], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[list[float], list[float]]: ...
@overload
def jvp(
    f: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> Any: ...
def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """Return the value of `f` at the primals and its derivative along the tangents.

    One sweep forward through the recorded graph. With `has_aux`, `f` returns (result, aux), and aux
    comes third.

    Raises TypeError where `f` does not return numbers, ShapeError where tangents do not fit.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    _check_primals("jvp", tangents, "tangents")
    value, pushforward, aux = _linearized("jvp", f, primals, has_aux)
    tangent = pushforward(*tangents)
    return (value, tangent, aux) if has_aux else (value, tangent)


def linearize(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Return the value of `f` at the primals, and its derivative there as a linear function.

    The function takes a tangent for each primal; the graph is recorded once for all of them.

    >>> value, derivative = linearize(lambda x: x**2, 3.0)
    >>> value, derivative(1.0), derivative(2.0)
    (9.0, 6.0, 12.0)
    """
    value, pushforward, _ = _linearized("linearize", f, primals, has_aux=False)
    return value, pushforward


def _linearized(
    name: str, f: Function, primals: Sequence[Any], has_aux: bool
) -> tuple[Any, Function, Any]:
    _check_primals(name, primals)
    traced = trace(name, f, tuple(primals), {}, tuple(range(len(primals))), has_aux)

    def pushforward(*tangents: Any) -> Any:
        directions = _directions(name, traced, tangents)
        call = traced.given(directions)
        moved = push(call, directions)
        return call.output_structure.rebuild([call.number(x) for x in moved])

    return traced.output(), pushforward, traced.aux


def _check_primals(name: str, primals: Any, what: str = "primals") -> None:
    if not isinstance(primals, list | tuple):
        raise TypeError(
            f"{name}: {what} should be a tuple, one an argument, such as (x,), got {primals!r:.60}"
        )


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Return the Hessian of `f` times a vector, without forming the Hessian.

    One primal gives a result of its structure, several a tuple of such. It serves SciPy's `hessp`:
    `lambda x, p: hvp(f, (x,), (p,))`.

    Raises TypeError where `f` does not return one number, ShapeError where tangents do not fit.

    >>> hvp(lambda x: x[0] ** 2 * x[1], ([2.0, 3.0],), ([1.0, 0.0],))
    [6.0, 4.0]
    """
    _check_primals("hvp", primals)
    several = len(primals) > 1
    nums: Argnums = tuple(range(len(primals))) if several else 0
    return jvp(grad(f, nums), primals, tangents)[1]


def scalar(name: str, traced: Trace) -> Value:
    """Return the one number that a function should have returned."""
    if traced.output_structure is NUMBER:
        return traced.outputs[0]
    returned = traced.output_structure.rebuild(traced.outputs)
    if not isinstance(returned, Value):
        raise TypeError(
            f"{name}: the function should return one number, got {type(returned).__name__} of "
            f"{len(traced.outputs)}; use jacobian() for several"
        )
    return returned


def _directions(name: str, traced: Trace, tangents: tuple[Any, ...]) -> list[Any]:
    """List a tangent for each variable, from one of its structure for each argument."""
    if len(tangents) != len(traced.structures):
        raise ShapeError(
            f"{name}: expected {len(traced.structures)} tangents, one an argument, got "
            f"{len(tangents)}"
        )
    return [
        number
        for i, (structure, tangent) in enumerate(zip(traced.structures, tangents, strict=True))
        for number in structure.fit(tangent, f"{name}: tangent {i}")
    ]
