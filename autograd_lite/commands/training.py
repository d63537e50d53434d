"""The `train` command: a network for the columns of a CSV file."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from ..errors import DivergenceError
from ..plots import save_plot
from ..train import Dataset, History, fit, split
from ..train.checkpoints import read_checkpoint
from .data_options import add_fit_arguments, loaded
from .network import Network
from .usage import INTERRUPTED, UsageError, add_json, fraction, rate, say, say_json, whole

FEWEST = 20  # rows of which some are held out by default


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to an argument parser."""
    add_fit_arguments(parser, optimizer="adam")
    parser.add_argument("--lr", type=rate, default=0.01, help="learning rate (default: 0.01)")
    parser.add_argument("--seed", type=whole, default=0, help="(default: %(default)s)")
    part = f"of the rows to hold out, 0 for none (default: 0.2, of {FEWEST} rows or more)"
    parser.add_argument("--validation", type=fraction, metavar="PART", help=part)
    parser.add_argument("--save", metavar="FILE", help="where to keep the model: a JSON file")
    parser.add_argument("--resume", action="store_true", help="go on from the file of --save")
    parser.add_argument("--plot", metavar="FILE", help="where to draw the loss: svg, png or pdf")
    parser.add_argument("--history", metavar="FILE", help="where to write the history: csv or json")
    add_json(parser, "the history")


def run(options: argparse.Namespace) -> int:
    """Train a multi-layer perceptron to predict one column of a CSV file from the others.

    A target of texts is a class to tell, one of numbers a number to come close to. Columns are
    brought to one scale, and a fifth of the rows is held out to test on. The exit code is 130 where
    Ctrl-C ended it.

    For example::

      autograd-lite train iris.csv --target species --hidden 8,8 --epochs 100 --save model.json
      autograd-lite train houses.csv --target price --features area,rooms --plot loss.svg
      autograd-lite train moons --hidden 16,16 --lr 0.02
    """
    if options.resume and not options.save:
        raise UsageError("--resume goes on from the file of --save FILE; name it too")
    data = loaded(options)
    network = Network.of(data, options.hidden, options.activation)
    say(f"{data}")
    say(f"{network}")
    train, test = _parts(data, options)
    if options.resume:
        _say_from_where(network, options.save)
    try:
        history = fit(
            network.model(options.seed, train), train, validation=test, seed=options.seed,
            lr=options.lr, checkpoint=options.save, resume=options.resume,
            extra={"network": vars(network)}, **network.fit_options(train, options),
        )  # fmt: skip
    except DivergenceError as error:
        print(f"\n{error.history.table()}")
        raise
    print(f"\n{history}")
    _report(history, network, options)
    say_json(options, history.state_dict())
    return INTERRUPTED if history.stopped.startswith("interrupted") else 0


def _parts(data: Dataset, options: argparse.Namespace) -> tuple[Dataset, Dataset | None]:
    """Return the samples to train on and those to test on, of each class as many as of all.

    Says what may be meant otherwise: few rows, and numbers that may be classes.
    """
    held_out, n = options.validation, len(data.targets)
    if held_out is None and n < FEWEST:
        say(f"fewer than {FEWEST} rows: none are held out to test on")
    values = sorted({target for target in data.targets if isinstance(target, float)})
    if options.target and 0 < len(values) <= 10 < n and all(map(float.is_integer, values)):
        listed = ", ".join(f"{value:g}" for value in values)
        say(f"{data.target} is taken for a number, though it is one of {listed} in every row; "
            "with --classes these are classes")  # fmt: skip
    if held_out == 0 or (held_out is None and n < FEWEST):
        return data, None
    stratify = bool(data.classes) and min(Counter(data.targets).values()) > 1
    return split(data, held_out or 0.2, seed=options.seed, stratify=stratify)


def _say_from_where(network: Network, path: str) -> None:
    """Say from which epoch training goes on; raise UsageError where the file is of another."""
    if not Path(path).exists():
        say(f"{path} is not there yet: training begins")
        return
    for name, held in vars(Network.saved(path)[0]).items():
        given = vars(network)[name]
        if held != given:
            what = f"{path} is of a network with {name} {held!s:.80}, not {given!s:.80}"
            raise UsageError(f"{what}; pass the same options, or train without --resume")
    say(f"going on from epoch {read_checkpoint(path)['epoch']} of {path}")


def _report(history: History, network: Network, options: argparse.Namespace) -> None:
    """Say what came of it in one line, and where everything is."""
    last = history.rows[-1] if len(history) else {}
    if "val_accuracy" in last:
        print()
        say(f"{last['val_accuracy']:.1%} of the rows held out are classified correctly")
    elif "val_mae" in last:
        print()
        say(f"in the rows held out {network.target} is off by {last['val_mae']:.6g} on average; "
            f"{1 - last['val_loss']:.1%} of its variance is explained")  # fmt: skip
    if options.plot and len(history):
        say(f"the loss: {save_plot(history.plot(), options.plot)}")
    if options.history:
        is_json = options.history.lower().endswith(".json")
        (history.to_json if is_json else history.to_csv)(options.history)
        say(f"the history: {options.history}")
    if options.save and len(history):
        say(f"the model: {options.save}")
        if history.stopped:
            say("to go on, add --resume to the same command")
