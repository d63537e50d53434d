"""The command line: each command adds its arguments to a parser, and runs."""

from .cli import main

__all__ = ["main"]
