"""The `sweep` command: one network trained with several learning rates, seeds or sizes."""

from __future__ import annotations

import argparse
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial

from ..errors import AutogradError
from ..plots import save_plot
from ..train import Sweep, sweep
from ..train.terminal import Interrupt
from .data_options import add_fit_arguments, loaded
from .network import Network
from .usage import INTERRUPTED, add_json, count, list_of, rate, say, say_json, whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to an argument parser."""
    add_fit_arguments(parser, optimizer="sgd")
    parser.add_argument("--lr", type=list_of(rate), default="0.01,0.1,1", metavar="X,X",
                        help="the learning rates (default: %(default)s)")  # fmt: skip
    parser.add_argument("--seed", type=list_of(whole), default="0", metavar="N,N",
                        help="of the first weights (default: %(default)s)")  # fmt: skip
    parser.add_argument("--jobs", type=count, default=1, metavar="N",
                        help="processes that train at once (default: %(default)s)")  # fmt: skip
    parser.add_argument("--plot", metavar="FILE", help="where to draw the losses: svg, png or pdf")
    parser.add_argument("--history", metavar="FILE", help="where to write them as CSV")
    add_json(parser, 'a list of {"point", "history"}')


def run(options: argparse.Namespace) -> int:
    """Train a network on the same data with each of several learning rates (and seeds).

    Their losses are compared in a table and a plot.

    For example::

      autograd-lite sweep xor --lr 0.1,0.2,0.5,0.8,1,2 --plot lr.svg
      autograd-lite sweep iris.csv --target species --lr 0.001,0.01 --seed 0,1,2 --jobs 2
    """
    data, (seed, *others) = loaded(options), options.seed
    network = Network.of(data, options.hidden, options.activation)
    say(f"{data}")
    say(f"{network}")
    grid = {"lr": options.lr, **({"seed": options.seed} if others else {})}
    build = partial(network.model, seed=seed, data=data)
    # The processes of a pool hear Ctrl-C in a training, and are not ended by it outside.
    pool = partial(ProcessPoolExecutor, initializer=Interrupt().__enter__)
    try:
        with pool(options.jobs) if options.jobs > 1 else nullcontext() as executor:
            found = sweep(build, grid, data, executor=executor, seed=seed,
                          **network.fit_options(data, options))  # fmt: skip
    except BrokenExecutor as error:
        _print(vars(error)["sweep"], options)
        raise AutogradError("a process was killed as it trained; try fewer --jobs") from error
    _print(found, options)
    ended = [t for t in found if not t.history.stopped.startswith("interrupted")]
    interrupted = len(ended) < len(options.lr) * len(options.seed)
    if options.plot and (any(len(t.history) for t in found) or not interrupted):
        print()
        say(f"the curves: {save_plot(found.plot(), options.plot)}")
    return INTERRUPTED if interrupted else 0


def _print(found: Sweep, options: argparse.Namespace) -> None:
    print(f"\n{found}")
    say_json(options, [{"point": t.point, "history": t.history.state_dict()} for t in found])
    if options.history and found:
        found.to_csv(options.history)
        print()
        say(f"the losses: {options.history}")
