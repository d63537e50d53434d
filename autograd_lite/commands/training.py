"""The `train` command: a network for the columns of a CSV file."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from ..errors import DivergenceError
from ..plots import save_plot
from ..train import Dataset, History, fit, split
from ..train.checkpoints import read_checkpoint
from .data_options import add_data_arguments, loaded
from .fit_options import add_fit_arguments, fit_options
from .network import Network
from .usage import INTERRUPTED, UsageError, add_json, check_outputs, fraction, rate, say, say_json

FEWEST = 20  # rows of which some are held out by default


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to an argument parser."""
    add_data_arguments(parser)
    add_fit_arguments(parser, optimizer="adam", hidden="8")
    parser.add_argument("--lr", type=rate, default=0.01, help="learning rate (default: 0.01)")
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    parser.add_argument("--validation", type=fraction, metavar="PART",
                        help=f"of the rows to hold out, 0 for none (default: 0.2, of {FEWEST} rows "
                        "or more)")  # fmt: skip
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
    check_outputs(options)
    data = loaded(options)
    train, test = _parts(data, options)
    network = Network.of(data, options.hidden, options.activation)
    say(f"{data}")
    say(f"{network}")
    _say_what_is_odd(data, options)
    if options.resume:
        _say_from_where(network, options.save)
    try:
        history = fit(
            network.model(options.seed, train),
            train,
            validation=test,
            seed=options.seed,
            lr=options.lr,
            checkpoint=options.save,
            resume=options.resume,
            extra={"network": network.state()},
            **fit_options(network, train, options),
        )
    except DivergenceError as error:
        print(f"\n{error.history.table()}")
        raise
    print(f"\n{history}")
    _report(history, network, options)
    say_json(options, history.state_dict())
    return INTERRUPTED if history.stopped.startswith("interrupted") else 0


def _parts(data: Dataset, options: argparse.Namespace) -> tuple[Dataset, Dataset | None]:
    """Return the samples to train on and those to test on, of each class as many as of all."""
    held_out = options.validation
    if held_out is None:
        held_out = 0.2 if len(data.targets) >= FEWEST else 0
    if not held_out:
        return data, None
    counts = Counter(data.targets) if data.classes else Counter()
    stratify = bool(counts) and min(counts.values()) > 1
    return split(data, held_out, seed=options.seed, stratify=stratify)


def _say_what_is_odd(data: Dataset, options: argparse.Namespace) -> None:
    if options.validation is None and len(data.targets) < FEWEST:
        say(f"fewer than {FEWEST} rows: none are held out to test on")
    values = {target for target in data.targets if isinstance(target, float)}
    if options.target and values and len(values) <= 10 < len(data.targets) and all(
        value.is_integer() for value in values
    ):  # fmt: skip
        listed = ", ".join(f"{value:g}" for value in sorted(values))
        say(f"{data.target} is taken for a number, though it is one of {listed} in every row; "
            "with --classes these are classes")  # fmt: skip


def _say_from_where(network: Network, path: str) -> None:
    """Say from which epoch training goes on; raise UsageError where the file is of another."""
    if not Path(path).exists():
        say(f"{path} is not there yet: training begins")
        return
    saved, _ = Network.saved(path)
    for name, held in saved.state().items():
        if held != (given := network.state()[name]):
            raise UsageError(
                f"{path} is of a network with {name} {held!s:.80}, not {given!s:.80}; pass the "
                "same options, or train without --resume"
            )
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
