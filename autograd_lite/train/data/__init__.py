"""Data to train on: small sets to learn from, CSV files, and what prepares them."""

from .csv_files import load_csv, load_inputs
from .preparation import Dataset, batches, one_hot, split
from .small import blobs, circles, logical_and, logical_or, moons, sine, spirals, xor
from .standardizer import Rescaler, Standardizer, standardise, standardize

__all__ = [
    "Dataset", "Rescaler", "Standardizer", "batches", "blobs", "circles", "load_csv",
    "load_inputs", "logical_and", "logical_or", "moons", "one_hot", "sine", "spirals", "split",
    "standardise", "standardize", "xor",
]  # fmt: skip
