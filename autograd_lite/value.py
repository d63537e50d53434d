"""Value: a number that remembers how it was made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Never

from . import backprop, modes
from ._support.remedies import add_foreign, helpful, unknown_argument
from ._support.validation import as_float
from ._support.wording import calling_line
from .errors import TracingError
from .operation import TABLE, TRACED, Operation
from .pickling import reduced

_new = object.__new__
_clock, ZERO = backprop.clock, backprop.ZERO


class Value:
    """A float that records the operations made with it, so that they can be differentiated.

    A Value made from a number is a leaf. A Value that an operation returns knows the operation
    (`op`) and its `operands`; a constant among them is a plain float and collects no gradient.

    Raises TypeError where `data` is not a plain real number.

    >>> x = Value(3.0, name="x")
    >>> y = x * x + 2
    >>> y.backward()
    >>> y.data, x.grad
    (11.0, 6.0)
    """

    # Two operand slots, and a tuple in the first only for other numbers of operands: each further
    # object a node refers to is one more for Python's garbage collector to visit, again and again.
    __slots__ = ("__weakref__", "_a", "_b", "_data", "_mark", "_name", "grad", "op")

    grad: float
    op: Operation | None
    _a: Any
    _b: Any
    _data: float
    _mark: int
    _name: str | None

    def __init_subclass__(cls, **options: Any) -> None:
        raise TypeError("Value cannot be subclassed, as results are plain Values; hold one instead")

    def __init__(
        self,
        data: float,
        name: str | None = None,
        *,
        label: str | None = None,
        **unknown: Never,
    ) -> None:
        self._data = data if data.__class__ is float else _plain(data)
        self.grad, self.op, self._a = ZERO, None, None
        self._b = self._mark = _clock.now
        if name is not None:
            self.name = name
        if label is not None:
            if name is not None:
                raise TypeError("label is another word for name; pass one of them")
            self.label = label
        if unknown:
            raise TypeError(f"Value() {unknown_argument(next(iter(unknown)), ['data', 'name'])}")

    def _restore(
        self, data: float, grad: Any, name: str | None, op: Operation | None, operands: Any
    ) -> None:
        self._data, self.grad, self.op, self._mark = data, grad, op, _clock.now
        self._a, self._b = _packed(op, operands)
        if name is not None:
            self.name = name

    # --- what it holds --------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number itself. Assigning one to a leaf is how parameters are updated."""
        if modes.active:
            _refuse_in_trace("the data of a Value is read", "use the Value itself", self)
        return self._data

    @data.setter
    def data(self, number: float) -> None:
        if modes.active:
            _refuse_in_trace("the data of a Value is set", "set it outside of the function", self)
        if self.op is not None:
            raise AttributeError(
                f"the data of a result cannot be set (this one is of {self.op.name!r}): what was "
                "computed from it would not follow; set a leaf's, or begin again with detach()"
            )
        if number.__class__ is not float:
            number = _plain(number)
        if number != self._data or (number == 0 and not _same_sign(number, self._data)):
            self._data = number
            self._b = _clock.set = _clock.tick()

    @property
    def name(self) -> str | None:
        """What pictures, explanations and errors call this Value."""
        return getattr(self, "_name", None)  # mostly there is none, and raising takes long

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"a Value's name is a string or None, got {type(name).__name__}")
        self._name = name

    @property
    def label(self) -> str:
        """The name as micrograd's lecture has it: "" where there is none."""
        return self.name or ""

    @label.setter
    def label(self, label: str | None) -> None:
        self.name = label or None

    @property
    def operands(self) -> tuple[Value | float, ...]:
        """The Values and constants this one was computed from; () for a leaf."""
        if self.op is None:
            return ()
        if self._a.__class__ is tuple:
            operands: tuple[Value | float, ...] = self._a
            return operands
        return (self._a,) if self._b is None else (self._a, self._b)

    @property
    def _prev(self) -> set[Value]:
        """The operands as micrograd keeps them: a set, constants as Values."""
        return {x if isinstance(x, Value) else Value(x) for x in self.operands}

    @property
    def _op(self) -> str:
        """The operation's symbol as micrograd writes it; "" for a leaf."""
        if self.op is None:
            return ""
        exponent = self._b if self.op.name == "pow" else None
        return self.op.symbol + (f"{exponent:g}" if exponent.__class__ is float else "")

    def _backward(self) -> None:
        """Hand the grad on to the operands, as micrograd's lecture does, node by node."""
        if self.op is not None:
            backprop._propagate([self])

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        return f"Value(data={self._data!r}, grad={self.grad!r}{name})"

    # --- gradients ------------------------------------------------------------------------------

    @helpful
    def backward(self, gradient: float = 1.0, *, create_graph: bool = False) -> None:
        """Add d(self)/d(node), times `gradient`, to the `.grad` of every node self depends on.

        With `create_graph` the grads are Values, recorded as any others, to differentiate again.
        Such a grad refers to the node that holds it: `zero_grad()` it when done, or use
        `gradients(..., create_graph=True)`, which stores nothing.

        Raises StaleError where a leaf's data was changed since self was computed.

        >>> x = Value(2.0)
        >>> (x**3).backward(create_graph=True)
        >>> d = x.grad
        >>> x.zero_grad()
        >>> d.backward()
        >>> d.data, x.grad
        (12.0, 12.0)
        """
        if modes.active:
            remedy = "use grad or gradients, which return theirs"
            _refuse_in_trace("backward() is called", remedy, self)
        watch = modes.current().watch if modes.active else None
        if not (create_graph or watch or isinstance(gradient, Value)):
            return backprop.backward(self, as_float(gradient))
        seed = gradient if isinstance(gradient, Value) else as_float(gradient)
        cotangents = backprop.cotangents(self, seed, create_graph=create_graph, watch=watch)
        for node, grad in cotangents.items():
            grad = recorded(grad) if create_graph else grad
            node.grad = backprop.total(node.grad, grad)
        return None

    def zero_grad(self) -> None:
        """Set the `.grad` of this Value and of all it was computed from to 0.

        >>> x = Value(3.0)
        >>> y = x * x
        >>> y.backward()
        >>> y.zero_grad()
        >>> x.grad
        0.0
        """
        backprop.clear(self)

    def detach(self) -> Value:
        """Return a leaf with the same data: what is computed from it does not reach this graph.

        >>> x = Value(3.0)
        >>> (x * x.detach()).backward()
        >>> x.grad
        3.0
        """
        if _recorder(self) is not None:  # the number at hand is that of one call of many
            detached: Value = TRACED["detach"].apply((self,))
            return detached
        return Value(self._data)

    def _primal(self) -> float | Value:
        return self._data if _recorder(self) is None else self.detach()

    # --- recording ------------------------------------------------------------------------------

    @staticmethod
    def _record(op: Operation, operands: tuple[Any, ...]) -> Value:
        """Make the node of an operation applied to operands, at least one of them a Value."""
        try:
            if len(operands) == 1:
                xs = [operands[0]._data]
            else:
                xs = [x if x.__class__ is float else x._data for x in operands]
        except AttributeError:  # a plain number of another type
            operands = tuple([x if isinstance(x, Value) else as_float(x) for x in operands])
            xs = [_number(x) for x in operands]
        try:
            data = op.forward(*xs)
        except (ArithmeticError, ValueError) as error:
            raise failure(op, error, *operands) from None
        if data.__class__ is not float:
            data = op.checked(data)  # a custom operation may return any number, but only a number
        node = _new(Value)
        node._data = data
        node.grad = ZERO
        node.op = op
        if op.arity == 1:
            node._a, node._b = operands[0], None
        else:
            node._a, node._b = _packed(op, operands)
        node._mark = _clock.now
        return noted(node) if modes.active else node

    # --- as Python's float ----------------------------------------------------------------------

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if modes.active and (recorder := _comparing(self, other)):
            return recorder.compared("equal", self, other)  # type: ignore[no-any-return]
        return self._data == _number(other)

    def __ne__(self, other: object) -> bool:
        if modes.active and (recorder := _comparing(self, other)):
            return recorder.compared("equal", self, other, False)  # type: ignore[no-any-return]
        return self._data != _number(other)

    def __lt__(self, other: Value | float) -> bool:
        if modes.active and (recorder := _comparing(self, other)):
            return recorder.compared("less", self, other)  # type: ignore[no-any-return]
        return self._data < _number(other)

    def __le__(self, other: Value | float) -> bool:
        if modes.active and (recorder := _comparing(self, other)):
            return recorder.compared("less_equal", self, other)  # type: ignore[no-any-return]
        return self._data <= _number(other)

    def __gt__(self, other: Value | float) -> bool:
        if modes.active and (recorder := _comparing(self, other)):
            return recorder.compared("less", other, self)  # type: ignore[no-any-return]
        return self._data > _number(other)

    def __ge__(self, other: Value | float) -> bool:
        if modes.active and (recorder := _comparing(self, other)):
            return recorder.compared("less_equal", other, self)  # type: ignore[no-any-return]
        return self._data >= _number(other)

    def __bool__(self) -> bool:
        if modes.active and (recorder := _comparing(self, 0.0)):
            return bool(recorder.compared("equal", self, 0.0, False))
        return self._data != 0

    def __float__(self) -> float:
        if modes.traces or modes.active:
            _check_cast(self, modes.current())
        return self._data

    def __int__(self) -> int:
        return int(self._whole("int"))

    def __trunc__(self) -> int:
        return math.trunc(self._whole("math.trunc"))

    def __floor__(self) -> int:
        return math.floor(self._whole("math.floor"))

    def __ceil__(self) -> int:
        return math.ceil(self._whole("math.ceil"))

    def __round__(self, ndigits: int | None = None) -> float:
        number = self._whole("round")
        return round(number, ndigits) if ndigits is not None else round(number)

    def _whole(self, function: str) -> float:
        """Return the number for a function that makes a plain whole number of it."""
        if modes.active:
            name = "trunc" if function == "int" else function.removeprefix("math.")
            remedy = f"use autograd_lite.ops.{name}"
            _refuse_in_trace(f"{function}() is called on a Value", remedy, self)
        return self._data

    def __str__(self) -> str:
        _note_in_trace("the text of a Value was made")
        return repr(self)

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        _note_in_trace("the text of a Value was made")
        return format(self._data, spec)

    def __divmod__(self, other: Value | float) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: float) -> tuple[Value, Value]:
        return other // self, other % self

    def as_integer_ratio(self) -> tuple[int, int]:
        """Return the number as a ratio of whole numbers, as float does."""
        return float(self).as_integer_ratio()

    def is_integer(self) -> bool:
        """Tell whether the number is a whole one."""
        if _recorder(self) is not None:
            return self - TABLE["floor"](self) == 0.0  # of inf it is nan
        return self._data.is_integer()

    def hex(self) -> str:
        """Return the number in hexadecimal, to the last bit."""
        return float(self).hex()

    def conjugate(self) -> Value:
        """Return the Value itself: it is real."""
        return self

    real = property(conjugate)

    @property
    def imag(self) -> float:
        """The imaginary part, which is 0."""
        return 0.0

    # --- as an object ---------------------------------------------------------------------------

    def __copy__(self) -> Value:
        if _recorder(self) is not None:
            return self._record(self.op, self.operands) if self.op else self.detach()
        node = self.__class__.__new__(self.__class__)
        node._restore(self._data, self.grad, self.name, self.op, self.operands)
        node._mark = self._mark  # as stale as this one
        return node

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        _note_in_trace("a Value was pickled, or copied with its graph")
        return reduced(self)

    if TYPE_CHECKING:  # what operators.py makes of the table; a test holds them together

        def _unary(self) -> Value: ...
        def _binary(self, other: Value | float, /) -> Value: ...
        def _reflected(self, other: float, /) -> Value: ...
        def _with_parameter(self, parameter: Value | float = ..., /) -> Value: ...
        def _ternary(self, other: Value | float, another: Value | float, /) -> Value: ...

        def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, **kwargs: Any) -> Any: ...

        __neg__ = __pos__ = __abs__ = _unary
        __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = _binary
        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = _reflected
        __rfloordiv__ = __rmod__ = __rpow__ = _reflected
        abs = acos = acosh = arccos = arccosh = arcsin = arcsinh = arctan = arctanh = _unary
        asin = asinh = atan = atanh = cbrt = ceil = cos = cosh = digamma = erf = erfc = _unary
        exp = exp2 = expm1 = fabs = floor = gelu = hardtanh = lgamma = log = log10 = log1p = _unary
        log2 = logsigmoid = mish = neg = one_minus_square = pos = reciprocal = relu = _unary
        rint = round = sech2 = selu = sigmoid = sign = silu = sin = sinh = softplus = sqrt = _unary
        square = swish = tan = tanh = trunc = _unary
        add = arctan2 = atan2 = div = floordiv = fmod = hypot = maximum = minimum = _binary
        mod = mul = polygamma = pow = sub = _binary
        normal_cdf = radians = degrees = deg2rad = rad2deg = sinc = _unary
        copysign = logaddexp = _binary
        leaky_relu = elu = _with_parameter
        clamp = fma = _ternary


