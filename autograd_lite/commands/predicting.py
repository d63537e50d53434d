"""The `predict` command: the target of new rows, by a model that `train` saved."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from .._support.files import csv_text, text_written
from .._support.wording import printable
from ..train.data.csv_files import CsvFile
from .data_options import add_file_arguments
from .network import Network
from .usage import UsageError, add_json, say, say_json

STDIN = "/dev/stdin"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to an argument parser."""
    parser.add_argument("model", metavar="MODEL", help="the file that train --save wrote")
    parser.add_argument("data", metavar="CSV", help="the rows to predict from, - for stdin")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write it (default: print)")
    parser.add_argument("--keep", action="store_true",
                        help="write the columns of the file, too, before the target")  # fmt: skip
    add_json(parser, "a list of objects, one a row")
    add_file_arguments(parser.add_argument_group("of the CSV file"))


def run(options: argparse.Namespace) -> None:
    """Predict the target for each row of a CSV file by a model that train saved.

    Among the columns of the file, in any order, are those that the model was trained on, by the
    same names. The answer is CSV: the target, and for classes the probability that the model gives
    it.

    For example::

      autograd-lite predict model.json new.csv
      autograd-lite predict model.json new.csv --keep -o predictions.csv
    """
    network, model = Network.saved(options.model)
    path = STDIN if options.data == "-" else options.data
    if path == STDIN and not Path(path).exists():
        raise UsageError(f"there is no {path} to read as -; name a file")
    file = CsvFile(path, network.features, options.delimiter, options.encoding, options.header)
    kept = file.names if options.keep else []
    names = [*kept, *_names(network, kept)]
    answer, rows, written = [names], [], ".4f" if network.classes else ".8g"
    for row, numbers in enumerate(file.inputs(network.features)):
        predicted = network.predicted(model, numbers)
        if not math.isfinite(float(predicted[-1])):
            what = f"the prediction is {predicted[-1]}, for the features are too large"
            raise file.fault(f"{what}; correct them or leave the row out", row)
        before = file.rows[row] if options.keep else []
        texts = [format(x, written) if isinstance(x, float) else x for x in predicted]
        answer.append([*before, *texts])
        rows.append(dict(zip(names, [*before, *predicted], strict=True)))
    text = text_written(csv_text(answer), options.output)
    if options.output:
        say(options.output)
    if say_json(options, rows) or options.output:
        return
    if sys.stdout.isatty():  # to look at; what is piped is for programs, and faithful
        text = "\n".join(map(printable, text.split("\n")))
    print(text, end="")


def _names(network: Network, kept: Sequence[str]) -> list[str]:
    """Return the names of what is predicted, other than those of the columns that are kept."""
    target, share = network.target, "probability"
    while target in kept:
        target = f"predicted {target}"
    while share in (*kept, target):
        share = f"{share} of {network.target}"
    return [target, share] if network.classes else [target]
