"""The backend for programs without Python: a tape as a C99 function that needs the C library."""

from __future__ import annotations

from .. import special
from .braces import Dialect, written
from .tape import Tape

TEMPLATES = {
    **{name: f"{name}({{0}})" for name in (
        "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos",
        "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",
        "erfc", "lgamma")},
    **{name: f"{name}({{0}}, {{1}})" for name in ("pow", "fmod", "hypot", "atan2", "copysign")},
    **{name: f"@{name}({{0}}, {{1}})" for name in (
        "floordiv", "mod", "sinc_derivative", "polygamma")},
    "power_log": "@power_log({0}, {1}, {2})", "fma": "fma({0}, {1}, {2})", "abs": "fabs({0})",
    "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "neg": "(-{0})",
    "div": "({0} / {1})", "quotient": "({0} / {1})",
    "sign": "({0} > 0.0 ? 1.0 : {0} < 0.0 ? -1.0 : {0} == 0.0 ? 0.0 : {0})",
    "maximum": "({0} >= {1} || {0} != {0} ? {0} : {1})",
    "minimum": "({0} <= {1} || {0} != {0} ? {0} : {1})",
    # Python rounds to an int, which has no -0.
    "floor": "(floor({0}) + 0.0)", "ceil": "(ceil({0}) + 0.0)", "round": "(rint({0}) + 0.0)",
    "trunc": "(trunc({0}) + 0.0)",
    **{row: f"((double)({test}))" for row, test in {
        "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} == {1}",
        "both": "{0} != 0.0 && {1} != 0.0", "either": "{0} != 0.0 || {1} != 0.0",
        "negation": "{0} == 0.0"}.items()},
    "select": "({0} != 0.0 ? {1} : {2})",
}  # fmt: skip

# Each before those that call it.
HELPERS = {
    "floordiv": """\
static double @floordiv(double a, double b) {
    double rest = fmod(a, b), whole = (a - rest) / b;
    if (rest != 0.0 && (b < 0.0) != (rest < 0.0)) whole -= 1.0;
    if (whole == 0.0) return copysign(0.0, a / b);
    return whole - floor(whole) > 0.5 ? floor(whole) + 1.0 : floor(whole);
}""",
    "mod": """\
static double @mod(double a, double b) {
    double rest = fmod(a, b);
    if (rest == 0.0) return copysign(0.0, b);
    return (b < 0.0) != (rest < 0.0) ? rest + b : rest;
}""",
    "power_log": """\
static double @power_log(double n, double a, double b) {
    if (n == 0.0) return pow(a, b);
    if (a < 0.0 || !(n > 0.0 && n == floor(n))) return NAN;
    if (a == 0.0) return b > 0.0 ? 0.0 : pow(-INFINITY, n);
    return pow(a, b) * pow(log(a), n);
}""",
    "wave": """\
static double @wave(double k, double sine, double cosine) {
    double turned = fmod(k, 2.0) == 0.0 ? sine : cosine;
    return fmod(k, 4.0) < 2.0 ? turned : -turned;
}""",
    "sinc_derivative": """\
static double @sinc_derivative(double n, double x) {
    double pi = 3.141592653589793, z = pi * x, turns = rint(x) + 0.0, angle = pi * (x - turns);
    double sign = fmod(turns, 2.0) != 0.0 ? -1.0 : 1.0, start = n + 2.0, error = 1.0;
    double sine = sign * sin(angle), cosine = sign * cos(angle), u = 0.0;
    if (x != x || !(n >= 0.0 && n == floor(n))) return NAN;
    if (fabs(x) == INFINITY) return 0.0;
    if (z != 0.0 && n <= fabs(z)) {
        u = sine / z;
        for (double k = 1.0; k <= n; k += 1.0) u = (@wave(k, sine, cosine) - k * u) / z;
    } else {
        for (; error > 1e-18; error *= fabs(z) / start) start += 1.0;
        for (double k = start; k > n; k -= 1.0) u = (@wave(k, sine, cosine) - z * u) / k;
    }
    return u * pow(pi, n);
}""",
    "polygamma_term": """\
static double @polygamma_term(double n, double x) {
    double term = 1.0 / x;
    for (double k = 1.0; k <= n; k += 1.0) term *= k / x;
    return term;
}""",
    "polygamma_above": """\
static double @polygamma_above(double n, double x) {
    double total = 0.0, series = 0.0, k = 0.0, lead = 0.0, w = 0.0;
    for (; x + k < 10.0 + 2.0 * n; k += 1.0) total += @polygamma_term(n, x + k);
    x += k;
    w = 1.0 / x;
"""
    + "".join(
        f"    series = {b / (2 * k)!r}"
        f" + series * ((n + {2 * k}.0) * (n + {2 * k + 1}.0) / {2 * k * (2 * k + 1)}.0 * w * w);\n"
        for k, b in reversed([*enumerate(special.BERNOULLI, 1)])
    )
    + """\
    lead = @polygamma_term(n, x);
    total += lead * (0.5 + (n + 1.0) * series * w) + (n > 0.0 ? lead * x / n : -log(x));
    return fmod(n, 2.0) == 1.0 ? total : -total;
}""",
    "polygamma": """\
static double @polygamma(double n, double x) {
    double near = x - rint(x), y = fabs(near), sign = fmod(n, 2.0) == 1.0 ? 1.0 : -1.0;
    double cotangent = 0.0;
    if (!(n >= 0.0 && n <= 170.0 && n == floor(n)) || x == -INFINITY) return NAN;
    if (x == INFINITY) return n > 0.0 ? 0.0 : x;
    if (x > 0.0) return @polygamma_above(n, x);
    if (near == 0.0) return NAN;
    cotangent = -sign * @polygamma_above(n, 1.0 - y) - @polygamma_above(n, y);
    return -sign * @polygamma_above(n, 1.0 - x) - (near < 0.0 ? sign * cotangent : cotangent);
}""",
}


