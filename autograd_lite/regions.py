"""Regions: on which sides of which selects the nodes of a traced graph are used alone.

A select computes both of its sides, and what is computed on the one that is not taken may be nan,
or have a slope that is. So the backward pass selects again where a contribution leaves a region:
what belongs to a side that is not taken is 0. Eagerly only the taken side is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from .operation import TRACED

Region = dict[tuple[int, bool], Any]  # which side of which condition: told by identity


# Rows whose slopes are finite, so that 0 times these is 0.
FINITE = {"pos", "neg", "add", "sub", "mul", "sum", "mean", "dot", "fma", "select", "broadcast",
           "lane_sum"}  # fmt: skip
_DECISIONS = {"less", "less_equal", "equal", "both", "either", "negation"}


def regions_of(order: Sequence[Any], decided: bool = True) -> dict[Any, Region]:
    """Map the nodes below selects to the conditions on which alone they are used.

    A number that is broadcast is used in all lanes, in some of them whatever the condition in one.
    Where it is not `decided`, what conditions ask of a node is no use of it.
    """
    select, broadcast = TRACED["select"], TRACED["broadcast"]
    if all(node.op is not select for node in order):
        return {}
    regions: dict[Any, Region] = {order[-1]: {}}
    for node in reversed(order):
        if node.op is broadcast:
            regions[node] = {}
        if not decided and (node not in regions or node.op.name in _DECISIONS):
            continue
        region = regions.get(node, {})
        operands = node.operands
        for place, x in enumerate(operands):
            if x.__class__ is float:
                continue
            here, condition = region, operands[0]
            if node.op is select and place and condition.__class__ is not float:
                here = {**region, (id(condition), place == 1): condition}
            before = regions.get(x)
            regions[x] = here if before is None else _joined(before, here)
    return regions


def _joined(a: Region, b: Region) -> Region:
    """Return where a node is used that is used in two regions: what they share, and either rest."""
    shared = {k: c for k, c in a.items() if k in b}
    rests = [[(k, c) for k, c in x.items() if k not in shared] for x in (a, b)]
    if not all(rests):
        return shared
    (((i, side), _), *more), (((j, other), _), *others) = rests
    if i == j and side is not other and not (more or others):  # both sides: used in any case
        return shared
    alternatives = [reduce(_both, [_holds(*x) for x in rest]) for rest in rests]
    condition = TRACED["either"].apply(tuple(alternatives))
    return {**shared, (id(condition), True): condition}


def _both(a: Any, b: Any) -> Any:
    return TRACED["both"].apply((a, b))


def _holds(which: tuple[int, bool], condition: Any) -> Any:
    return condition if which[1] else TRACED["negation"].apply((condition,))


def selected(part: Any, inside: Region, x: Any, regions: dict[Any, Region]) -> Any:
    """Return a contribution that leaves the side of a select as 0 where that is not taken.

    What is computed there may be nan, and so its derivative: they are nobody's.
    """
    if part is None or x.__class__ is float:
        return part
    outside = regions.get(x, {})
    for (key, side), condition in inside.items():
        if (key, side) not in outside:
            sides = (part, 0.0) if side else (0.0, part)
            part = TRACED["select"].apply((condition, *sides))
    return part
