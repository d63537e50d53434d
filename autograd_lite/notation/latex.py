r"""Names, numbers and formulas as LaTeX, in commands that amsmath and MathJax both know.

Operations are written by the templates of the table. Where an operand needs parentheses is read
off the template: `{0} + {1}` leaves it bare, `\sqrt{{{0}}}` does not.
"""

from __future__ import annotations

import math
import re
import unicodedata

from .formula import SHOWN_OPERANDS, Formula, shortened

SUM, PRODUCT, APPLIED, ATOM = 1, 2, 3, 9  # how tightly a piece of LaTeX holds together
_NEVER, _ALWAYS = 0, 10  # inside brackets of the template's own; after the name of a function

_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega"
)
_CAPITAL = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"


def _greek(words: str, size: str) -> dict[str, str]:
    names = {word: word.upper().replace("LAMBDA", "LAMDA") for word in words.split()}
    return {
        unicodedata.lookup(f"GREEK {size} LETTER {name}"): rf"\{word} "
        for word, name in names.items()
    }


_LETTERS = _greek(_SMALL, "SMALL") | _greek(_CAPITAL, "CAPITAL")
_ACCENTS = {"\u0300": "grave", "\u0301": "acute", "\u0302": "hat", "\u0303": "tilde",
            "\u0304": "bar", "\u0306": "breve", "\u0307": "dot", "\u0308": "ddot",
            "\u030c": "check"}  # fmt: skip
_SPECIAL = {"\\": r"\backslash ", "^": r"{\wedge}", "~": r"{\sim}", " ": r"\ ",
            "'": r"{}^{\prime}", "-": "{-}"}  # fmt: skip
_SPECIAL |= {ch: f"\\{ch}" for ch in "#$%&_{}"}
_TOKEN = re.compile(r"\{\{|\}\}|\{(\d+|args)\}")  # of a template: a brace, or an operand's place


def name(label: str) -> str:
    r"""Write a name; any text will do.

    >>> print(name("w1"), name("a_o1"), name("E_total"), name("50% off"))
    w_{1} a_{o_{1}} E_{\mathrm{total}} \mathrm{50\%\ off}
    """
    found = re.fullmatch(r"([^\W\d_]+)_?([^\W_]*)", label)
    if found is None:
        return _upright(label)
    base, below = found.groups()
    written = _letters(base) if len(base) == 1 else _upright(base)
    if not below:
        return written
    return f"{written}_{{{below if re.fullmatch('[0-9]+', below) else name(below)}}}"


def _upright(text: str) -> str:
    return rf"\mathrm{{{_letters(text)}}}"


def _letters(text: str) -> str:
    return "".join(map(_letter, text))


def _letter(ch: str) -> str:
    if ch in _SPECIAL or ch in _LETTERS:
        return _SPECIAL.get(ch) or _LETTERS[ch]
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
    if math.isnan(x):
        return r"\mathrm{nan}"
    if math.isinf(x):
        return r"\infty" if x > 0 else r"-\infty"
    digits, _, exponent = f"{x + 0.0:.6g}".partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    sign = "-" if x < 0 else ""
    return f"{sign}{power}" if digits.lstrip("-") == "1" else rf"{digits} \cdot {power}"


def latex(formula: Formula) -> str:
    r"""Write a formula as LaTeX, for mathematics mode.

    >>> from autograd_lite import ops
    >>> from autograd_lite.notation.formula import Applied
    >>> print(latex(Applied(ops.square, (Applied(ops.sin, ("x",)),))))
    {\left(\sin \left(x\right)\right)}^2
    """
    return bound_latex(formula)[0]


def bound_latex(formula: Formula) -> tuple[str, int]:
    """Return the LaTeX of a formula, and how tightly it holds together."""
    if isinstance(formula, str):
        return name(formula), ATOM
    if isinstance(formula, float):
        return number(formula), SUM if formula < 0 else PRODUCT if "e" in f"{formula:.6g}" else ATOM
    template, operands = formula.op.latex, formula.operands
    parts = [bound_latex(x) for x in operands]
    few = [r"\dots" if x is None else x[0] for x in shortened(parts, SHOWN_OPERANDS)]

    def put(found: re.Match[str]) -> str:
        place = found[1]
        if place is None:
            return found[0][0]  # a doubled brace
        if place == "args":
            return ", ".join(few)
        part, binding = parts[int(place)]
        leads = found.start() == 0 and isinstance(operands[int(place)], float)
        enough = leads or binding >= _needed(template[: found.start()], template[found.end() :])
        return part if enough else parenthesised(part)

    written = _TOKEN.sub(put, template)
    return written, SUM if written.startswith("-") else _binding(template)


def parenthesised(text: str) -> str:
    r"""Put LaTeX in parentheses that grow with it.

    >>> print(parenthesised("-7"))
    \left(-7\right)
    """
    return rf"\left({text}\right)"


def _needed(before: str, after: str) -> int:
    """Return how tightly an operand must hold together between two pieces of a template."""
    if re.match(r"(\}\})?\^", after):
        return ATOM
    if before.endswith("{{") and after.startswith("}}"):
        return _NEVER
    left, right = before.rstrip(), after.lstrip()
    if left.endswith(r"\cdot") or right.startswith(r"\cdot"):
        return PRODUCT
    if left.endswith(("+", "-")):
        return PRODUCT
    if right.startswith(("+", "-")):
        return SUM
    if left.endswith(("(", ",", "|", "floor", "ceil")):
        return _NEVER
    return APPLIED if not left or left.endswith(r"\bmod") else _ALWAYS


def _binding(template: str) -> int:
    """Return how tightly what a template writes holds together, from what is outside brackets."""
    sample = _TOKEN.sub(lambda found: found[0][0] if found[1] is None else "x", template)
    shorter = re.sub(r"\\left.*?\\right(?=\W)(\\\|)?", "x", sample)
    while shorter != sample:
        sample, shorter = shorter, re.sub(r"\{[^{}]*\}|\([^()]*\)", "x", shorter)
    if re.search(r" [+-] |^-", shorter):
        return SUM
    return PRODUCT if re.search(r"\\cdot|\\bmod|\\,|^x .", shorter) else APPLIED
