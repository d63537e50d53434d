"""Why a gradient is what it is: the chain rule path by path, and the backward pass as a table."""

from . import row_help as row_help  # gives operations their help
from .chain_rule import Explanation, explain
from .trace import Trace, trace_backward

__all__ = ["Explanation", "Trace", "explain", "trace_backward"]
