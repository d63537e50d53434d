"""The `train` and `predict` commands: a network for the columns of a CSV file."""

from __future__ import annotations

import argparse
import csv
import io
from collections import Counter

from ..files import text_written
from ..train import Dataset, History, fit, load_inputs, split
from ..viz.plots import save_plot
from ..viz.plots.saving import check_plot_path
from .data_options import add_data_arguments, add_file_arguments, loaded
from .fit_options import add_fit_arguments, fit_options
from .network import Network
from .usage import INTERRUPTED, UsageError, fraction, rate


def add_train_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe `train` to an argument parser."""
    parser.description = """\
Train a multi-layer perceptron to predict one column of a CSV file from the others. A target of
texts is a class to tell, one of numbers a number to come close to. Columns are brought to one
scale, and a fifth of the rows is held out to test on."""
    parser.epilog = """\
examples:
  autograd-lite train iris.csv --target species --hidden 8,8 --epochs 100 --save model.json
  autograd-lite train houses.csv --target price --features area,rooms --plot loss.svg
  autograd-lite train moons --hidden 16,16 --lr 0.02
"""
    add_data_arguments(parser)
    add_fit_arguments(parser, optimizer="adam", hidden="8")
    parser.add_argument("--lr", type=rate, default=0.01, help="learning rate (default: 0.01)")
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    parser.add_argument("--validation", type=fraction, default=0.2, metavar="PART",
                        help="of the rows to hold out, 0 for none (default: 0.2)")  # fmt: skip
    parser.add_argument("--save", metavar="FILE", help="where to keep the model: a JSON file")
    parser.add_argument("--resume", action="store_true", help="go on from the file of --save")
    parser.add_argument("--plot", metavar="FILE", help="where to draw the loss: svg, png or pdf")
    parser.add_argument("--history", metavar="FILE", help="where to write it as CSV")


def run_train(options: argparse.Namespace) -> int:
    """Train, report and save; return 0, or 130 where Ctrl-C ended it."""
    if options.resume and not options.save:
        raise UsageError("--resume goes on from the file of --save FILE; name it too")
    if options.plot:
        check_plot_path(options.plot)
    data = loaded(options)
    train, test = _parts(data, options)
    network = Network.of(train, options.hidden, options.activation)
    model = network.model(options.seed)
    print(f"{data}\n{network}", flush=True)
    history = fit(
        model,
        network.prepared(train),
        validation=None if test is None else network.prepared(test),
        seed=options.seed,
        lr=options.lr,
        checkpoint=options.save,
        checkpoint_every=max(1, options.epochs // 100),
        resume=options.resume,
        extra={"network": network.state()},
        **fit_options(data, options),
    )
    print(f"\n{history}")
    _report(history, network, options)
    return INTERRUPTED if history.stopped.startswith("interrupted") else 0


def _parts(data: Dataset, options: argparse.Namespace) -> tuple[Dataset, Dataset | None]:
    """Return the samples to train on and those to test on, of each class as many as of all."""
    if not options.validation:
        return data, None
    counts = Counter(data.targets) if data.classes else Counter()
    stratify = bool(counts) and min(counts.values()) > 1
    return split(data, options.validation, seed=options.seed, stratify=stratify)


def _report(history: History, network: Network, options: argparse.Namespace) -> None:
    """Say what came of it in one line, and where everything is."""
    last = history.rows[-1] if len(history) else {}
    if "val_accuracy" in last:
        print(f"\n{last['val_accuracy']:.1%} of the rows held out are told right")
    elif "val_mae" in last:
        error = last["val_mae"] * network.scale
        print(f"\non the rows held out, {network.target} is off by {error:.4g} on average")
    if options.history:
        history.to_csv(options.history)
        print(f"the history: {options.history}")
    if options.plot and len(history):
        print(f"the loss: {save_plot(history.plot(), options.plot)}")
    if options.save and len(history):
        print(f"the model: {options.save}")


# --- predict --------------------------------------------------------------------------------------


def add_predict_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe `predict` to an argument parser."""
    parser.description = """\
Predict the target for each row of a CSV file by a model that train saved. The file has the model's
features among its columns, in any order. The answer is CSV: the target, and for classes the
probability that the model gives it."""
    parser.epilog = """\
examples:
  autograd-lite predict model.json new.csv
  autograd-lite predict model.json new.csv -o predictions.csv
"""
    parser.add_argument("model", metavar="MODEL", help="the file that train --save wrote")
    parser.add_argument("data", metavar="CSV", help="the rows to predict from")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write it (default: print)")
    add_file_arguments(parser.add_argument_group("of the CSV file"))


def run_predict(options: argparse.Namespace) -> None:
    """Print or write the predictions."""
    network, model = Network.saved(options.model)
    rows = load_inputs(
        options.data, network.features, delimiter=options.delimiter, encoding=options.encoding
    )
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator="\n")
    table.writerow([network.target, "probability"] if network.classes else [network.target])
    for row in rows:
        name_or_number, *share = network.predicted(model, row)
        table.writerow([name_or_number, *(f"{x:.4f}" for x in share)])
    text = text_written(lines.getvalue(), options.output)
    print(options.output or text, end="\n" if options.output else "")
