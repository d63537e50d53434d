"""What error messages have in common: a text quoted on one line, and "did you mean"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHORT = {"ln": "log", "acc": "accuracy", "ce": "cross_entropy", "bce": "binary_cross_entropy",
          "l1": "mae", "l2": "mse", "nesterov": "sgd"}  # fmt: skip  # too unlike to be found


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return "; did you mean ...?" where one of the words is close to this one, else "".

    >>> did_you_mean("tahn", ["sin", "tanh"])
    "; did you mean 'tanh'?"
    """
    words = list(words)
    known = [_SHORT[word]] if _SHORT.get(word) in words else []
    close = known or difflib.get_close_matches(word[:80], words, n=2)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""


def shortened(text: str, length: int = 40) -> str:
    """Quote a text on one line, its middle left out where it is long.

    >>> shortened("x" * 1000, 10)
    "'xxxx...xxx'"
    """
    if len(text) > length:
        text = f"{text[: length // 2 - 1]}...{text[2 + length // 2 - length :]}"
    return repr(text)
