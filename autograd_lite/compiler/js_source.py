"""The backend for pages: a tape as one JavaScript function.

An expression of C is one of JavaScript, but for the names of its functions, and so are the helpers
of C: the table and their text are read from there. What `Math` has not is written here.
"""

from __future__ import annotations

import re

from . import c_source
from .braces import Dialect, written
from .tape import Tape

# erf by its power series, erfc by its continued fraction (DLMF 7.6.2, 7.9.2); lgamma by Stirling's
# series and reflection (DLMF 5.11.1, 5.5.3), to 1e-14 beside its zeros; fma as Dekker (1971).
OWN = {
    "copysign": "function @copysign(a, b) { return (b < 0 || 1 / b < 0 ? -1 : 1) * Math.abs(a); }",
    "exp2": "function @exp2(x) { return 2 ** x; }",
    "fmod": "function @fmod(a, b) { return a % b; }",
    "pow": """\
function @pow(a, b) { return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b; }""",
    "rint": """\
function @rint(x) {
    const up = Math.round(x);
    return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}""",
    "fma": """\
function @fma(a, b, c) {
    const product = a * b, sum = product + c, part = sum - product;
    if (!Number.isFinite(a) || !Number.isFinite(b)) return sum;
    if (!Number.isFinite(product)) return 4 * @fma(a / 4, b, c / 4);
    if (Math.abs(a) > 1e290) return @fma(a / 2 ** 60, b * 2 ** 60, c);
    if (Math.abs(b) > 1e290) return @fma(b, a, c);
    const high = (x) => x * 134217729 - (x * 134217729 - x);
    const ah = high(a), bh = high(b), al = a - ah, bl = b - bh;
    const lost = ((ah * bh - product) + ah * bl + al * bh) + al * bl;
    const exact = sum + ((product - (sum - part)) + (c - part) + lost);
    return Number.isFinite(exact) && exact !== 0 ? exact : sum;
}""",
    "erfc_above": """\
function @erfc_above(x) {  // exp(-x * x) needs the square in two parts
    if (x > 30) return 0;
    const high = Math.fround(x);
    let f = 0;
    for (let k = Math.ceil(20 + 200 / (x * x)); k > 0; k--) f = k / 2 / (x + f);
    const rest = Math.exp((high - x) * (high + x));
    return Math.exp(-high * high) * rest / Math.sqrt(Math.PI) / (x + f);
}""",
    "erf": """\
function @erf(x) {
    if (Math.abs(x) >= 1) return x > 0 ? 1 - @erfc_above(x) : @erfc_above(-x) - 1;
    let term = x, sum = x;
    for (let k = 1; k < 25; k++) sum += term *= 2 * x * x / (2 * k + 1);
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}""",
    "erfc": "function @erfc(x) { return x >= 1 ? @erfc_above(x) : 1 - @erf(x); }",
    "lgamma": """\
function @lgamma(x) {
    const near = Math.abs(x - @rint(x));
    if (x === 1 || x === 2) return 0;
    if (x <= 0 && near === 0) return Infinity;
    if (x <= 0) {
        return Math.log(Math.PI) - Math.log(Math.sin(Math.PI * near)) - Math.log(-x) - @lgamma(-x);
    }
    let product = 1;
    for (; x < 10; x++) product *= x;
    const w = 1 / x, w2 = w * w;
    const tail = 1 / 1260 - w2 * (1 / 1680 - w2 * (1 / 1188 - w2 * 691 / 360360));
    const series = w * (1 / 12 - w2 * (1 / 360 - w2 * tail));
    return (x - 0.5) * (Math.log(x) - 1) + 0.4189385332046727 + series - Math.log(product);
}""",
}  # fmt: skip
OTHER_NAMES = {"fabs": "Math.abs", **{name: f"@{name}" for name in OWN}}


def _javascript(text: str) -> str:
    """Translate an expression, or a function of numbers, from C."""
    text = re.sub(r"static double (@\w+)(.*)", lambda head: f"function {head[1]}" +
                  head[2].replace("double ", ""), text)  # fmt: skip
    text = re.sub(r"(?<![@\w])([a-z]\w*)(?=\()",
                  lambda name: OTHER_NAMES.get(name[1], f"Math.{name[1]}"), text)  # fmt: skip
    for c, js in (("(double)", "+"), ("double ", "let "), ("NAN", "NaN"), ("INFINITY", "Infinity")):
        text = text.replace(c, js)
    return text


def source(tape: Tape, name: str = "f") -> str:
    """Return a tape as the source of a JavaScript function, `function f(x)`, and those it needs.

    It returns the outputs for the inputs `x`, both arrays; where the tape does not hold for these
    numbers, 1 for its first guard, 2 for the next. Where an operation raises in Python, its result
    is inf or nan, as IEEE 754 has it.

    Raises BackendError for what JavaScript is not told how to compute, ValueError for what is no
    name.

    >>> from autograd_lite import jit
    >>> print(source(jit(lambda x, y: x * y + 1.0).tape(2.0, 3.0)))
    function f(x) {
        let v0 = x[0];  // x
        let v1 = x[1];  // y
        let v3 = ((v0 * v1) + 1.0);
        return [v3];
    }
    <BLANKLINE>
    """
    return written(tape, name, _JAVASCRIPT)


_JAVASCRIPT = Dialect(
    "js",
    {row: _javascript(template) for row, template in c_source.TEMPLATES.items()},
    {**OWN, **{name: _javascript(text) for name, text in c_source.HELPERS.items()}},
    constants=("Infinity", "NaN"),
    function="function {name}(x) {{",
    piece="function {name}(s) {{",
    number="let",
    whole="let",
    slots="const s = new Float64Array({size});",
    table="const pieces = [{pieces}];",
    end=lambda results: [f"    return [{', '.join(results)}];", "}"],
)