add_foreign(
    Value,
    {
        "item numpy tolist value": "the number is x.data, or float(x)",
        "requires_grad requires_grad_ retain_grad": "every leaf collects a gradient; x.detach() "
        "is one that hands none on",
        "grad_fn": "x.op and x.operands tell how it was made",
        "is_leaf": "a leaf has x.op None",
        "children parents prev": "x.operands are what it was made from",
        "clone": "copy.copy(x) is another one, +x is recorded",
        "to cpu cuda float double dtype device": "it is one Python float, leave that out",
        "T size shape dim view reshape squeeze unsqueeze flatten": "it is one number, several are "
        "a list of Values or a NumPy array of them",
        "sum mean": "it is one number, write sum(xs) or mean(xs) of a list",
        "matmul": "write dot(xs, ys) of two lists",
        "zero_": "write x.zero_grad()",
    },
)


def recorded(grad: Any) -> Value:
    """Return a gradient as a Value: where nothing was recorded of it, it is a constant."""
    return grad if isinstance(grad, Value) else Value(grad)


def set_data(leaves: Sequence[Value], numbers: Iterable[float]) -> None:
    """Assign to the `.data` of many leaves at once: of all of them, or where one fails of none."""
    if modes.active:
        _refuse_in_trace("the data of Values is set", "set it outside of the function")
    plain = [x if x.__class__ is float else _plain(x) for x in numbers]
    now = _clock.tick()
    for leaf, number in zip(leaves, plain, strict=True):
        if number != leaf._data or (number == 0 and not _same_sign(number, leaf._data)):
            leaf._data = number
            leaf._b = _clock.set = now


