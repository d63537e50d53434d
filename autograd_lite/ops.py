r"""The table of operations: the only place where anything about an operation is said.

A row reads: the forward rule on floats; the derivative, as the cotangent of each operand from the
cotangent `g` of the result `y`; the symbol in pictures; the LaTeX; what happens at its kinks. The
derivatives are written in terms of the operations themselves. Called on floats they are the
ordinary backward pass, called on Values they record the graph of the gradient, and so give
derivatives of any order. Each operation takes a float and gives a float, takes a Value and gives a
Value:

>>> from autograd_lite import Value
>>> exp(0.0), exp(Value(0.0))
(1.0, Value(data=1.0, grad=0.0))

Where a derivative looks less simple than the textbook's, it keeps full relative accuracy where the
textbook's cancels: tanh' = sech^2 rather than 1 - y^2, which is 0 beyond x = 19.

A `formula` says the forward rule in terms of other rows: only those without one have to be known
to whoever runs what was recorded elsewhere. Rules and formulas do not branch, they select: `where`
evaluates both sides, so a side that may raise has a safe operand. What they compare may stand for
many numbers at once (`operation.Condition`); only a constant, a plain float, may be looked at.

A slope may be infinite where the function is not: `quotient` and `power_log` divide and raise to
powers as IEEE 754 has it, so that the slope of sqrt is inf at 0, and its own -inf. Where there is
no slope at all and one is agreed upon, as at the tip of hypot, it is a `convention`: its own
slopes are nan, for it is no constant.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Iterable
from functools import reduce
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import special
from .errors import ShapeError
from .operation import ANY_DOMAIN, BUILT_IN, TABLE, listed, primal
from .rows import op
from .value import Value

if TYPE_CHECKING:
    from .rows import Binary, Parametric, Unary, Variadic

T = TypeVar("T")

_inf, _nan = math.inf, math.nan
_LN2, _LN10 = math.log(2), math.log(10)
_2_SQRT_PI = 2 / math.sqrt(math.pi)
_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SLOPE = _SELU_SCALE * _SELU_ALPHA
_VAST = 1e9  # 1 is nothing beside the square of what is beyond
_INV_SQRT_2PI = 1 / math.sqrt(2 * math.pi)


def _zero(g: Any, y: Any, *operands: Any) -> float:
    return 0.0


@overload
def where(condition: Any, a: Value, b: Value | float) -> Value: ...
@overload
def where(condition: Any, a: float, b: Value) -> Value: ...
@overload
def where(condition: Any, a: T, b: T) -> T: ...
def where(condition: Any, a: Any, b: Any) -> Any:
    """Return `a` where the condition is true, else `b`: only the branch taken is recorded.

    A condition that holds both outcomes (`operation.Condition`) is asked to select.

    >>> where(2.0 > 1.0, 3.0, 4.0)
    3.0
    """
    if condition is True:
        return a
    if condition is False:
        return b
    select = getattr(condition, "_select", None)
    return select(a, b) if select else a if condition else b


# --- arithmetic ---------------------------------------------------------------------------------

add = op("add", operator.add, (lambda g, y, a, b: g, lambda g, y, a, b: g), symbol="+",
         latex="{0} + {1}", doc="Sum of two numbers.\n\n>>> add(2.0, 3.0)\n5.0")

sub = op("sub", operator.sub, (lambda g, y, a, b: g, lambda g, y, a, b: -g), symbol="-",
         latex="{0} - {1}", doc="Difference of two numbers.\n\n>>> sub(2.0, 3.0)\n-1.0")

mul = op("mul", operator.mul, (lambda g, y, a, b: g * b, lambda g, y, a, b: g * a), symbol="*",
         latex=r"{0} \cdot {1}", doc="Product of two numbers.\n\n>>> mul(2.0, 3.0)\n6.0")

div = op("div", operator.truediv, (lambda g, y, a, b: g / b, lambda g, y, a, b: -(g * y) / b),
         symbol="/", latex=r"\frac{{{0}}}{{{1}}}", domain="a divisor other than 0",
         doc="Quotient of two numbers.\n\n>>> div(3.0, 2.0)\n1.5")

floordiv = op("floordiv", operator.floordiv, (_zero, _zero), symbol="//",
    latex=r"\left\lfloor \frac{{{0}}}{{{1}}} \right\rfloor", domain="a divisor other than 0",
    doc="Quotient rounded down; its derivative is 0.\n\n>>> floordiv(-7.0, 2.0)\n-4.0")

mod = op("mod", operator.mod, (lambda g, y, a, b: g, lambda g, y, a, b: -g * (a // b)), symbol="%",
         latex=r"{0} \bmod {1}", domain="a divisor other than 0",
         doc="Remainder with the sign of the divisor, Python's %.\n\n>>> mod(-7.0, 3.0)\n2.0")

fmod = op("fmod", math.fmod,
          (lambda g, y, a, b: g, lambda g, y, a, b: -g * round(quotient_row(a - y, b))),
          domain="a finite dividend and a divisor other than 0",
          doc="Remainder with the sign of the dividend, C's fmod.\n\n>>> fmod(-7.0, 3.0)\n-1.0")


quotient_row: Binary = op("quotient", lambda a, b: a / b if b else a * math.copysign(_inf, b),
    (lambda g, y, a, b: quotient_row(g, b), lambda g, y, a, b: -quotient_row(g * y, b)), symbol="/",
    latex=r"\frac{{{0}}}{{{1}}}",
    doc="Quotient as IEEE 754 has it, inf or nan where the divisor is 0, for slopes.\n\n"
        ">>> quotient_row(3.0, 0.0)\ninf")

convention_row: Variadic = op("convention", lambda slope, *xs: slope,
    lambda g, y, slope, *xs: [g, *[g * convention_row((_nan, *xs))] * len(xs)], variadic=True,
    doc="The first number, agreed upon as a slope at the others, where there is none: its own "
        "slopes are nan.\n\n>>> convention_row([0.0, 1.0, 2.0])\n0.0")


def _agreed(here: Any, slope: float, otherwise: Any, *operands: Any) -> Any:
    """Return the slope that is agreed upon where a condition holds, the other one elsewhere."""
    if here is False:
        return otherwise
    return where(here, convention_row((slope, *operands)), otherwise)


neg = op("neg", operator.neg, lambda g, y, x: -g, symbol="-", latex="-{0}",
         doc="The number with its sign changed.\n\n>>> neg(2.0)\n-2.0")

pos = op("pos", operator.pos, lambda g, y, x: g, symbol="+", latex="+{0}",
         doc="The number itself.\n\n>>> pos(2.0)\n2.0")

sign = op("sign", lambda x: float((x > 0) - (x < 0)) if x == x else x, _zero,
          kinks={(0.0,): (0.0,)}, doc="-1, 0 or 1; its derivative is 0.\n\n>>> sign(-2.0)\n-1.0")

abs = op("abs", builtins.abs, lambda g, y, x: g * sign(x), latex=r"\left| {0} \right|",
         kinks={(0.0,): (0.0,)}, doc="Absolute value; slope 0 at 0.\n\n>>> abs(-2.0)\n2.0")

copysign = op("copysign", math.copysign, (lambda g, y, a, b: g * (sign(a) * sign(y)), _zero),
    kinks={(0.0, 1.0): (0.0, 0.0)},
    doc="The size of a with the sign of b; slope 0 at a = 0.\n\n>>> copysign(3.0, -0.0)\n-3.0")

fma = op("fma", special.fma,
    (lambda g, y, a, b, c: g * b, lambda g, y, a, b, c: g * a, lambda g, y, a, b, c: g),
    latex=r"{0} \cdot {1} + {2}", doc="a * b + c, rounded once.\n\n>>> fma(2.0, 3.0, 4.0)\n10.0")

# --- exponentials, logarithms, powers, roots ----------------------------------------------------

exp = op("exp", math.exp, lambda g, y, x: g * y, latex="e^{{{0}}}",
         doc="e to the power x.\n\n>>> exp(1.0)\n2.718281828459045")

exp2 = op("exp2", math.exp2, lambda g, y, x: g * (y * _LN2), latex="2^{{{0}}}",
          doc="2 to the power x.\n\n>>> exp2(3.0)\n8.0")

expm1 = op("expm1", math.expm1, lambda g, y, x: g * exp(x), latex="e^{{{0}}} - 1",
           doc="exp(x) - 1, accurate near 0.\n\n>>> expm1(1e-20)\n1e-20")

log = op("log", math.log, lambda g, y, x: g / x, latex=r"\ln", domain="a number > 0",
         doc="Natural logarithm.\n\n>>> log(1.0)\n0.0")

log2 = op("log2", math.log2, lambda g, y, x: g / x / _LN2, latex=r"\log_2", domain="a number > 0",
          doc="Logarithm to base 2.\n\n>>> log2(8.0)\n3.0")

log10 = op("log10", math.log10, lambda g, y, x: g / x / _LN10, latex=r"\log_{{10}}",
           domain="a number > 0", doc="Logarithm to base 10.\n\n>>> log10(1000.0)\n3.0")

log1p = op("log1p", math.log1p, lambda g, y, x: g / (1.0 + x), latex=r"\ln(1 + {0})",
           domain="a number > -1", doc="log(1 + x), accurate near 0.\n\n>>> log1p(1e-20)\n1e-20")


def _power_log_da(g: Any, y: Any, n: Any, a: Any, b: Any) -> Any:
    slope = b * power_log_row(n, a, b - 1.0)
    if b.__class__ is not float or b == 0.0:
        slope = _agreed((a == 0) & (b == 0), 0.0, slope, n, a, b)
    if n.__class__ is not float or n > 0.0:
        lower = n * power_log_row(maximum(n - 1.0, 0.0), a, b - 1.0)
        slope = slope + where(n > 0, lower, 0.0)
    return g * slope


power_log_row: Parametric = op("power_log", special.power_log,
    (lambda g, y, n, a, b: g * convention_row((_nan, n, a, b)), _power_log_da,
     lambda g, y, n, a, b: g * power_log_row(n + 1.0, a, b)),
    latex=r"{{{1}}}^{{{2}}} \ln^{{{0}}} \left({1}\right)", domain="a whole order >= 0",
    doc="a**b * log(a)**n, the n-th derivative of a**b for b, with its limit where a is 0, inf "
        "where it is too large and nan where it is not real, for slopes.\n\n"
        ">>> power_log_row(1.0, 0.0, 2.0), power_log_row(0.0, 0.0, -0.5)\n(0.0, inf)")


def _power_da(g: Any, y: Any, a: Any, b: Any) -> Any:
    if b.__class__ is float and b in (0.0, 1.0):  # the ends of the derivatives of a polynomial
        return g * b
    if b.__class__ is float and b > 1.0:  # not too large where the power itself is not
        return g * (b * a ** (b - 1.0))
    slope = b * power_log_row(0.0, a, b - 1.0)
    if b.__class__ is not float:
        of_one = _agreed(a == 0, 0.0, quotient_row(b, a) * y, a, b)
        slope = where(b == 0, of_one, slope)
    return g * slope


def _power_db(g: Any, y: Any, a: Any, b: Any) -> Any:
    if a.__class__ is float and a > 0.0:
        return g * (y * log(a))
    limit = _agreed((a == 0) & (b == 0), 0.0, power_log_row(1.0, a, b), a, b)
    return g * where(a > 0, y * log(where(a > 0, a, 1.0)), limit)


pow = op("pow", special.power, (_power_da, _power_db), symbol="**", latex="{{{0}}}^{{{1}}}",
         kinks={(0.0, 2.0): (0.0, 0.0), (0.0, 1.0): (1.0, 0.0), (0.0, 0.0): (0.0, 0.0),
                (0.0, 0.5): (_inf, 0.0)},
         domain="a base >= 0, or a base other than 0 with a whole exponent",
         doc="Power; 0**0 = 1. A negative base has no derivative for the exponent (nan).\n\n"
             ">>> pow(2.0, 10.0)\n1024.0")

sqrt = op("sqrt", math.sqrt, lambda g, y, x: quotient_row(g * 0.5, y + 0.0),  # sqrt(-0.0) is -0.0
          latex=r"\sqrt{{{0}}}", kinks={(0.0,): (_inf,)}, domain="a number >= 0",
          doc="Square root; slope inf at 0.\n\n>>> sqrt(9.0)\n3.0")

cbrt = op("cbrt", math.cbrt, lambda g, y, x: quotient_row(g, 3.0 * y * y), latex=r"\sqrt[3]{{{0}}}",
          kinks={(0.0,): (_inf,)},
          doc="Cube root, of negative numbers too; slope inf at 0.\n\n>>> cbrt(-8.0)\n-2.0")

square = op("square", lambda x: x * x, lambda g, y, x: g * (2.0 * x), latex="{{{0}}}^2",
            formula=lambda x: x * x, doc="x * x.\n\n>>> square(3.0)\n9.0")

reciprocal = op("reciprocal", lambda x: 1.0 / x, lambda g, y, x: -g * y * y,
                formula=lambda x: 1.0 / x, symbol="1/x", latex=r"\frac{{1}}{{{0}}}",
                domain="a number other than 0", doc="1 / x.\n\n>>> reciprocal(4.0)\n0.25")


def _share(x: Any, r: Any) -> Any:
    """Return x / r, and 0 where r is 0, as is agreed for the tip of a cone."""
    if r.__class__ is float:
        return x / r if r else 0.0
    return _agreed(r == 0, 0.0, x / where(r == 0, 1.0, r), x, r)


hypot = op("hypot", math.hypot,
    (lambda g, y, a, b: g * _share(a, y), lambda g, y, a, b: g * _share(b, y)),
    latex=r"\sqrt{{{0}^2 + {1}^2}}", kinks={(0.0, 0.0): (0.0, 0.0)},
    doc="sqrt(a*a + b*b) without overflow; slopes 0 at the origin.\n\n>>> hypot(3.0, 4.0)\n5.0")

logaddexp: Binary = op("logaddexp", special.logaddexp,
    (lambda g, y, a, b: g * sigmoid(a - b), lambda g, y, a, b: g * sigmoid(b - a)),
    formula=lambda a, b: maximum(a, b) + log1p(exp(-abs(where(a == b, 0.0, a - b)))),
    latex=r"\ln(e^{{{0}}} + e^{{{1}}})",
    doc="log(exp(a) + exp(b)) without overflow.\n\n"
        ">>> logaddexp(1000.0, 1000.0)\n1000.6931471805599")

# --- trigonometric and hyperbolic ---------------------------------------------------------------

sin = op("sin", math.sin, lambda g, y, x: g * cos(x), latex=r"\sin", domain="a finite number",
         doc="Sine of x radians.\n\n>>> sin(0.0)\n0.0")

cos: Unary = op("cos", math.cos, lambda g, y, x: -g * sin(x), latex=r"\cos",
                domain="a finite number", doc="Cosine of x radians.\n\n>>> cos(0.0)\n1.0")

tan = op("tan", math.tan, lambda g, y, x: g * (1.0 + y * y), latex=r"\tan",
         domain="a finite number", doc="Tangent of x radians.\n\n>>> tan(0.0)\n0.0")

one_minus_square = op("one_minus_square", lambda x: (1.0 - x) * (1.0 + x),
                      lambda g, y, x: g * (-2.0 * x), formula=lambda x: (1.0 - x) * (1.0 + x),
                      symbol="1-x²", latex="1 - {{{0}}}^2",
                      doc="1 - x * x, accurate near -1 and 1.\n\n>>> one_minus_square(0.5)\n0.75")

asin = op("asin", math.asin, lambda g, y, x: quotient_row(g, sqrt(one_minus_square(x))),
          latex=r"\arcsin", kinks={(1.0,): (_inf,), (-1.0,): (_inf,)}, domain="a number in [-1, 1]",
          doc="Inverse sine, in radians; slope inf at -1 and 1.\n\n>>> asin(0.0)\n0.0")

acos = op("acos", math.acos, lambda g, y, x: quotient_row(-g, sqrt(one_minus_square(x))),
    latex=r"\arccos", kinks={(1.0,): (-_inf,), (-1.0,): (-_inf,)}, domain="a number in [-1, 1]",
    doc="Inverse cosine, in radians; slope -inf at -1 and 1.\n\n>>> acos(1.0)\n0.0")

atan = op("atan", math.atan,
          lambda g, y, x: where((x < -_VAST) | (x > _VAST), quotient_row(quotient_row(g, x), x),
                                g / (1.0 + x * x)), latex=r"\arctan",
          doc="Inverse tangent, in radians.\n\n>>> atan(1.0)\n0.7853981633974483")


def _turn(g: Any, side: Any, a: Any, b: Any) -> Any:
    r = hypot(a, b)
    return _share(g * _share(side, r), r)


atan2 = op("atan2", math.atan2,
           (lambda g, y, a, b: _turn(g, b, a, b), lambda g, y, a, b: _turn(-g, a, a, b)),
           latex=r"\operatorname{{atan2}}({0}, {1})", kinks={(0.0, 0.0): (0.0, 0.0)},
           doc="Angle of the point (x=b, y=a), in radians; slopes 0 at the origin.\n\n"
               ">>> atan2(0.0, 1.0)\n0.0")

radians = op("radians", math.radians, lambda g, y, x: g * (math.pi / 180),
             formula=lambda x: x * (math.pi / 180), latex=r"\frac{{\pi}}{{180}} {0}",
             doc="Degrees in radians.\n\n>>> radians(180.0)\n3.141592653589793")

degrees = op("degrees", math.degrees, lambda g, y, x: g * (180 / math.pi),
             formula=lambda x: x * (180 / math.pi), latex=r"\frac{{180}}{{\pi}} {0}",
             doc="Radians in degrees.\n\n>>> degrees(math.pi)\n180.0")

sinc = op("sinc", lambda x: special.sinc(0.0, x), lambda g, y, x: g * sinc_row(1.0, x),
          formula=lambda x: sinc_row(0.0, x), latex=r"\operatorname{{sinc}}",
          doc="sin(pi x) / (pi x), and 1 at 0, as NumPy has it.\n\n"
              ">>> sinc(0.0), sinc(0.5)\n(1.0, 0.6366197723675814)")

sinc_row: Binary = op("sinc_derivative", special.sinc,
    (lambda g, y, n, x: g * convention_row((_nan, n, x)),
     lambda g, y, n, x: g * sinc_row(n + 1.0, x)),
    latex=r"\operatorname{{sinc}}^{{({0})}} \left({1}\right)", domain="a whole order >= 0",
    doc="n-th derivative of sinc, for slopes.\n\n>>> sinc_row(0.0, 0.0)\n1.0")

sinh = op("sinh", math.sinh, lambda g, y, x: g * cosh(x), latex=r"\sinh",
          doc="Hyperbolic sine.\n\n>>> sinh(0.0)\n0.0")

cosh: Unary = op("cosh", math.cosh, lambda g, y, x: g * sinh(x), latex=r"\cosh",
                 doc="Hyperbolic cosine.\n\n>>> cosh(0.0)\n1.0")

tanh = op("tanh", math.tanh, lambda g, y, x: g * sech2(x), latex=r"\tanh",
          doc="Hyperbolic tangent.\n\n>>> tanh(0.0)\n0.0")


def _sech2_formula(x: Any) -> Any:
    e = exp(-2.0 * abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


sech2: Unary = op("sech2", special.sech2, lambda g, y, x: -2.0 * g * y * tanh(x),
                  formula=_sech2_formula, latex=r"\operatorname{{sech}}^2",
                  doc="Square of the hyperbolic secant, 1 / cosh(x)**2: the slope of tanh.\n\n"
                      ">>> sech2(0.0)\n1.0")

asinh = op("asinh", math.asinh, lambda g, y, x: g / hypot(1.0, x), latex=r"\operatorname{{arsinh}}",
           doc="Inverse hyperbolic sine.\n\n>>> asinh(0.0)\n0.0")

acosh = op("acosh", math.acosh, lambda g, y, x: quotient_row(g, sqrt(x - 1.0)) / sqrt(x + 1.0),
           latex=r"\operatorname{{arcosh}}", kinks={(1.0,): (_inf,)}, domain="a number >= 1",
           doc="Inverse hyperbolic cosine; slope inf at 1.\n\n>>> acosh(1.0)\n0.0")

atanh = op("atanh", math.atanh, lambda g, y, x: g / one_minus_square(x),
           latex=r"\operatorname{{artanh}}", domain="a number in (-1, 1)",
           doc="Inverse hyperbolic tangent.\n\n>>> atanh(0.0)\n0.0")

# --- activations --------------------------------------------------------------------------------


def _sigmoid_formula(x: Any) -> Any:
    e = exp(-abs(x))
    return where(x >= 0, 1.0, e) / (1.0 + e)


sigmoid: Unary = op("sigmoid", special.sigmoid, lambda g, y, x: g * (0.25 * sech2(0.5 * x)),
                    latex=r"\sigma", formula=_sigmoid_formula,
                    doc="1 / (1 + exp(-x)), the logistic function.\n\n>>> sigmoid(0.0)\n0.5")

logsigmoid = op("logsigmoid", lambda x: -special.softplus(-x), lambda g, y, x: g * sigmoid(-x),
                latex=r"\ln \sigma \left({0}\right)", formula=lambda x: -softplus(-x),
                doc="log(sigmoid(x)), for log-odds.\n\n>>> logsigmoid(-800.0)\n-800.0")

softplus: Unary = op("softplus", special.softplus, lambda g, y, x: g * sigmoid(x),
    latex=r"\ln(1 + e^{{{0}}})", formula=lambda x: maximum(x, 0.0) + log1p(exp(-abs(x))),
    doc="log(1 + exp(x)), a smooth relu.\n\n>>> softplus(800.0)\n800.0")

relu = op("relu", lambda x: 0.0 if x <= 0 else x, lambda g, y, x: where(x > 0, g, 0.0),
    symbol="ReLU", latex=r"\operatorname{{ReLU}}\left({0}\right)", kinks={(0.0,): (0.0,)},
    formula=lambda x: where(x <= 0, 0.0, x), doc="max(0, x); slope 0 at 0.\n\n>>> relu(-2.0)\n0.0")

leaky_relu = op("leaky_relu", lambda x, slope: x if x > 0 and slope == slope else slope * x,
                (lambda g, y, x, slope: where(x > 0, g, g * slope),
                 lambda g, y, x, slope: where(x > 0, 0.0, g * x)), symbol="LeakyReLU",
                defaults=(0.01,), kinks={(0.0, 0.01): (0.01, 0.0)},
                formula=lambda x, slope: where((x > 0) & (slope == slope), x, slope * x),
                doc="x, or slope * x below 0; slope at 0.\n\n>>> leaky_relu(-2.0)\n-0.02")


def _below(x: Any) -> Any:
    """Return x where it is not positive, else 0, whose exponential is not too large."""
    return where(x > 0, 0.0, x)


elu = op("elu",
    lambda x, alpha: (x if alpha == alpha else _nan) if x > 0 else alpha * math.expm1(x),
    (lambda g, y, x, alpha: where(
         x > 0, g, g * _agreed(x == 0, 1.0, alpha * exp(_below(x)), x, alpha)),
     lambda g, y, x, alpha: where(
         x > 0, 0.0, g * _agreed(x == 0, 0.0, expm1(_below(x)), x, alpha))),
    symbol="ELU", defaults=(1.0,), kinks={(0.0, 1.0): (1.0, 0.0)},
    formula=lambda x, alpha: where((x > 0) & (alpha == alpha), x, alpha * expm1(_below(x))),
    doc="x, or alpha * expm1(x) below 0; slope 1 at 0 (Clevert et al. 2015).\n\n"
        ">>> elu(-1.0)\n-0.6321205588285577")

selu = op("selu", lambda x: _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * math.expm1(x)),
          lambda g, y, x: g * where(x > 0, _SELU_SCALE, _agreed(
              x == 0, _SELU_SCALE, _SELU_SLOPE * exp(_below(x)), x)),
          symbol="SELU", kinks={(0.0,): (_SELU_SCALE,)},
          formula=lambda x: _SELU_SCALE * elu(x, _SELU_ALPHA),
          doc="Self-normalising elu (Klambauer et al. 2017).\n\n>>> selu(1.0)\n1.0507009873554805")


def _within(bound: float, x: Any, slope: Any) -> Any:
    """Return a slope, and 0 beyond a bound where it and its derivatives are 0 to all digits.

    Computed, they are nan where a power of x overflows.
    """
    return where((x < -bound) | (x > bound), 0.0, slope)


def _bell(x: Any) -> Any:
    """Return exp(-x**2)."""
    return _within(45.0, x, exp(-square(x)))


def _density(x: Any) -> Any:
    """Return the density of the standard normal distribution."""
    return _within(60.0, x, _INV_SQRT_2PI * exp(-0.5 * square(x)))


normal_cdf = op("normal_cdf", special.normal_cdf, lambda g, y, x: g * _density(x),
                formula=lambda x: special.normal_tail(clamp(x, -40.0, 40.0), erfc, exp), symbol="Φ",
                latex=r"\Phi({0})",
                doc="Standard normal distribution function, accurate in both tails (DLMF "
                    "7.18.1).\n\n>>> normal_cdf(0.0), normal_cdf(-40.0)\n(0.5, 0.0)")

gelu = op("gelu", lambda x: 0.0 if x < -40 else x * special.normal_cdf(x),
          lambda g, y, x: g * (normal_cdf(x) + _within(60.0, x, x * _density(x))),
          formula=lambda x: where(x < -40.0, 0.0, x) * normal_cdf(x), symbol="GELU",
          latex=r"\operatorname{{GELU}}({0})",
          doc="x times the standard normal distribution function, in its exact form (Hendrycks "
              "and Gimpel 2016).\n\n>>> gelu(1.0)\n0.841344746068543")

silu = op("silu", lambda x: 0.0 if x == -_inf else x * special.sigmoid(x),
    lambda g, y, x: g * (sigmoid(x) + _within(750.0, x, x * (0.25 * sech2(0.5 * x)))),
    formula=lambda x: where(x == -_inf, 0.0, x) * sigmoid(x), symbol="SiLU",
    latex=r"{0} \, \sigma({0})", doc="x * sigmoid(x), also called swish.\n\n>>> silu(0.0)\n0.0")

swish = silu

mish = op("mish", lambda x: 0.0 if x == -_inf else x * math.tanh(special.softplus(x)),
          lambda g, y, x: g * (tanh(softplus(x))
                               + _within(750.0, x, x * (sech2(softplus(x)) * sigmoid(x)))),
          formula=lambda x: where(x == -_inf, 0.0, x) * tanh(softplus(x)),
          latex=r"{0} \, \tanh \left(\ln(1 + e^{{{0}}})\right)",
          doc="x * tanh(softplus(x)) (Misra 2019).\n\n>>> mish(0.0)\n0.0")

hardtanh = op("hardtanh", lambda x: special.clamp(x, -1.0, 1.0),
              lambda g, y, x: where((x > -1) & (x < 1), g, 0.0),
              formula=lambda x: clamp(x, -1.0, 1.0), kinks={(-1.0,): (0.0,), (1.0,): (0.0,)},
              doc="x held between -1 and 1; slope 0 at both.\n\n>>> hardtanh(2.0)\n1.0")

# --- special functions --------------------------------------------------------------------------

erf = op("erf", math.erf, lambda g, y, x: g * (_2_SQRT_PI * _bell(x)),
         latex=r"\operatorname{{erf}}", doc="Error function (DLMF 7.2.1).\n\n>>> erf(0.0)\n0.0")

erfc: Unary = op("erfc", math.erfc, lambda g, y, x: -g * (_2_SQRT_PI * _bell(x)),
                 latex=r"\operatorname{{erfc}}",
                 doc="1 - erf(x), accurate for large x (DLMF 7.2.2).\n\n>>> erfc(0.0)\n1.0")

lgamma = op("lgamma", lambda x: math.lgamma(x if x != -_inf else 0.0),
            lambda g, y, x: g * digamma(x), latex=r"\ln \left| \Gamma({0}) \right|",
            domain="a number other than 0, -1, -2, ...",
            doc="Logarithm of |gamma(x)| (DLMF 5.2.1).\n\n>>> lgamma(1.0)\n0.0")

digamma: Unary = op("digamma", lambda x: special.polygamma(0.0, x),
    lambda g, y, x: g * polygamma(1.0, x), formula=lambda x: polygamma(0.0, x), latex=r"\psi({0})",
    domain="a number other than 0, -1, -2, ...",
    doc="Derivative of lgamma (DLMF 5.2.2).\n\n>>> digamma(1.0)\n-0.5772156649015326")

polygamma: Binary = op("polygamma", special.polygamma,
                       (lambda g, y, n, x: g * convention_row((_nan, n, x)),
                        lambda g, y, n, x: g * polygamma(n + 1.0, x)), latex=r"\psi^{{({0})}}({1})",
                       domain="a whole order from 0 to 170 and a number other than 0, -1, -2, ...",
                       doc="n-th derivative of digamma (DLMF 5.15.1); it has none for its order "
                           "(nan).\n\n>>> polygamma(1.0, 1.0)\n1.6449340668482264")

# --- comparison and rounding --------------------------------------------------------------------


def _if_greater(g: Any, a: Any, b: Any) -> Any:
    return where(a > b, g, where(a == b, g * 0.5, 0.0))


maximum: Binary = op("maximum", lambda a, b: a if a >= b or a != a else b,
    (lambda g, y, a, b: _if_greater(g, a, b), lambda g, y, a, b: _if_greater(g, b, a)),
    latex=r"\max({0}, {1})", kinks={(0.0, 0.0): (0.5, 0.5)},
    doc="The larger of two numbers; ties split the gradient.\n\n>>> maximum(2.0, 3.0)\n3.0")

minimum: Binary = op("minimum", lambda a, b: a if a <= b or a != a else b,
    (lambda g, y, a, b: _if_greater(g, b, a), lambda g, y, a, b: _if_greater(g, a, b)),
    latex=r"\min({0}, {1})", kinks={(0.0, 0.0): (0.5, 0.5)},
    doc="The smaller of two numbers; ties split the gradient.\n\n>>> minimum(2.0, 3.0)\n2.0")

clamp: Parametric = op("clamp", special.clamp,
           (lambda g, y, x, low, high: where((x > low) & (x < high), g, 0.0),
            lambda g, y, x, low, high: where(x <= low, g, 0.0),
            lambda g, y, x, low, high: where((x >= high) & (x > low), g, 0.0)),
           kinks={(0.0, 0.0, 1.0): (0.0, 1.0, 0.0), (1.0, 0.0, 1.0): (0.0, 0.0, 1.0)},
           domain="low <= high", formula=lambda x, low, high: where(
               low <= high, where(x < low, low, where(x > high, high, x)), _nan),
           doc="x held between low and high; slope 0 at both.\n\n>>> clamp(5.0, 0.0, 1.0)\n1.0")

floor = op("floor", special.rounded(math.floor), _zero, latex=r"\left\lfloor {0} \right\rfloor",
           kinks={(1.0,): (0.0,)},
           doc="The next whole number below; its derivative is 0.\n\n>>> floor(-1.5)\n-2.0")

ceil = op("ceil", special.rounded(math.ceil), _zero, latex=r"\left\lceil {0} \right\rceil",
          kinks={(1.0,): (0.0,)},
          doc="The next whole number above; its derivative is 0.\n\n>>> ceil(-1.5)\n-1.0")

round: Unary = op("round", special.rounded(builtins.round), _zero, kinks={(0.5,): (0.0,)},
    doc="The nearest whole number, ties to even; its derivative is 0.\n\n>>> round(2.5)\n2.0")

trunc = op("trunc", special.rounded(math.trunc), _zero, kinks={(1.0,): (0.0,)},
           doc="The whole number towards 0; its derivative is 0.\n\n>>> trunc(-1.5)\n-1.0")

# --- operations on a sequence of numbers, one node each ------------------------------------------


def _ties(g: Any, y: Any, *xs: Any) -> list[Any]:
    chosen = [where(x == y, 1.0, 0.0) for x in xs]
    share = g / maximum(sum(chosen), 1.0)  # none where y is nan
    return [where(x == y, share, 0.0) for x in xs]


def _products_of_others(xs: tuple[Any, ...]) -> list[Any]:
    before = accumulate((1.0, *xs[:-1]), operator.mul)
    after = accumulate((1.0, *xs[:0:-1]), operator.mul)
    return [a * b for a, b in zip(before, reversed([*after]), strict=True)]


def _dot_vjp(g: Any, y: Any, *xs: Any) -> list[Any]:
    n = len(xs) // 2
    return [g * x for x in xs[n : 2 * n]] + [g * x for x in xs[:n]] + [g] * (len(xs) % 2)


def _norm_vjp(g: Any, y: Any, *xs: Any) -> list[Any]:
    return [g * _share(x, y) for x in xs]


def _logsumexp_vjp(g: Any, y: Any, *xs: Any) -> list[Any]:
    return [g * p for p in softmax(xs)]


sum = op("sum", lambda *xs: builtins.sum(xs, 0.0), lambda g, y, *xs: [g] * len(xs), variadic=True,
         symbol="Σ", latex=r"\sum({args})",
         doc="Sum of a sequence; 0 for none.\n\n>>> sum([1.0, 2.0, 3.0])\n6.0")

prod = op("prod", lambda *xs: math.prod(xs, start=1.0),
          lambda g, y, *xs: [g * p for p in _products_of_others(xs)], variadic=True,
          formula=lambda *xs: reduce(operator.mul, xs, 1.0), symbol="Π", latex=r"\prod({args})",
          doc="Product of a sequence, its gradient exact with zeros too; 1 for none.\n\n"
              ">>> prod([2.0, 3.0])\n6.0")

mean = op("mean", special.mean, lambda g, y, *xs: [g / len(xs)] * len(xs), variadic=True,
          formula=lambda *xs: sum(xs) / float(len(xs)), domain="at least one number",
          doc="Arithmetic mean of a sequence.\n\n>>> mean([1.0, 2.0, 6.0])\n3.0")

max = op("max", lambda *xs: special.extreme(builtins.max, xs), _ties, variadic=True,
    formula=lambda *xs: reduce(maximum, xs), latex=r"\max({args})", domain="at least one number",
    doc="Largest of a sequence; ties split the gradient evenly.\n\n>>> max([1.0, 3.0, 2.0])\n3.0")

min = op("min", lambda *xs: special.extreme(builtins.min, xs), _ties, variadic=True,
    formula=lambda *xs: reduce(minimum, xs), latex=r"\min({args})", domain="at least one number",
    doc="Smallest of a sequence; ties split the gradient evenly.\n\n>>> min([1.0, 3.0, 2.0])\n1.0")

norm = op("norm", math.hypot, _norm_vjp, variadic=True, formula=lambda *xs: reduce(hypot, xs, 0.0),
    latex=r"\left\| {args} \right\|",
    doc="Euclidean length of a sequence; slopes 0 where all are 0.\n\n>>> norm([3.0, 4.0])\n5.0")


def _logsumexp_formula(*xs: Any) -> Any:
    """Keep the largest number so far, and the sum of the others' exponentials beside its own."""
    top, rest = xs[0], 0.0
    for x in xs[1:]:
        e = exp(-abs(where(x == top, 0.0, x - top)))
        rest = where(x > top, (rest + 1.0) * e, rest + e)
        top = maximum(top, x)
    return top + log1p(rest)