_HEAD = "int {name}(const double *x, double *y) {{"


def source(tape: Tape, name: str = "f") -> str:
    r"""Return a tape as the source of a C99 function, `int f(const double *x, double *y)`.

    It computes the outputs `y` from the inputs `x` and returns 0; where the tape does not hold for
    these numbers, it returns 1 for its first guard, 2 for the next, and leaves `y` as it is.
    Where an operation raises in Python, its result is inf or nan, as IEEE 754 has it. All numbers
    are on the stack: those that a long tape needs again later take 8 bytes each.

    Raises BackendError for what C is not told how to compute, ValueError for what is no name.

    >>> from autograd_lite import jit
    >>> print(source(jit(lambda x, y: x * y + 1.0).tape(2.0, 3.0)))
    #include <math.h>
    <BLANKLINE>
    int f(const double *x, double *y) {
        double v0 = x[0];  // x
        double v1 = x[1];  // y
        double v3 = ((v0 * v1) + 1.0);
        y[0] = v3;
        return 0;
    }
    <BLANKLINE>
    """
    text, head = written(tape, name, _C), _HEAD.format(name=name)
    for parameter, use in (("y", "\n    y["), ("x", " = x[")):
        if use not in text:  # or a compiler warns of it
            text = text.replace(head, f"{head}\n    (void){parameter};")
    return "#include <math.h>\n\n" + text


_C = Dialect(
    "c",
    TEMPLATES,
    HELPERS,
    constants=("INFINITY", "NAN"),
    function=_HEAD,
    piece="static int {name}(double *s) {{",
    number="double",
    whole="int",
    slots="double s[{size}];",
    table="static int (*const pieces[])(double *) = {{{pieces}}};",
    end=lambda ys: [*[f"    y[{i}] = {y};" for i, y in enumerate(ys)], "    return 0;", "}"],
)
