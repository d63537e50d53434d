"""What a caller may pass, and what is said of the rest."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value
from autograd_lite._support.validation import (
    as_float,
    as_whole,
    named,
    number,
    one_of,
    random_source,
    unknown,
    whole,
)
from autograd_lite.errors import DataError, DomainError


class Index:
    """A whole number of a type of its own, as NumPy's are."""

    def __index__(self) -> int:
        return 7


def test_whole_numbers_are_returned_as_ints() -> None:
    assert (as_whole(Index()), as_whole(7.0), as_whole("7"), as_whole(False)) == (
        7,
        None,
        None,
        None,
    )
    for n in (whole("n", Index(), at_least=7), whole("n", Index(), at_most=7, at_least=0)):
        assert type(n) is int
        assert n == 7
    assert whole("n", -3) == -3


def test_numbers_are_returned_as_floats() -> None:
    for x in (1, 1.0, Fraction(1), True + 0):
        found = number("x", x, above=0)
        assert type(found) is float
        assert found == 1.0
    assert number("x", 0, at_least=0, below=1) == 0.0
    assert number("x", 1, at_least=0, at_most=1) == 1.0
    assert number("x", -1e308) == -1e308


@pytest.mark.parametrize("x", [np.array("3"), np.array(3j), np.array(None), np.array([3.0])])
def test_an_array_that_holds_no_one_real_number_is_none(x: Any) -> None:
    with pytest.raises(TypeError, match="expected a number, got ndarray"):
        as_float(x)
    assert as_float(np.array(3, dtype=np.int8)) == 3.0


LOSSES = {"mse": 1, "mae": 2}
MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: whole("n", 1.0), ValueError, "n is a whole number, got 1.0"),
    (lambda: whole("n", True, at_least=1), ValueError, "n is a whole number, 1 or more, got True"),
    (lambda: whole("n", 0, at_least=1), ValueError, "n is a whole number, 1 or more, got 0"),
    (
        lambda: whole("n", 171, at_least=0, at_most=170),
        ValueError,
        "n is a whole number from 0 to 170, got 171",
    ),
    (lambda: whole("n", "x" * 99, error=TypeError), TypeError, f"number, got '{'x' * 59}"),
    (
        lambda: whole("n", 1, at_least=2, error=DataError, saying="moons expects 2 samples"),
        DataError,
        "moons expects 2 samples, got 1",
    ),
    (lambda: number("x", 0, above=0), ValueError, "x is a number > 0, got 0"),
    (lambda: number("x", -1, at_least=0), ValueError, "x is a number >= 0, got -1"),
    (lambda: number("x", math.inf, at_least=0), ValueError, "x is a number >= 0, got inf"),
    (lambda: number("x", math.nan), ValueError, "x is a finite number, got nan"),
    (lambda: number("x", -math.inf), ValueError, "x is a finite number, got -inf"),
    (lambda: number("x", 1, at_least=0, below=1), ValueError, "x is a number in [0, 1), got 1"),
    (lambda: number("x", 0, above=0, below=1), ValueError, "x is a number in (0, 1), got 0"),
    (lambda: number("x", 51, at_least=0.1, at_most=50), ValueError, "in [0.1, 50], got 51"),
    (lambda: number("x", True, above=0), TypeError, "x is a number > 0, got True"),
    (lambda: number("x", "1", error=DomainError), TypeError, "x is a finite number, got '1'"),
    (lambda: number("x", Value(1.0)), TypeError, "x is a finite number, got Value("),
    (
        lambda: number("x", 2, at_most=1, error=DomainError, saying="p <= 1", hint="; try 0.5"),
        DomainError,
        "p <= 1, got 2; try 0.5",
    ),
    (lambda: one_of("mode", "XY", ["LR", "TB"]), ValueError, "mode is one of LR, TB, got 'XY'"),
    (lambda: named("loss", "?", LOSSES), ValueError, "no loss is named '?'; there are mse, mae"),
    (lambda: named("loss", None, LOSSES), TypeError, "a loss's name is a text, got None; try"),
    (lambda: named("op", 3, LOSSES), TypeError, "an op's name is a text, got 3; try 'mse'"),
    (
        lambda: random_source("1"),
        TypeError,
        "a seed is a whole number or a random.Random, got '1'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), MISTAKES)
def test_mistakes(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert text in str(raised.value)
    assert raised.type is error


def test_one_of_returns_the_choice_itself() -> None:
    assert one_of("rankdir", "TB", ["LR", "TB"]) == "TB"
    assert named("loss", "mae", LOSSES) == 2


def test_what_could_be_meant_is_said() -> None:
    with pytest.raises(ValueError, match="did you mean 'mse' or 'mae'"):
        named("loss", "MES", LOSSES)
    with pytest.raises(ValueError, match=r"mode is one of forward, reverse, got None$"):
        one_of("mode", None, ["forward", "reverse"])
    raised = unknown(KeyError, "no column", "x", [], rest="; no epoch ended")
    assert raised.args == ("no column; no epoch ended",)


def test_sources_of_random_numbers() -> None:
    rng = random.Random(1)
    assert random_source(rng) is rng
    assert random_source(Index()).random() == random.Random(7).random()
    random.seed(5)
    drawn = random_source(None).random()
    random.seed(5)
    assert drawn == random.random()
