"""Lay out the DOT text on standard input with the Graphviz of pygraphviz, in a process of its own.

Run as a script: `python worker.py svg < graph.dot > graph.svg`.
"""

import sys
import warnings


def main(arguments: list[str]) -> None:
    """Write the picture to standard output, in the format named first, with further arguments."""
    warnings.simplefilter("ignore")  # about pygraphviz, and nothing its caller could mend
    import pygraphviz  # here, since the package may be without it

    graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
    picture = graph.draw(format=arguments[0], prog="dot", args=" ".join(arguments[1:]))
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    main(sys.argv[1:])
