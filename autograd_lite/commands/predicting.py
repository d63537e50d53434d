"""The `predict` command: the target of new rows, by a model that `train` saved."""

from __future__ import annotations

import argparse
import csv
import io

from ..files import text_written
from ..train import load_inputs
from .data_options import add_file_arguments
from .network import Network
from .outputs import check_outputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to an argument parser."""
    parser.description = """\
Predict the target for each row of a CSV file by a model that train saved. Among the columns of the
file, in any order, are those that the model was trained on, by the same names. The answer is CSV:
the target, and for classes the probability that the model gives it."""
    parser.epilog = """\
examples:
  autograd-lite predict model.json new.csv
  autograd-lite predict model.json new.csv -o predictions.csv
"""
    parser.add_argument("model", metavar="MODEL", help="the file that train --save wrote")
    parser.add_argument("data", metavar="CSV", help="the rows to predict from")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write it (default: print)")
    add_file_arguments(parser.add_argument_group("of the CSV file"))


def run(options: argparse.Namespace) -> None:
    """Print or write the predictions."""
    check_outputs(options, output=options.output)
    network, model = Network.saved(options.model)
    rows = load_inputs(
        options.data, network.features, delimiter=options.delimiter, encoding=options.encoding
    )
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator="\n")
    table.writerow([network.target, "probability"] if network.classes else [network.target])
    for row in rows:
        if network.classes:
            name, share = network.predicted(model, row)
            table.writerow([name, f"{share:.4f}"])
        else:
            table.writerow([f"{network.predicted(model, row)[0]:.8g}"])
    text = text_written(lines.getvalue(), options.output)
    print(options.output or text, end="\n" if options.output else "")
