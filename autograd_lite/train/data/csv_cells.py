"""What a cell of a CSV file holds: a number or a label, or what keeps it from being one."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from ..._support.wording import did_you_mean, shortened
from ...errors import DataError


def number_fault(text: str) -> str:
    """Say what keeps a text from being a number, or return "".

    Digits other than 0 to 9, and underscores between them, are refused though Python reads them.

    >>> number_fault("1e-3")
    ''
    >>> number_fault("1,5")
    "got '1,5', expected a number; write a decimal point, and no comma"
    """
    got = f"got {shortened(text)}, expected a number"
    if not text:
        return "the cell is empty, expected a number; fill it in or leave the row out"
    if "\0" in text:
        return null_fault(text)
    number = _float(text)
    if number is None:
        comma = re.fullmatch(r"[-+]?\d*,\d+(e[-+]?\d+)?", text, re.IGNORECASE)
        return got + ("; write a decimal point, and no comma" if comma else "")
    if "_" in text or not text.isascii():
        return f"{got} of the digits 0 to 9, with nothing between them"
    if math.isfinite(number[0]):
        return ""
    if any(map(str.isdigit, text)):
        return f"{got} up to 1.8e308, the largest float; scale the column down"
    return f"got {shortened(text)}, expected a finite number; fill it in or leave the row out"


def is_number(text: str) -> bool:
    """Tell whether a text is written as a number, nan and inf included.

    >>> is_number("1e3"), is_number("one")
    (True, False)
    """
    return _float(text) is not None


def _float(text: str) -> tuple[float] | None:
    try:
        return (float(text),)
    except ValueError:
        return None


def null_fault(text: str) -> str:
    """Say what is wrong with a text that contains a null byte."""
    return (
        f"got {shortened(text)} with a null byte, expected text; is it a text file, and the "
        "encoding right? Try encoding='utf-16'"
    )


def unknown_label(label: str, classes: Sequence[Any]) -> str:
    """Say that a label is none of the classes.

    >>> unknown_label("cta", ["cat", "dog"])
    "got the label 'cta', expected one of cat, dog; did you mean 'cat'?"
    """
    listed = ", ".join(classes[:10]) + (" ..." if len(classes) > 10 else "")
    return f"got the label {shortened(label)}, expected one of {listed}" + did_you_mean(
        label, classes
    )


def sorted_labels(labels: set[str]) -> tuple[str, ...]:
    """Return labels in order: as numbers where all are numbers, else alphabetically.

    >>> sorted_labels({"10", "9"}), sorted_labels({"dog", "cat"})
    (('9', '10'), ('cat', 'dog'))
    """
    if not any(map(number_fault, labels)):
        return tuple(sorted(labels, key=lambda label: (float(label), label)))
    return tuple(sorted(labels))


def checked_classes(classes: Any) -> tuple[str, ...] | bool | None:
    """Return labels as texts; True, False and None as they are.

    Raises DataError where there are none or one is twice, TypeError for what is no list.
    """
    if classes is None or isinstance(classes, bool):
        return classes
    if isinstance(classes, str) or not isinstance(classes, Sequence):
        raise TypeError(f"classes are a list of labels, or True, got {classes!r:.60}")
    labels = tuple(str(label).strip() for label in classes)
    if not labels or len(set(labels)) < len(labels):
        raise DataError(f"expected classes, each label once, got {list(labels)!r:.80}")
    return labels
