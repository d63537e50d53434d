"""The commands of the command line: each adds its arguments to a parser, and runs."""
