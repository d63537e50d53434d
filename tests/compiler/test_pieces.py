"""A long tape is several functions: they compute what one does, wherever it is cut."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from random_programs import programs, run
from tape_cases import of_branches, of_long_sums

from autograd_lite import jit, ops, sin, value_and_grad
from autograd_lite.compiler import Tape, python_source
from autograd_lite.compiler.pieces import Pieces
from autograd_lite.compiler.tape import Input, Instruction
from autograd_lite.compiler.writing import statements


def turns(x: Any, n: int) -> Any:
    y = x
    for _ in range(n):
        y = 0.9 * sin(y + x) + x * y
    return y


@pytest.mark.parametrize("piece", range(1, 9))
def test_the_end_of_a_tape_may_be_that_of_a_piece(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_source, "PIECE", piece)
    for n in range(9):
        compiled = jit(turns, static_argnums=1, backend="python")
        assert compiled(0.3, n) == turns(0.3, n)
        assert compiled(0.7, n) == turns(0.7, n)


@given(programs())
def test_pieces_give_value_and_gradient(program: Any) -> None:
    numbers, steps = program

    def f(xs: list[Any]) -> Any:
        return run(xs, steps)

    expected = value_and_grad(f)(numbers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(python_source, "PIECE", 3)
        value, slopes = jit(value_and_grad(f), backend="python")(numbers)
    assert [value, *slopes] == pytest.approx([expected[0], *expected[1]], rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("piece", [1, 2, 7, 40])
def test_sums_and_guards_may_be_cut(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for case in [of_long_sums(), *of_branches()]:
        monkeypatch.setattr(python_source, "PIECE", 20_000)
        whole = python_source.compiled(case.tape)
        monkeypatch.setattr(python_source, "PIECE", piece)
        pieces = python_source.compiled(case.tape)
        for inputs, _ in case.runs:
            assert repr(pieces(*inputs)) == repr(whole(*inputs))


def test_slots_are_used_again() -> None:
    chain = Tape((Input("x"),), tuple([Instruction(ops.mul, (i, i)) for i in range(100)]), (100,))
    language = python_source.Source(chain).language
    pieces = Pieces(chain, lambda: statements(chain, language), 1)
    assert [each.read for each in pieces] == [[(i, 0)] for i in range(100)]
    assert (pieces.size, pieces.outputs) == (1, [0])