logsumexp = op("logsumexp", special.logsumexp, _logsumexp_vjp, variadic=True,
               formula=_logsumexp_formula, latex=r"\ln \sum e^{{({args})}}",
               doc="log(exp(x1) + ... + exp(xn)) without overflow.\n\n"
                   ">>> logsumexp([1000.0, 1000.0])\n1000.6931471805599")

dot_row = op("dot", special.dot, _dot_vjp, variadic=True)


@overload
def dot(  # type: ignore[overload-overlap]  # an empty sequence is one of either
    xs: Iterable[float], ys: Iterable[float], start: float | None = None
) -> float: ...
@overload
def dot(
    xs: Iterable[Value | float], ys: Iterable[Value | float], start: Value | float | None = None
) -> Value: ...
def dot(xs: Iterable[Any], ys: Iterable[Any], start: Any = None) -> Any:
    """Return x1*y1 + ... + xn*yn, plus `start` where given, as one node.

    Raises ShapeError where the lengths differ, TypeError for what is no sequence.

    >>> dot([1.0, 2.0], [3.0, 4.0], 0.5)
    11.5
    """
    try:
        xs, ys = tuple(xs), tuple(ys)
    except TypeError:
        if isinstance(xs, Iterable) and isinstance(ys, Iterable):
            raise
        raise TypeError("dot() expects two sequences of numbers; write dot([x], [y])") from None
    if len(xs) != len(ys):
        raise ShapeError(f"dot expects two sequences of one length, got {len(xs)} and {len(ys)}")
    return dot_row.apply(xs + ys if start is None else (*xs, *ys, start))


