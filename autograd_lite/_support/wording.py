"""What messages and tables share: strings safe to print, "did you mean", the user's line."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Sequence
from types import FrameType

# Not the user's code, although it may stand between her line and ours: math.fsum, statistics.mean.
_OTHERS = {__name__.partition(".")[0], "numpy", "scipy", *sys.stdlib_module_names}

# Words too unlike to be found, most of them PyTorch's and Keras's, and what they may be here.
_OTHER_WORDS = {
    "ln": "log", "acc": "accuracy", "ce": "cross_entropy", "bce": "binary_cross_entropy",
    "l1": "mae", "l2": "mse", "nesterov": "sgd", "learning_rate": "lr", "learning-rate": "lr",
    "eta": "lr", "epsilon": "eps", "beta1": "betas", "beta2": "betas", "n_iter": "epochs",
    "verbose": "progress", "criterion": "loss", "objective": "loss", "loss_fn": "loss",
    "patience": "early_stopping", "in_features": "nin", "input_size": "nin", "input_dim": "nin",
    "out_features": "nout nouts", "output_size": "nout nouts", "units": "nout nouts",
    "hidden_sizes": "nouts", "layers": "nouts", "act": "activation", "nonlinearity": "activation",
    "num_embeddings": "count", "embedding_dim": "size", "filename": "path output",
    "save_path": "checkpoint", "label": "name",
}  # fmt: skip


def close_words(word: str, words: Iterable[str]) -> list[str]:
    """Return the one or two of the words that may have been meant, if there are any.

    Capital letters count as small ones; a word that differs in nothing else is the only one.

    >>> close_words("tahn", ["sin", "tanh"]), close_words("MSE", ["mae", "mse"])
    (['tanh'], ['mse'])
    """
    small = word[:80].lower()
    spelt: dict[str, list[str]] = {}
    for each in words:
        spelt.setdefault(each.lower(), []).append(each)
    sure = [each for each in (small, *_OTHER_WORDS.get(small, "").split()) if each in spelt]
    close = sure[:1] or difflib.get_close_matches(small, spelt, n=2)
    return [each for lowered in close for each in spelt[lowered]][:2]


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return "; did you mean ...?" where one of the words is close to this one, else "".

    >>> did_you_mean("tahn", ["sin", "tanh"]), did_you_mean("xyz", ["sin", "tanh"])
    ("; did you mean 'tanh'?", '')
    """
    close = close_words(word, words)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""


# What moves a terminal's cursor, changes its colors or the order of what is read: control
# characters (C0, DEL, C1), marks of direction, separators of lines, what is invisible or no
# character at all. The joiners of emoji and of Persian are not among them.
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff0-\ufffb\ufffe\uffff]"
)


def printable(text: str) -> str:
    r"""Return any string as it is safe to print, on one line: what is not a sign, as an escape.

    >>> print(printable("\x1b[2J θ\n"))
    \x1b[2J θ\n
    """
    return UNPRINTABLE.sub(lambda sign: repr(sign[0])[1:-1], text)


def aligned(rows: Iterable[Sequence[str]], sides: str) -> str:
    """Lay out a table; `sides` has the side each column leans to, < or >, the last for the rest.

    >>> print(aligned([("name", "value"), ("x", "2.0")], "<>"))
    name  value
    x       2.0
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    sides = sides.ljust(len(cells[0]), sides[-1])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    line = "  ".join(f"{{:{side}{width}}}" for side, width in zip(sides, widths, strict=True))
    return "\n".join(line.format(*row).rstrip() for row in cells)


def count(n: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "input"), count(2, "input")
    ('1 input', '2 inputs')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def shortened(text: str, length: int = 40) -> str:
    """Quote a text on one line, its middle left out where it is long.

    >>> shortened("x" * 1000, 10)
    "'xxxx...xxx'"
    """
    if len(text) > length:
        text = f"{text[: length // 2 - 1]}...{text[2 + length // 2 - length :]}"
    return repr(text)


def legible(text: str, longest: int = 36) -> str:
    r"""Show any text on one line: what cannot be printed as an escape, what is long cut in half.

    >>> legible("a\nb\x00")
    'a\\nb\\x00'
    >>> legible("x" * 1000, longest=9)
    'xxxx…xxxx'
    """
    if len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}…{text[len(text) - half :]}"
    return printable(text) or "(empty name)"


def calling_line() -> str:
    """Return the line of the user's own code that is running, as "file:line"."""
    frame: FrameType | None = sys._getframe(1)
    while frame and str(frame.f_globals.get("__name__")).partition(".")[0] in _OTHERS:
        frame = frame.f_back
    return "an unknown line" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
