"""The compiler: a function is traced once, and replayed without any objects."""

from .function import Jitted, jit
from .tape import Tape

__all__ = ["Jitted", "Tape", "jit"]
