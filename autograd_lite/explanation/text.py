"""How an explanation is written: as text, as LaTeX, as Markdown.

All three say the same. A gradient stands left, and under each other what it equals: the products
of local derivatives in symbols, then with the formula of each, then in numbers, and their sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ..notation.formula import Formula, Notation, shortened, symbols, text
from ..notation.latex import latex
from ..notation.numbers import added, counted, next_term

if TYPE_CHECKING:
    from .chain_rule import Explanation, Factor, Path, Sum

FACTORS = 10  # of a path that are written out
TERMS = 6  # of a sum in the factored form
SUMS = 12  # of the factored form
DEFINITIONS = 24  # of the names in the formulas
LONGEST = 40  # characters: a longer formula stays a symbol

Rows = list[list[str]]  # each row equals the one above it; what is in a row is added up


# --- the three forms ----------------------------------------------------------------------------


def as_text(explanation: Explanation) -> str:
    """Write an explanation as text."""
    blocks = []
    if remark := _remark(explanation):
        blocks.append(_said(explanation, remark))
    blocks.append("\n".join(_lines(explanation)))
    if definitions := _definitions(explanation, text):
        blocks.append("where " + "\n      ".join(definitions))
    return "\n\n".join(blocks)


def _lines(explanation: Explanation) -> Iterator[str]:
    for left, rows in _equations(explanation, text):
        if explanation.factored:  # one line a node
            yield " = ".join(filter(None, [left, *map(added, rows)]))
            continue
        for row in rows:
            for i, part in enumerate(row):
                yield f"{left} {next_term(part) if i else f'= {part}'}"
                left = " " * len(left)


def as_latex(explanation: Explanation) -> str:
    """Write an explanation as an `align*` environment."""
    lines = [f"& {remark}"] if (remark := _remark_in_latex(explanation)) else []
    for left, rows in _equations(explanation, latex):
        if explanation.factored:  # few lines: an environment does not break across pages
            first, *more = [*map(added, rows)] or [""]
            lines.append(f"{left} & = {first}" if first else f"& {left}")
            lines += [f"& = {' = '.join(more)}"] if more else []
            continue
        for row in rows:
            for i, part in enumerate(row):
                lines.append(rf"& \quad {next_term(part)}" if i else f"{left} & = {part}".lstrip())
                left = ""
    body = " \\\\\n".join(lines)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _remark_in_latex(explanation: Explanation) -> str:
    """Write the remark as text, with the names in it as formulas."""
    output, wrt = (rf"}} {latex.name(x)} \text{{" for x in (explanation.output, explanation.wrt))
    remark = _remark(explanation).format(output=output, wrt=wrt)
    return rf"\text{{{remark}}}".removeprefix(r"\text{} ") if remark else ""


def as_markdown(explanation: Explanation) -> str:
    """Write an explanation as Markdown: a sentence, a table, a list of what the names mean."""
    gradient = text.partial(explanation.output, explanation.wrt)
    total = text.number(explanation.total)
    remark = _remark(explanation) or f"the sum over {counted(explanation.count, 'path')}."
    said = _escaped(_said(explanation, remark))
    blocks = [f"**{_escaped(gradient)} = {_escaped(total)}**: {said}"]
    if table := list(_table(explanation)):
        head = ["gradient" if explanation.factored else "path", "product", "in numbers", "equals"]
        rows = [head, ["---"] * 4, *([*map(_escaped, row)] for row in table)]
        blocks.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
    if definitions := _definitions(explanation, text):
        blocks.append("where\n\n" + "\n".join(f"- {_escaped(line)}" for line in definitions))
    return "\n\n".join(blocks)


def _table(explanation: Explanation) -> Iterator[list[str]]:
    if explanation.factored:
        for left, rows in _equations(explanation, text):
            cells = [added(row) for row in rows]
            yield [left, *[""] * (3 - len(cells)), *cells]
        return
    for path in explanation.paths:
        if path.factors:
            steps = [path.factors[0].result, *(factor.operand for factor in path.factors)]
            shown = shortened(list(reversed(steps)), FACTORS)
            way = " → ".join("…" if x is None else text.name(x) for x in shown)
            products = _products(path, text)
            yield [way, " = ".join(dict.fromkeys(products[:2])), products[2],
                   text.number(path.value)]  # fmt: skip


def _escaped(written: str) -> str:
    """Keep Markdown from seeing anything but text."""
    return re.sub(r"([\\`*_\[\]<>|$~#&])", r"\\\1", written)


# --- what they say ------------------------------------------------------------------------------


def _remark(explanation: Explanation) -> str:
    if explanation.count == 0:
        return "{output} does not depend on {wrt}: no path leads from one to the other."
    if not explanation.sums:
        return "The derivative of {output} for itself is 1."
    if explanation.factored:
        paths = counted(explanation.count, "path")
        return (f"{paths} from {{wrt}} to {{output}}, more than {explanation.max_paths:,}: "
                "factored, node by node as the backward pass computes it.")  # fmt: skip
    return ""


def _said(explanation: Explanation, remark: str) -> str:
    return remark.format(output=text.name(explanation.output), wrt=text.name(explanation.wrt))


def _equations(explanation: Explanation, style: Notation) -> Iterator[tuple[str, Rows]]:
    """Yield what stands left of the equals signs, and the rows right of them."""
    if explanation.factored:
        for one in shortened(explanation.sums, SUMS):
            if one is None:
                yield style.left_out(len(explanation.sums) - SUMS, "nodes"), []
            else:
                yield _node_equation(explanation, one, style)
        return
    left = style.partial(explanation.output, explanation.wrt)
    products = [_products(path, style) for path in explanation.paths if path.factors]
    rows = [list(row) for row in zip(*products, strict=True)]
    if len(products) > 1:
        rows.append([added([style.number(path.value) for path in explanation.paths])])
    yield left, _without_repeats(left, [*rows, [style.number(explanation.total)]])


def _products(path: Path, style: Notation) -> tuple[str, str, str]:
    """Write a path as a product in symbols, with the formula of each factor, and in numbers."""
    pieces = []
    for factor in shortened(path.factors, FACTORS):
        if factor is None:
            pieces.append((style.left_out(len(path.factors) - FACTORS, "factors"),) * 3)
            continue
        partial, formula = style.partial(factor.result, factor.operand), _formula(factor)
        written = style if len(path.factors) == 1 else style.factor
        number = style.factor if pieces else style.number  # -7 needs no parentheses in front
        pieces.append((partial, partial if formula is None else written(formula),
                       number(factor.value)))  # fmt: skip
    partials, formulas, numbers = map(style.times.join, zip(*pieces, strict=True))
    return partials, formulas, numbers


def _node_equation(explanation: Explanation, one: Sum, style: Notation) -> tuple[str, Rows]:
    left = style.partial(explanation.output, one.name)
    in_symbols, in_numbers = [], []
    for term in shortened(one.terms, TERMS):
        if term is None:
            out = style.left_out(len(one.terms) - TERMS, "terms")
            in_symbols.append(out)
            in_numbers.append(out)
            continue
        factor = term.factor
        partials = [style.partial(factor.result, factor.operand)]
        numbers = [style.factor(factor.value)]
        if factor.result == explanation.output:
            numbers = [style.number(factor.value)]
        else:
            partials.insert(0, style.partial(explanation.output, factor.result))
            numbers.insert(0, style.number(term.gradient))
        in_symbols.append(style.times.join(partials))
        in_numbers.append(style.times.join(numbers))
    return left, _without_repeats(left, [in_symbols, in_numbers, [style.number(one.total)]])


def _without_repeats(left: str, rows: Rows) -> Rows:
    above = [[left], *rows]
    return [row for row, before in zip(rows, above, strict=False) if row != before]


def _formula(factor: Factor) -> Formula | None:
    """Return a local derivative as a formula where it is one to read."""
    formula = factor.node.derivative(factor.place)
    return formula if formula is not None and len(text(formula)) <= LONGEST else None


# --- what the names mean ------------------------------------------------------------------------


def _definitions(explanation: Explanation, style: Notation) -> list[str]:
    """Say what each name in the formulas is, in the order of computing."""
    factors = list(_shown_factors(explanation))
    results = dict.fromkeys(factor.result for factor in factors)
    on_paths = {explanation.output, *(one.name for one in explanation.sums)}

    def is_told(name: str) -> bool:
        """Tell whether to say how it was computed: what is shown, or off the paths and unnamed."""
        if name in results:
            return True
        unnamed = re.fullmatch(r"v\d+", name) is not None
        return unnamed and name in explanation.nodes and name not in on_paths

    waiting = [*results, *(factor.operand for factor in factors)]
    waiting += [name for factor in factors for name in symbols(_formula(factor))]
    names: dict[str, None] = {}
    for name in waiting:  # grows on the way
        if name not in names and len(names) <= DEFINITIONS:
            names[name] = None
            if is_told(name):
                waiting += symbols(explanation.nodes[name].formula())
    place = {name: i for i, name in enumerate(explanation.numbers)}
    lines = []
    for name in sorted(islice(names, DEFINITIONS), key=place.__getitem__):
        parts = [style.name(name), style.number(explanation.numbers[name])]
        if is_told(name):
            parts.insert(1, style(explanation.nodes[name].formula()))
        lines.append(" = ".join(dict.fromkeys(parts)))
    return [*lines, "…"] if len(names) > DEFINITIONS else lines


def _shown_factors(explanation: Explanation) -> Iterator[Factor]:
    if explanation.factored:
        for one in shortened(explanation.sums, SUMS):
            terms = () if one is None else shortened(one.terms, TERMS)
            yield from (term.factor for term in terms if term is not None)
    for path in explanation.paths:
        yield from (factor for factor in shortened(path.factors, FACTORS) if factor is not None)