def _plain(data: Any) -> float:
    if isinstance(data, Value):
        raise TypeError(f"expected a plain number, got {data!r}; use it as it is, or its .data")
    return as_float(data)


def _same_sign(x: float, y: float) -> bool:
    return math.copysign(1.0, x) == math.copysign(1.0, y)  # atan2 tells -0.0 from 0.0


def _number(x: Any) -> float:
    return x._data if isinstance(x, Value) else x


def _packed(op: Operation | None, operands: tuple[Any, ...]) -> tuple[Any, Any]:
    """Lay operands out for the two slots: one, two, or a tuple of any other number of them."""
    if op is None:
        return None, _clock.now
    if op.arity == 1:
        return operands[0], None
    return (operands[0], operands[1]) if op.arity == 2 else (operands, None)


def failure(op: Operation, error: Exception, *operands: Any) -> Exception:
    """Build the error for operands outside an operation's domain, by their names."""
    _note_in_trace("an operation raised an error, which the function caught")
    names = [x.name if isinstance(x, Value) else None for x in operands]
    return op.failure(error, map(_number, operands), names)


def noted(node: Value) -> Value:
    """Do what the mode asks for with a new result: look at it, leave it unrecorded."""
    mode = modes.current()
    if mode.watch is not None:
        mode.watch.forward(node)
    if mode.recorder is not None:
        return mode.recorder.result(node, mode.recording)  # type: ignore[no-any-return]
    if modes.recorders:
        _recorder(*node.operands)
    if not mode.recording:
        node.op = None
        node._a, node._b = _packed(None, ())
    return node


