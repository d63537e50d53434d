"""Rows that only a trace records: what comparisons decide, and what many numbers share.

They are no functions for users, and so stand beside the table. A condition is a number, 1 where it
holds and 0 where not; nothing depends on it smoothly, so its rules give no cotangent at all, not
even 0, which would go on to what is computed below it, and there become nan.

In lanes (see vmap) one node stands for as many numbers as there are lanes. `broadcast` makes them
of one number, `lane_sum` one number of them: each is the other's derivative, and its own tangent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .operation import BUILT_IN, TABLE, TRACED
from .rows import op

if TYPE_CHECKING:
    from .rows import Parametric, Variadic


def _nothing(g: Any, y: Any, *operands: Any) -> None:
    """Give no cotangent."""


def _decision(name: str, f: Callable[..., bool], symbol: Any, latex: Any, doc: str) -> Any:
    """Add a row that is 1 where something holds, else 0, which no derivative goes through."""
    count = f.__code__.co_argcount
    rules: Any = (_nothing,) * count if count > 1 else _nothing
    return op(name, lambda *xs: float(f(*xs)), rules, symbol=symbol, latex=latex, doc=doc)


less = _decision("less", lambda a, b: a < b, "<", "{0} < {1}",
                 "1 where a < b, else 0.\n\n>>> less(1.0, 2.0)\n1.0")  # fmt: skip
less_equal = _decision("less_equal", lambda a, b: a <= b, "≤", r"{0} \le {1}",
                       "1 where a <= b, else 0.\n\n>>> less_equal(1.0, 2.0)\n1.0")  # fmt: skip
equal = _decision("equal", lambda a, b: a == b, "=", "{0} = {1}",
                  "1 where a == b, else 0.\n\n>>> equal(1.0, 2.0)\n0.0")  # fmt: skip
both = _decision("both", lambda a, b: a != 0 and b != 0, "and", r"{0} \land {1}",
                 "1 where neither is 0, else 0.\n\n>>> both(1.0, 0.0)\n0.0")  # fmt: skip
either = _decision("either", lambda a, b: a != 0 or b != 0, "or", r"{0} \lor {1}",
                   "1 where one is not 0, else 0.\n\n>>> either(1.0, 0.0)\n1.0")  # fmt: skip
negation = _decision("negation", lambda x: x == 0, "not", r"\lnot {0}",
                     "1 where x is 0, else 0.\n\n>>> negation(1.0)\n0.0")  # fmt: skip
guard = _decision("guard", lambda c, outcome: (c != 0) == (outcome != 0), None, None,
                  "1 where a condition has the outcome for which the trace holds.\n\n"
                  ">>> guard(1.0, 1.0)\n1.0")  # fmt: skip

select: Parametric = op(
    "select",
    lambda c, a, b: a if c else b,
    (
        _nothing,
        lambda g, y, c, a, b: select.apply((c, g, 0.0)),
        lambda g, y, c, a, b: select.apply((c, 0.0, g)),
    ),
    latex=r"\begin{{cases}} {1} & {0} \\ {2} & \text{{else}} \end{{cases}}",
    doc="a where the condition c is not 0, else b; both are computed.\n\n"
    ">>> select(0.0, 2.0, 3.0)\n3.0",
)

detach = op(
    "detach",
    lambda x: x,
    _nothing,
    doc="The number itself, a constant to every derivative.\n\n>>> detach(2.0)\n2.0",
)

broadcast: Variadic = op(
    "broadcast",
    lambda x, n: x,
    lambda g, y, x, n=1.0: [lane_sum.apply((g, n)), None],
    variadic=True,
    doc="A number shared by n lanes.\n\n>>> broadcast([2.0, 5.0])\n2.0",
)

lane_sum: Variadic = op(
    "lane_sum",
    lambda x, n: x * n,
    lambda g, y, x, n=1.0: [broadcast.apply((g, n)), None],
    variadic=True,
    symbol="Σ",
    doc="The sum over n lanes; of a plain number, n times it.\n\n"
    ">>> lane_sum([2.0, 5.0])\n10.0",
)

CONSTANT = {less, less_equal, equal, both, either, negation, detach, guard}  # nothing moves them
for _row in (*CONSTANT, select, broadcast, lane_sum):
    TRACED[_row.name] = TABLE.pop(_row.name)
    _row.total = True
for _row in (broadcast, lane_sum):
    _row.linear = True
BUILT_IN.update(TRACED)  # backends know them by their names, too
__test__ = {name: row.doc for name, row in TRACED.items()}  # where doctest finds the examples
