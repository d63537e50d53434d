"""How a command trains: the network, the optimiser, the number of epochs."""

from __future__ import annotations

import argparse
from typing import Any

from ..nn import Activation
from ..optim.optimizers import OPTIMIZERS, optimizer_named
from ..train import Dataset
from .network import Network
from .usage import count, known, list_of

BATCH = 32  # samples a step, where there are more


def add_fit_arguments(parser: argparse.ArgumentParser, *, optimizer: str, hidden: str) -> None:
    """Describe it to an argument parser; the arguments are defaults."""
    parser.add_argument("--hidden", type=list_of(count), default=hidden, metavar="N,N",
                        help="neurons of each hidden layer (default: %(default)s)")  # fmt: skip
    parser.add_argument("--activation", type=known(Activation), default="tanh", metavar="NAME",
                        help="of the hidden layers (default: %(default)s)")  # fmt: skip
    parser.add_argument("--optimizer", type=known(optimizer_named), default=optimizer,
                        metavar="NAME",
                        help=f"{', '.join(OPTIMIZERS)} (default: %(default)s)")  # fmt: skip
    parser.add_argument("--epochs", type=count, default=100, help="(default: %(default)s)")
    parser.add_argument("--batch-size", type=count, metavar="N",
                        help=f"samples a step (default: {BATCH}, or all)")  # fmt: skip


def fit_options(network: Network, data: Dataset, options: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of `fit` that these options, the network and its data decide."""
    size = options.batch_size
    if size is None and len(data.targets) > BATCH:
        size = BATCH
    return {
        **network.measures(data),
        "optimizer": options.optimizer,
        "epochs": options.epochs,
        "batch_size": size,
    }
