"""What autograd_lite raises, and when: one tree, so that `except AutogradError` catches all of it.

::

    AutogradError
    ├── DomainError (ValueError)              an operation is undefined at its operands: log(-1)
    │   └── DivisionByZero (ZeroDivisionError)
    ├── RangeError (OverflowError)            the result is too large for a float: exp(1000)
    ├── ShapeError (ValueError)               lengths do not fit: Neuron(3) called with 2 numbers
    ├── StaleError (RuntimeError)             a leaf's data changed between forward and backward
    ├── TracingError (RuntimeError)           a derivative would be lost: math.sin in a transform
    ├── AnomalyError (ArithmeticError)        nan or inf inside `with detect_anomaly():`
    │   └── DivergenceError                   nan or inf in training; it holds the history so far
    ├── GradcheckError (ArithmeticError)      gradcheck found a derivative that is off, or a kink
    ├── ExpressionError (ValueError)          a text is not an expression of the table's operations
    ├── DataError (ValueError)                a data set or a CSV file is not what it should be
    ├── StateError (KeyError, ValueError)     a saved state is that of another network
    ├── CheckpointError (ValueError)          a file is no checkpoint, or that of another training
    ├── BackendError (NotImplementedError)    a backend of the compiler cannot write an operation
    └── RenderError (RuntimeError)            a picture could not be laid out or written

A wrong type is Python's own TypeError, as it is for a float. AnomalyWarning is a RuntimeWarning.
"""

from typing import Any

from ._support.wording import printable

__all__ = [
    "AnomalyError", "AnomalyWarning", "AutogradError", "BackendError", "CheckpointError",
    "DataError", "DivergenceError", "DivisionByZero", "DomainError", "ExpressionError",
    "GradcheckError", "RangeError", "RenderError", "ShapeError", "StaleError", "StateError",
    "TracingError",
]  # fmt: skip


class AutogradError(Exception):
    """The base of every error that is autograd_lite's own; its message is safe to print.

    `possibilities` are arguments that could be meant, by their names. The message ends with them;
    `problem` is what it says before, for a program in which they are written in another way.

    >>> error = DataError("expected cells with ',' between them, got 'a;b'; pass", delimiter=";")
    >>> str(error)
    "expected cells with ',' between them, got 'a;b'; pass delimiter=';'"
    >>> error.possibilities
    {'delimiter': ';'}
    """

    def __init__(self, *args: Any, **possibilities: Any) -> None:
        args = tuple(printable(x) if isinstance(x, str) else x for x in args)
        self.problem = str(args[0]) if args else ""
        self.possibilities = possibilities
        if possibilities:
            written = [f"{name}={value!r}" for name, value in possibilities.items()]
            args = (" ".join([self.problem, *written]), *args[1:])
        super().__init__(*args)


class DomainError(AutogradError, ValueError):
    """An operation is undefined at its operands, such as log(-1)."""


class DivisionByZero(DomainError, ZeroDivisionError):  # noqa: N818  Python's own has Error
    """A division by zero, or zero raised to a negative power."""


class RangeError(AutogradError, OverflowError):
    """The result of an operation is too large for a float."""


class ShapeError(AutogradError, ValueError):
    """A sequence has the wrong length for where it is used."""


class StaleError(AutogradError, RuntimeError):
    """A leaf's data was changed after it was used, so its recorded derivatives no longer hold."""


class TracingError(AutogradError, RuntimeError):
    """Inside a transform a Value is turned into a plain number, which would lose its derivative."""


class AnomalyError(AutogradError, ArithmeticError):
    """The first nan or inf inside `with detect_anomaly():`."""


class AnomalyWarning(RuntimeWarning):
    """Inside `with detect_anomaly():` a result is turned into a plain float."""


class DivergenceError(AnomalyError):
    """Training met nan or inf; `history` is what was recorded until then."""

    history: Any = None


class GradcheckError(AutogradError, ArithmeticError):
    """A derivative does not agree with what the function's values say."""


class ExpressionError(AutogradError, ValueError):
    """A text is not an expression made of numbers, names and the table's operations."""


class DataError(AutogradError, ValueError):
    """A data set, or the file it is read from, is not what it should be."""


class StateError(AutogradError, KeyError, ValueError):
    """The names in a saved state are not those of the module's parameters."""

    def __str__(self) -> str:  # a KeyError's own shows its message quoted
        return str(self.args[0])


class CheckpointError(AutogradError, ValueError):
    """A file is no checkpoint, or that of another training."""


class BackendError(AutogradError, NotImplementedError):
    """A backend of the compiler cannot write an operation of what it was given."""


class RenderError(AutogradError, RuntimeError):
    """A picture could not be laid out or written."""
