"""Why a gradient is what it is: the chain rule path by path, and the backward pass as a table."""

from . import row_help as row_help  # gives operations their help
from .explanation import Explanation, explain
from .trace import BackwardTrace, trace_backward

__all__ = ["BackwardTrace", "Explanation", "explain", "trace_backward"]
