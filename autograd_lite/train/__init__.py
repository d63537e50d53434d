"""Training: data sets, what fits a model to them, and what is left of it."""

from . import data as _data
from .checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from .data import *  # noqa: F403  the data sets
from .fitting import fit
from .history import EarlyStopping, History
from .objective import accuracy
from .sweeping import Sweep, sweep

__all__ = ["Checkpoint", "EarlyStopping", "History", "Sweep", "accuracy", "fit"]
__all__ += ["load_checkpoint", "save_checkpoint", "sweep"]
__all__ += _data.__all__
