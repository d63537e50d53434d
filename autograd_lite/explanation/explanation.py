"""Explaining a gradient: `explain`, and how what it returns is written: text, LaTeX, Markdown.

All three say the same. A gradient stands left, and under each other what it equals: the products
of local derivatives in symbols, then with the formula of each, then in numbers, and their sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from .._support.remedies import helpful
from .._support.validation import as_whole
from .._support.wording import legible
from ..modes import no_gc
from ..notation.formula import Formula, Notation, shortened, symbols, text
from ..notation.latex import latex
from ..notation.numbers import added, counted, next_term
from ..value import Value
from .chain_rule import Between, Factor, Path, Sum
from .nodes import Node

FACTORS = 10  # of a path that are written out
TERMS = 6  # of a sum in the factored form
SUMS = 12  # of the factored form
DEFINITIONS = 24  # of the names in the formulas
LONGEST = 40  # characters: a longer formula stays a symbol

Rows = list[list[str]]  # each row equals the one above it; what is in a row is added up


@dataclass(frozen=True, repr=False)
class Explanation:
    """The gradient of `output` for `wrt`, taken apart.

    `count` is the number of paths between them, exactly. Where it is at most `max_paths`, they are
    in `paths`, and `terms` are their products. Where it is more, `paths` is empty, `terms` are what
    the uses of `wrt` add, and the formulas are those of `sums`: node by node, each gradient a sum
    over the node's uses. Either way the terms add up to `total`, which is the gradient.
    """

    output: str
    wrt: str
    total: float
    count: int
    max_paths: int
    paths: tuple[Path, ...]
    sums: tuple[Sum, ...]
    nodes: Mapping[str, Node] = field(compare=False)
    numbers: Mapping[str, float] = field(compare=False)

    @property
    def factored(self) -> bool:
        """Whether there are too many paths to list, so that the factored form stands for them."""
        return self.count > self.max_paths and bool(self.sums)

    @property
    def terms(self) -> tuple[float, ...]:
        """The numbers whose sum is `total`."""
        return tuple(term.value for term in self._written[-1].terms)

    def __repr__(self) -> str:
        paths = counted(self.count, "path")
        return f"<explanation of ∂{self.output}/∂{self.wrt} = {self.total!r}: {paths}>"

    def __str__(self) -> str:
        lines = []
        for left, rows in self._equations(text):
            if self.factored:
                lines.append(" = ".join([left, *map(added, rows)]))
                continue
            for first, *others in rows:
                lines.append(f"{left} = {first}")
                left = " " * len(left)
                lines += [f"{left} {next_term(part)}" for part in others]
        remark = self._remark(text.name(self.output), text.name(self.wrt))
        where = "\n      ".join(self._definitions(text))
        blocks = remark, "\n".join(lines), where and f"where {where}"
        return "\n\n".join(filter(None, blocks))

    def latex(self) -> str:
        r"""Return the explanation as an `align*` environment, for a document that uses amsmath."""
        remark = self._remark(*[rf"}} {latex.name(x)} \text{{" for x in (self.output, self.wrt)])
        lines = [rf"& \text{{{remark}}}".replace(r"\text{} ", "")] if remark else []
        for left, rows in self._equations(latex):
            if not rows:
                lines.append(f"& {left}")
            elif self.factored:  # few lines: an environment does not break across pages
                first, *more = map(added, rows)
                lines.append(f"{left} & = {first}")
                lines += [f"& = {' = '.join(more)}"] if more else []
            else:
                for first, *others in rows:
                    lines.append(f"{left} & = {first}".lstrip())
                    lines += [rf"& \quad {next_term(part)}" for part in others]
                    left = ""
        body = " \\\\\n".join(lines)
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"

    def markdown(self) -> str:
        """Return the explanation as Markdown: a sentence, a table, and what the names mean."""
        gradient = f"{text.partial(self.output, self.wrt)} = {text.number(self.total)}"
        remark = self._remark(text.name(self.output), text.name(self.wrt))
        remark = remark or f"the sum over {counted(self.count, 'path')}."
        blocks = [f"**{_escaped(gradient)}**: {_escaped(remark)}"]
        if table := list(self._table()):
            head = ["gradient" if self.factored else "path", "product", "in numbers", "equals"]
            rows = [head, ["---"] * 4, *([*map(_escaped, row)] for row in table)]
            blocks.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
        if definitions := self._definitions(text):
            blocks.append("where\n\n" + "\n".join(f"- {_escaped(line)}" for line in definitions))
        return "\n\n".join(blocks)

    _repr_markdown_ = markdown
    _repr_latex_ = latex

    def _table(self) -> Iterator[list[str]]:
        if self.factored:
            for left, rows in self._equations(text):
                yield [left, *[""] * (3 - len(rows)), *map(added, rows)]
            return
        for path in self.paths:
            if path.factors:
                steps = [path.factors[0].result, *(factor.operand for factor in path.factors)]
                names = ["…" if x is None else text.name(x) for x in shortened(steps, FACTORS)]
                in_symbols, with_formulas, in_numbers = _product(text, path.factors)
                product = " = ".join(dict.fromkeys([in_symbols, with_formulas]))
                yield [" → ".join(reversed(names)), product, in_numbers, text.number(path.value)]

    def _remark(self, output: str, wrt: str) -> str:
        if self.count == 0:
            return f"{output} does not depend on {wrt}: no path leads from one to the other."
        if not self.sums:
            return f"The derivative of {output} for itself is 1."
        if not self.factored:
            return ""
        paths = counted(self.count, "path")
        return (f"{paths} from {wrt} to {output}, more than {self.max_paths:,}: "
                "factored, node by node as the backward pass computes it.")  # fmt: skip

    @property
    def _written(self) -> tuple[Sum, ...]:
        """The sums that are written: those of the factored form, or the one over all paths."""
        return self.sums if self.factored else (Sum(self.wrt, self.paths, self.total),)

    def _shown_terms(self, one: Sum) -> list[Path | None]:
        return shortened(one.terms, TERMS if self.factored else self.max_paths)

    def _equations(self, style: Notation) -> Iterator[tuple[str, Rows]]:
        """Yield what stands left of the equals signs, and the rows right of them."""
        for one in shortened(self._written, SUMS):
            if one is None:
                yield style.left_out(len(self.sums) - SUMS, "nodes"), []
                continue
            left_out = style.left_out(len(one.terms) - TERMS, "terms")
            products = [
                (left_out,) * 3 if term is None else _product(style, term.factors)
                for term in self._shown_terms(one)
            ]
            rows = [list(row) for row in zip(*products, strict=True)]
            if self.factored:
                del rows[1]  # the formulas, which stand below
            elif len(products) > 1:
                rows.append([added([style.number(path.value) for path in self.paths])])
            left = style.partial(self.output, one.name)
            yield left, _distinct([[left], *rows, [style.number(one.total)]])

    def _definitions(self, style: Notation) -> list[str]:
        """Say what each name in the formulas is, in the order of computing."""
        factors = list(self._shown_factors())
        results = dict.fromkeys(factor.result for factor in factors)
        # How it was computed is said of what is shown, and of what is off the paths and unnamed.
        on_paths = {self.output, *(one.name for one in self.sums)}
        unnamed = {name for name in self.nodes if re.fullmatch(r"v\d+", name)} - on_paths
        told = {name: self.nodes[name].formula() for name in unnamed.union(results)}
        waiting = [*results, *(factor.operand for factor in factors)]
        waiting += [name for factor in factors for name in symbols(_formula(factor))]
        names: dict[str, None] = {}
        for name in waiting:  # grows on the way
            if name not in names and len(names) <= DEFINITIONS:
                names[name] = None
                waiting += symbols(told.get(name))
        place = {name: i for i, name in enumerate(self.numbers)}
        lines = []
        for name in sorted(islice(names, DEFINITIONS), key=place.__getitem__):
            computed = [style(told[name])] if name in told else []
            parts = [style.name(name), *computed, style.number(self.numbers[name])]
            lines.append(" = ".join(dict.fromkeys(parts)))
        return [*lines, "…"] if len(names) > DEFINITIONS else lines

    def _shown_factors(self) -> Iterator[Factor]:
        for one in filter(None, shortened(self._written, SUMS)):
            for term in filter(None, self._shown_terms(one)):
                yield from filter(None, shortened(term.factors, FACTORS))


def _product(style: Notation, factors: Sequence[Factor]) -> tuple[str, str, str]:
    """Write a product in symbols, with the formula of each factor, and in numbers."""
    pieces: list[tuple[str, str, str]] = []
    for factor in shortened(factors, FACTORS):
        if factor is None:
            pieces.append((style.left_out(len(factors) - FACTORS, "factors"),) * 3)
            continue
        partial, formula = style.partial(factor.result, factor.operand), _formula(factor)
        written = style if len(factors) == 1 else style.factor
        number = style.factor if pieces else style.number  # -7 needs no parentheses in front
        with_formula = partial if formula is None else written(formula)
        pieces.append((partial, with_formula, number(factor.value)))
    pieces = pieces or [("1",) * 3]  # the product of no factors
    partials, formulas, numbers = map(style.times.join, zip(*pieces, strict=True))
    return partials, formulas, numbers


def _formula(factor: Factor) -> Formula | None:
    """Return a local derivative as a formula where it is one to read."""
    formula = factor.formula()
    return formula if formula is not None and len(text(formula)) <= LONGEST else None


def _distinct(rows: Rows) -> Rows:
    """Leave out the first row, which stands left, and each that says the same as the one above."""
    return [row for row, above in zip(rows[1:], rows, strict=False) if row != above]


def _escaped(written: str) -> str:
    """Keep Markdown from seeing anything but text."""
    return re.sub(r"([\\`*_\[\]<>|$~#&])", r"\\\1", written)


@helpful
def explain(output: Value, wrt: Value, *, max_paths: int = 20) -> Explanation:
    """Explain d(output)/d(wrt) by the chain rule: every path from wrt to output, and their sum.

    Numbers of paths grow exponentially. Where there are more than `max_paths`, the factored form
    is given instead, node by node as the backward pass computes it. Nodes without a name are called
    v1, v2, ... in the order of computing. No `.grad` is touched.

    Raises TypeError where anything but Values is passed, ValueError where `max_paths` is negative,
    StaleError where a leaf's data was set since `output` was computed.

    >>> a = Value(3.0, name="a")
    >>> b, c = a**2, -7 * a
    >>> d = b * c
    >>> b.name, c.name, d.name = "b", "c", "d"
    >>> print(explain(d, a))
    ∂d/∂a = ∂d/∂b · ∂b/∂a
          + ∂d/∂c · ∂c/∂a
          = c · (2 * a)
          + b · (-7)
          = -21 · 6
          + 9 · (-7)
          = -126 - 63
          = -189
    <BLANKLINE>
    where a = 3
          b = a**2 = 9
          c = -7 * a = -21
          d = b * c = -189
    >>> explain(d, a).terms
    (-126.0, -63.0)
    """
    for x in (output, wrt):
        if not isinstance(x, Value):
            raise TypeError(f"explain() expects two Values, got {type(x).__name__}: {x!r}")
    most = as_whole(max_paths)
    if most is None:
        raise TypeError(f"max_paths is a whole number, got {type(max_paths).__name__}")
    if most < 0:
        raise ValueError(f"max_paths is 0 or more, got {max_paths}")
    with no_gc():
        between = Between(output, wrt)
        names, count = between.names, between.count()
        listed = count <= most or wrt is output
        return Explanation(
            output=names[output],
            wrt=names.get(wrt) or legible(wrt.name or "w"),
            total=between.record.cotangent(wrt) if count else 0.0,
            count=count,
            max_paths=most,
            paths=tuple(between.paths()) if listed else (),
            sums=tuple(between.sums()),
            nodes={node.name: node for node in between.nodes.values()},
            numbers={name: x.data for x, name in names.items()},
        )
