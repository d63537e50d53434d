"""Graph coloring: which columns of a sparse matrix can be found together.

Gebremedhin, Manne and Pothen, "What color is your Jacobian? Graph coloring for computing
derivatives", SIAM Review 47(4), 2005; the book-keeping of the star coloring follows Gebremedhin,
Tarafdar, Manne and Pothen, "New acyclic and star coloring algorithms", SIAM J. Sci. Comput. 29(3),
2007. Sets of colors are the bits of an integer, so an entry of the matrix costs a few operations on
integers of as many bits as there are colors.
"""

from __future__ import annotations

from collections.abc import Iterable


def column_colors(rows: list[list[int]], columns: int) -> list[int]:
    """Color columns so that no two with a nonzero in the same row share a color.

    `rows` lists the nonzero columns of each row. Greedy distance-1 coloring of the columns'
    intersection graph (Curtis, Powell and Reid 1974).

    >>> column_colors([[0, 1], [1, 2], [2, 3]], 4)
    [0, 1, 0, 1]
    """
    if any(len(row) == columns for row in rows):
        return list(range(columns))
    rows_of = transposed(rows, columns)
    taken = [0] * len(rows)  # the colors in each row
    colors = []
    for around in rows_of:
        forbidden = 0
        for i in around:
            forbidden |= taken[i]
        color = _least(forbidden)
        colors.append(color)
        for i in around:
            taken[i] |= 1 << color
    return colors


def star_colors(neighbors: list[list[int]]) -> list[int]:
    """Color the vertices of a graph so that every path of four has three colors or more.

    With it, every entry of a symmetric matrix of this sparsity stands alone in a column or in the
    row of a product with the colors' unit vectors. Greedy, in the given order and with the largest
    degrees first, whichever takes fewer colors.

    >>> star_colors([[1], [0, 2], [1, 3], [2]])
    [0, 1, 0, 2]
    """
    given = range(len(neighbors))
    if all(len(around) >= len(given) - 1 for around in neighbors):
        return list(given)
    by_degree = _star_colors(neighbors, sorted(given, key=lambda v: -len(neighbors[v])), len(given))
    return _star_colors(neighbors, given, max(by_degree, default=0)) or by_degree


def _star_colors(neighbors: list[list[int]], order: Iterable[int], highest: int) -> list[int]:
    """Color the vertices in an order; stop, with no colors, at a color above the highest."""
    n = len(neighbors)
    colors = [-1] * n
    around = [0] * n  # the colors of each vertex's neighbors
    # The first neighbor of each color: a second one makes the vertex the hub of a star of two
    # colors, and no neighbor of a leaf may then take the hub's.
    first: list[dict[int, int]] = [{} for _ in range(n)]
    hubs = [0] * n  # the colors of the hubs each vertex is a leaf of
    for v in order:
        forbidden = 0
        for w in neighbors[v]:
            # While w has no color, its neighbors must differ: what color it takes is then free.
            forbidden |= around[w] if colors[w] < 0 else hubs[w] | 1 << colors[w]
        color = colors[v] = _least(forbidden)
        if color > highest:
            return []
        for w in neighbors[v]:
            around[w] |= 1 << color
            other = first[w].setdefault(color, v)
            if other != v and colors[w] >= 0:  # w is the hub of v and others
                hubs[v] |= 1 << colors[w]
                hubs[other] |= 1 << colors[w]
    return colors


def transposed(rows: list[list[int]], columns: int) -> list[list[int]]:
    """List the rows of each column, from the columns of each row."""
    rows_of: list[list[int]] = [[] for _ in range(columns)]
    for i, row in enumerate(rows):
        for j in row:
            rows_of[j].append(i)
    return rows_of


def _least(taken: int) -> int:
    """Return the number of the lowest bit that is 0."""
    return (~taken & (taken + 1)).bit_length() - 1
