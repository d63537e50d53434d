"""Random expression graphs: programs that run on floats and on Values alike."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from autograd_lite import ops

# Smooth and bounded, so that graphs of any shape stay finite.
UNARY = [ops.tanh, ops.sin, ops.cos, ops.sigmoid, ops.atan, ops.erf, ops.asinh, ops.silu, ops.gelu]
BINARY = [ops.add, ops.sub, ops.mul, ops.hypot, ops.atan2]
SEQUENCE = [ops.sum, ops.mean, ops.prod, ops.logsumexp, ops.norm]

numbers = st.floats(-2, 2).filter(lambda x: abs(x) > 1e-3)
step = st.tuples(st.integers(0, 2), st.integers(0, 99), st.lists(st.integers(0, 99), min_size=3,
                                                                max_size=5))  # fmt: skip


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[float], list[Any]]:
    leaves = draw(st.lists(numbers, min_size=1, max_size=4))
    # no two are equal, or opposite: where these cancel, atan2 and hypot have a jump or a kink
    apart = [x + 1e-4 * math.sqrt(i + 2) for i, x in enumerate(leaves)]
    return apart, draw(st.lists(step, min_size=1, max_size=15))


def run(leaves: list[Any], steps: list[Any]) -> Any:
    """Evaluate a program on floats or Values alike; constants come in between."""
    nodes = [*leaves, 0.75]
    for arity, which, places in steps:
        a, b, *_ = operands = [nodes[p % len(nodes)] for p in places]
        if arity == 0:
            nodes.append(UNARY[which % len(UNARY)](a))
        elif arity == 1:
            nodes.append(ops.tanh(BINARY[which % len(BINARY)](a, b)))
        else:
            nodes.append(ops.tanh(SEQUENCE[which % len(SEQUENCE)](operands)))
    return ops.sum(nodes)
