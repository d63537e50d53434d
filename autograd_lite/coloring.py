"""Graph colouring: which columns of a sparse matrix can be found together.

Gebremedhin, Manne and Pothen, "What color is your Jacobian? Graph coloring for computing
derivatives", SIAM Review 47(4), 2005.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def column_colors(rows: list[list[int]], columns: int) -> list[int]:
    """Colour columns so that no two with a nonzero in the same row share a colour.

    `rows` lists the nonzero columns of each row. Distance-1 colouring, greedy, of the columns'
    intersection graph (Curtis, Powell and Reid 1974).

    >>> column_colors([[0, 1], [1, 2], [2, 3]], 4)
    [0, 1, 0, 1]
    """
    rows_of: list[list[int]] = [[] for _ in range(columns)]
    for i, row in enumerate(rows):
        for j in row:
            rows_of[j].append(i)
    colors = [-1] * columns
    for j in range(columns):
        colors[j] = _least({colors[k] for i in rows_of[j] for k in rows[i]})
    return colors


def star_colors(neighbours: list[list[int]]) -> list[int]:
    """Colour the vertices of a graph so that every path of four has three colours or more.

    Greedy star colouring: with it, every entry of a symmetric matrix of this sparsity stands alone
    in a column or in the row of a product with the colours' unit vectors.

    >>> star_colors([[1], [0, 2], [1, 3], [2]])
    [0, 1, 0, 2]
    """
    colors = [-1] * len(neighbours)
    for v, around in enumerate(neighbours):
        repeated = Counter(colors[w] for w in around)
        forbidden = set(repeated)
        for w in around:
            for x in neighbours[w]:
                if x == v or colors[x] < 0:
                    continue
                alone = colors[w] >= 0 and repeated[colors[w]] == 1
                if not alone or any(colors[y] == colors[w] for y in neighbours[x] if y != w):
                    forbidden.add(colors[x])
        colors[v] = _least(forbidden)
    return colors


def _least(forbidden: Iterable[int]) -> int:
    taken = set(forbidden)
    color = 0
    while color in taken:
        color += 1
    return color
