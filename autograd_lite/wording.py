"""What messages have in common: a text quoted on one line, "did you mean", the user's line."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from types import FrameType

# Not the user's code, although it may stand between her line and ours: math.fsum, statistics.mean.
_OTHERS = {__name__.partition(".")[0], "numpy", "scipy", *sys.stdlib_module_names}

_SHORT = {"ln": "log", "acc": "accuracy", "ce": "cross_entropy", "bce": "binary_cross_entropy",
          "l1": "mae", "l2": "mse", "nesterov": "sgd"}  # fmt: skip  # too unlike to be found


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return "; did you mean ...?" where one of the words is close to this one, else "".

    Capital letters count as small ones; a word that differs in nothing else is the only one.

    >>> did_you_mean("tahn", ["sin", "tanh"]), did_you_mean("MSE", ["mae", "mse"])
    ("; did you mean 'tanh'?", "; did you mean 'mse'?")
    """
    small = word[:80].lower()
    spelt: dict[str, list[str]] = {}
    for each in words:
        spelt.setdefault(each.lower(), []).append(each)
    sure = [each for each in (small, _SHORT.get(small, "")) if each in spelt]
    close = sure[:1] or difflib.get_close_matches(small, spelt, n=2)
    found = [each for lowered in close for each in spelt[lowered]][:2]
    return f"; did you mean {' or '.join(map(repr, found))}?" if found else ""


def shortened(text: str, length: int = 40) -> str:
    """Quote a text on one line, its middle left out where it is long.

    >>> shortened("x" * 1000, 10)
    "'xxxx...xxx'"
    """
    if len(text) > length:
        text = f"{text[: length // 2 - 1]}...{text[2 + length // 2 - length :]}"
    return repr(text)


def calling_line() -> str:
    """Return the line of the user's own code that is running, as "file:line"."""
    frame: FrameType | None = sys._getframe(1)
    while frame and str(frame.f_globals.get("__name__")).partition(".")[0] in _OTHERS:
        frame = frame.f_back
    return "an unknown line" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
