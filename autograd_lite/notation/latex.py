r"""Formulas as LaTeX, in commands that amsmath and MathJax both know.

Operations are written by the templates of the table. Where brackets of the template enclose an
operand, it stands as it is; elsewhere it has the parentheses that it has in text, too.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

from ..operation import ATOM, POWER, PRODUCT, SUM, Operation
from .formula import Bound, Notation, is_loose

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_LETTERS = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", _GREEK.split(), strict=True))
_ACCENTS = {"\u0300": "grave", "\u0301": "acute", "\u0302": "hat", "\u0303": "tilde",
            "\u0304": "bar", "\u0306": "breve", "\u0307": "dot", "\u0308": "ddot",
            "\u030c": "check"}  # fmt: skip
_SPECIAL = {"\\": r"\backslash ", "^": r"{\wedge}", "~": r"{\sim}", " ": r"\ ",
            "'": r"{}^{\prime}", "-": "{-}"}  # fmt: skip
_SPECIAL |= {ch: f"\\{ch}" for ch in "#$%&_{}"}
_SPECIAL |= {letter: rf"\{word} " for letter, word in _LETTERS.items()}

_OPENING = ("(", "{", "[", ",", "|", "floor", "ceil")
_CLOSING = (")", "}", "]", ",", r"\right")
_TOKEN = re.compile(r"\{\{|\}\}|\{(\d+|args)\}")  # of a template: a brace, or an operand's place


def name(label: str) -> str:
    r"""Write a name; any text will do.

    >>> print(name("w1"), name("a_o1"), name("E_total"), name("50% off"))
    w_{1} a_{o_{1}} E_{\mathrm{total}} \mathrm{50\%\ off}
    """
    parts = re.fullmatch(r"([^\W\d_]+)_?([^\W_]*)", label)
    if parts is None:
        return _upright(label)
    base, below = parts.groups()
    written = "".join(map(_letter, base)) if len(base) == 1 else _upright(base)
    if not below:
        return written
    return f"{written}_{{{below if re.fullmatch('[0-9]+', below) else name(below)}}}"


def _upright(text: str) -> str:
    return rf"\mathrm{{{''.join(map(_letter, text))}}}"


def _letter(ch: str) -> str:
    if ch in _SPECIAL:
        return _SPECIAL[ch]
    if " " < ch <= "~":
        return ch
    base, accent = unicodedata.normalize("NFD", ch)[:1], unicodedata.normalize("NFD", ch)[1:]
    if base.isascii() and accent in _ACCENTS:
        return rf"\{_ACCENTS[accent]}{{{base}}}"
    code = ch.encode("unicode_escape", "backslashreplace").decode("ascii")
    return code.replace("\\", r"\backslash ")


def number(x: float) -> str:
    r"""Write a number with six significant digits.

    >>> number(-1e30), number(float("-inf")), number(0.25)
    ('-10^{30}', '-\\infty', '0.25')
    """
    if not math.isfinite(x):
        return r"\mathrm{nan}" if math.isnan(x) else r"\infty" if x > 0 else r"-\infty"
    digits, _, exponent = f"{x + 0.0:.6g}".partition("e")
    power = f"10^{{{int(exponent)}}}" if exponent else ""
    if digits in ("1", "-1") and power:
        return digits.replace("1", power)
    return rf"{digits} \cdot {power}" if power else digits


class Latex(Notation):
    r"""Writes formulas as LaTeX, for mathematics mode; its parentheses grow with what is in them.

    >>> from autograd_lite import ops
    >>> from autograd_lite.notation.formula import Applied
    >>> print(latex(Applied(ops.square, (Applied(ops.sin, ("x",)),))))
    {\left(\sin \left(x\right)\right)}^2
    """

    times = r" \cdot "
    enclosed = r"\left({}\right)".format
    derivative = r"\frac{{\partial {}}}{{\partial {}}}".format
    more = r"\dots".format
    left_out = r"\cdots \text{{ {:,} more {} }} \cdots".format
    name = staticmethod(name)
    number = staticmethod(number)

    def applied(self, op: Operation, operands: list[Bound]) -> Bound:
        """Write an operation by its template."""

        def put(token: re.Match[str]) -> str:
            before, after = op.latex[: token.start()].rstrip(), op.latex[token.end() :].lstrip()
            if token[1] is None:
                return token[0][0]  # a doubled brace
            if token[1] == "args":
                return self.listed(operands)
            part, binding = operands[int(token[1])]
            is_enclosed = before.endswith(_OPENING) and after.startswith(_CLOSING)
            if is_enclosed and not after.startswith("}}^"):
                return part
            return self.enclosed(part) if is_loose(op, int(token[1]), binding) else part

        return _TOKEN.sub(put, op.latex), _binding(op.latex, op.precedence)


latex = Latex()


@lru_cache(maxsize=1_000)
def _binding(template: str, precedence: int) -> int:
    """Return how tightly what a template writes holds together, from what is outside brackets."""
    sample = _TOKEN.sub(lambda token: "\0" if token[1] else token[0][0], template)
    outside = "".join(ch for i, ch in enumerate(sample) if _depth(sample[:i]) == 0)
    if precedence < ATOM and "\0" in outside:
        return precedence
    if "+" in outside or "-" in outside:
        return SUM
    return PRODUCT if re.match(r"\0[^^]", outside) else POWER


def _depth(written: str) -> int:
    r"""Count the brackets that are open at the end of what is written, \left ones twice."""
    opened, closed = (r"\left", "(", "[", "{"), (r"\right", ")", "]", "}")
    return sum(map(written.count, opened)) - sum(map(written.count, closed))
