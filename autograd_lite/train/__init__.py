"""Training: data sets, what fits a model to them, and what is left of it."""

from .checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from .csv_files import CsvStream, load_csv, load_inputs
from .data import blobs, circles, logical_and, logical_or, moons, sine, spirals, xor
from .dataset import Dataset
from .fitting import fit
from .history import History
from .metrics import accuracy
from .preparation import batches, one_hot, split
from .standardizer import Standardizer, standardise
from .stopping import EarlyStopping
from .sweeping import Sweep, sweep

__all__ = [
    "Checkpoint", "CsvStream", "Dataset", "EarlyStopping", "History", "Standardizer", "Sweep",
    "accuracy", "batches", "blobs", "circles", "fit", "load_checkpoint", "load_csv",
    "load_inputs", "logical_and", "logical_or", "moons", "one_hot", "save_checkpoint", "sine",
    "spirals", "split", "standardise", "sweep", "xor",
]  # fmt: skip