@overload
def softmax(xs: Iterable[float]) -> list[float]: ...  # type: ignore[overload-overlap]
@overload
def softmax(xs: Iterable[Value | float]) -> list[Value]: ...
def softmax(xs: Iterable[Any]) -> Any:
    """Return the exponentials of a sequence divided by their sum, without overflow.

    All are nan, as in PyTorch, where the largest is infinite (all of them -inf, too) or one is nan.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    weights: list[Any] = [exp(x) for x in _shifted("softmax", xs)]
    total: Any = sum(weights)
    return [w / total for w in weights]


@overload
def log_softmax(xs: Iterable[float]) -> list[float]: ...  # type: ignore[overload-overlap]
@overload
def log_softmax(xs: Iterable[Value | float]) -> list[Value]: ...
def log_softmax(xs: Iterable[Any]) -> Any:
    """Return the logarithms of `softmax(xs)`, accurate however small they are, nan where that is.

    >>> log_softmax([0.0, -1000.0])
    [0.0, -1000.0]
    """
    shifted = _shifted("log_softmax", xs)
    total: Any = logsumexp(shifted)
    return [x - total for x in shifted]


def _shifted(name: str, xs: Iterable[Any]) -> list[Any]:
    """Subtract the largest, as a constant: softmax is the same for numbers all shifted alike."""
    xs = list(listed(name, xs))
    top = max(map(primal, xs)) if xs else 0.0
    return [x - top for x in xs]  # nan where that is infinite

__all__ = [
    "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "clamp",
    "copysign", "cos", "cosh", "degrees", "digamma", "div", "dot", "elu", "erf", "erfc", "exp",
    "exp2", "expm1", "floor", "floordiv", "fma", "fmod", "gelu", "hardtanh", "hypot", "leaky_relu",
    "lgamma", "log", "log1p", "log2", "log10", "log_softmax", "logaddexp", "logsigmoid",
    "logsumexp", "maximum", "mean", "minimum", "mish", "mod", "mul", "neg", "norm", "normal_cdf",
    "one_minus_square", "polygamma", "pos", "prod", "radians", "reciprocal", "relu", "sech2",
    "selu", "sigmoid", "sign", "silu", "sin", "sinc", "sinh", "softmax", "softplus", "sqrt",
    "square", "sub", "swish", "tan", "tanh", "trunc", "where",
]  # all but what would hide a builtin: abs, max, min, pow, round, sum

# --- twins of rules, on floats --------------------------------------------------------------------

# What the backward pass calls instead, where that takes less than nine tenths of the time: here a
# branch may be taken, and math called without the way through a row. A test holds them equal.


def _power_da_of_floats(g: float, y: float, a: float, b: float) -> Any:
    if b == 0.0:
        return g * 0.0
    try:
        return g * (b * a ** (b - 1.0))
    except (OverflowError, ZeroDivisionError):
        return g * (b * special.power_log(0.0, a, b - 1.0))


def _power_db_of_floats(g: float, y: float, a: float, b: float) -> float:
    if a > 0:
        return g * (y * math.log(a))
    return g * special.power_log(1.0, a, b) if a or b else g * 0.0


def _greater_of_floats(g: float, y: float, a: float, b: float) -> float:
    return g if a > b else g * 0.5 if a == b else 0.0


def _ties_of_floats(g: float, y: float, *xs: float) -> list[float]:
    chosen = [x == y for x in xs]
    share = g / builtins.max(builtins.sum(chosen), 1)
    return [share if x else 0.0 for x in chosen]


def _softmax_of_floats(g: float, y: float, *xs: float) -> list[float]:
    top = builtins.max(xs, default=0.0)
    weights = [math.exp(x - top) for x in xs]
    total = builtins.sum(weights, 0.0)
    return [g * (w / total) for w in weights]


def _gelu_of_floats(g: float, y: float, x: float) -> float:
    bell = 0.0 if x < -60.0 or x > 60.0 else x * (_INV_SQRT_2PI * math.exp(-0.5 * (x * x)))
    return g * (special.normal_cdf(x) + bell)


for _row, *_rules in (
    (pow, _power_da_of_floats, _power_db_of_floats),
    (atan, lambda g, y, x: g / (1.0 + x * x) if -_VAST <= x <= _VAST else g / x / x),
    (tanh, lambda g, y, x: g * special.sech2(x)),
    (sigmoid, lambda g, y, x: g * (0.25 * special.sech2(0.5 * x))),
    (relu, lambda g, y, x: g if x > 0 else 0.0),
    (leaky_relu, lambda g, y, x, slope: g if x > 0 else g * slope,
     lambda g, y, x, slope: 0.0 if x > 0 else g * x),
    (elu, lambda g, y, x, alpha: g if x >= 0 else g * (alpha * math.exp(x)),
     lambda g, y, x, alpha: 0.0 if x > 0 else g * math.expm1(x)),
    (selu, lambda g, y, x: g * (_SELU_SCALE if x >= 0 else _SELU_SLOPE * math.exp(x))),
    (gelu, _gelu_of_floats),
    (hardtanh, lambda g, y, x: g if -1 < x < 1 else 0.0),
    (normal_cdf, lambda g, y, x: g * (_INV_SQRT_2PI * math.exp(-0.5 * (x * x)))),
    (erf, lambda g, y, x: g * (_2_SQRT_PI * math.exp(-x * x))),
    (erfc, lambda g, y, x: -g * (_2_SQRT_PI * math.exp(-x * x))),
    (maximum, _greater_of_floats, lambda g, y, a, b: _greater_of_floats(g, y, b, a)),
    (minimum, lambda g, y, a, b: _greater_of_floats(g, y, b, a), _greater_of_floats),
    (clamp, lambda g, y, x, low, high: g if low < x < high else 0.0,
     lambda g, y, x, low, high: g if x <= low else 0.0,
     lambda g, y, x, low, high: g if x >= high and x > low else 0.0),
    (max, _ties_of_floats),
    (min, _ties_of_floats),
    (norm, lambda g, y, *xs: [g * (x / y) for x in xs] if y else [g * 0.0 for x in xs]),
    (logsumexp, _softmax_of_floats),
):
    _row.float_vjps = tuple(_rules)

# Rows that no floats make raise; of those without a domain, some overflow.
for _each in TABLE.values():
    _each.total = _each not in (exp, exp2, expm1, sinh, cosh, fma) and (
        _each.arity is None or _each.domain == ANY_DOMAIN
    )
BUILT_IN.update(TABLE)
__test__ = {name: row.doc for name, row in TABLE.items()}  # where doctest finds the rows' examples
