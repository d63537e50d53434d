"""What a command trains on, a CSV file or a small data set by its name, and how."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from .._support.wording import did_you_mean, shortened
from ..nn import Activation
from ..optim.optimizers import OPTIMIZERS, optimizer_named
from ..train import Dataset, load_csv
from ..train.data import small
from .usage import UsageError, count, delimiter, known, list_of, words

SMALL: dict[str, Callable[[], Dataset]] = {
    "xor": small.xor, "and": small.logical_and, "or": small.logical_or,
    "moons": partial(small.moons, 200, noise=0.1, seed=0),
    "circles": partial(small.circles, 200, noise=0.05, seed=0),
    "spirals": partial(small.spirals, 200, seed=0),
    "blobs": partial(small.blobs, 200, seed=0),
    "sine": partial(small.sine, 200, noise=0.1, seed=0),
}  # fmt: skip
BATCH = 32  # samples a step, where there are more


def add_fit_arguments(parser: argparse.ArgumentParser, optimizer: str) -> None:
    """Describe to a parser how a command trains: its data, the network and the steps."""
    what = f"a CSV file with a header, or one of {', '.join(SMALL)}"
    parser.add_argument("data", metavar="DATA", help=what)
    columns = parser.add_argument_group("of a CSV file")
    columns.add_argument("--target", metavar="COLUMN", help="what is to be predicted")
    chosen = columns.add_mutually_exclusive_group()
    for name, what in (
        ("--features", "the columns to predict it from (default: all others)"),
        ("--exclude", "the columns not to predict it from"),
    ):
        chosen.add_argument(name, type=words, metavar="A,B", help=what)
    what = "numbers in the target are labels of classes, too"
    columns.add_argument("--classes", action="store_const", const=True, help=what)
    add_file_arguments(columns)
    parser.add_argument("--hidden", type=list_of(count), default="8", metavar="N,N",
                        help="neurons of each hidden layer (default: %(default)s)")  # fmt: skip
    parser.add_argument("--activation", type=known(Activation), default="tanh", metavar="NAME",
                        help="of the hidden layers (default: %(default)s)")  # fmt: skip
    names = f"{', '.join(OPTIMIZERS)} (default: {optimizer})"
    parser.add_argument("--optimizer", type=known(optimizer_named), default=optimizer,
                        metavar="NAME", help=names)  # fmt: skip
    parser.add_argument("--epochs", type=count, default=100, help="(default: %(default)s)")
    parser.add_argument("--batch-size", type=count, metavar="N",
                        help=f"samples a step (default: {BATCH}, or all)")  # fmt: skip


def add_file_arguments(parser: argparse._ArgumentGroup) -> None:
    """Describe how a CSV file is written."""
    what = "between cells; tab is one, too (default: a comma)"
    parser.add_argument("--delimiter", type=delimiter, default=",", metavar="C", help=what)
    parser.add_argument("--encoding", default="utf-8", help="(default: %(default)s)")
    what = "the first row is data: the columns are x1, x2 ... or, by their position, 0, 1 ... and "
    what += "-1 for the last"
    parser.add_argument("--no-header", action="store_false", dest="header", help=what)


def loaded(options: argparse.Namespace) -> Dataset:
    """Return the data; whole numbers as targets are classes.

    Raises UsageError where no target is named, and what load_csv raises.

    >>> loaded(argparse.Namespace(data="xor", target=None)).targets
    [0.0, 1.0, 1.0, 0.0]
    """
    if options.data in SMALL and options.target is None:
        data = SMALL[options.data]()
        if not all(isinstance(target, int) for target in data.targets):
            return data
        labels = tuple(str(k) for k in range(max(data.targets) + 1))
        return replace(data, classes=labels, target="class")
    if options.target is None:
        what = f"name the column to predict, --target COLUMN{did_you_mean(options.data, SMALL)}"
        raise UsageError(f"{shortened(options.data)}: {what}")

    def column(text: str) -> str | int:  # where the columns have no names, also a position
        return int(text) if not options.header and re.fullmatch(r"-?[0-9]{1,9}", text) else text

    return load_csv(
        options.data,
        column(options.target),
        features=options.features and list(map(column, options.features)),
        exclude=options.exclude and list(map(column, options.exclude)),
        **{name: getattr(options, name) for name in ("classes", "delimiter", "encoding", "header")},
    )