def _comparing(x: Value, other: object) -> modes.Recorder | None:
    """Return what records a comparison with a number."""
    if not isinstance(other, Value | int | float | complex) and not hasattr(other, "__float__"):
        return None
    return _recorder(x, other)


def _recorder(*xs: object) -> modes.Recorder | None:
    """Return what writes down the operations of the running thread.

    Raises TracingError where it does not, and these are Values of a trace in another thread.
    """
    recorder = modes.recorder()
    if recorder is None:
        for other in tuple(modes.recorders):
            if any(other.has(x) for x in xs):
                raise other.refusal(
                    "a Value is used in another thread", "compute it in that of the function"
                )
    return recorder


def _refuse_in_trace(what: str, remedy: str, *xs: object) -> None:
    recorder = _recorder(*xs)
    if recorder is not None:
        raise recorder.refusal(what, remedy)


def _note_in_trace(what: str) -> None:
    """Let a function that is traced run eagerly, for what is recorded is not all that it does."""
    recorder = modes.recorder()
    if recorder is not None:
        recorder.failed(what)


def _check_cast(node: Value, mode: modes.Mode) -> None:
    """Refuse to turn a Value into a float where a transform differentiates by what it depends on.

    Whatever takes floats gets here: math, statistics, arrays of floats.
    """
    recorder = _recorder(node)
    if recorder is not None:
        raise recorder.refusal(
            "a Value is turned into a plain float",
            "use autograd_lite's own functions (sin for math.sin) and arrays of dtype=object",
        )
    if mode.watch is not None:
        mode.watch.cast(node)
    variables = {x for each in mode.variables for x in each}
    for trace in tuple(modes.traces):  # of other threads as well: a transform may hand on its work
        variables.update(trace.own())
    stack, seen = [node], {node}
    while stack:
        x = stack.pop()
        if x in variables:
            raise TracingError(
                f"a Value that is being differentiated is turned into a plain float at "
                f"{calling_line()}, which would lose its derivative; use autograd_lite's own "
                "functions (sin for math.sin) and arrays of dtype=object there, f'{x:.3f}' to "
                "print it, or x.detach() where it is to count as a constant"
            )
        below = [y for y in x.operands if isinstance(y, Value) and y not in seen]
        seen.update(below)
        stack += below
