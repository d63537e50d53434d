"""A program of so many operations, traced and compiled: seconds and memory, as JSON.

`python tests/benchmarks/growth.py 100000` measures one size; `compiled.py` runs it for several.
"""

from __future__ import annotations

import json
import math
import resource
import sys
import time
from pathlib import Path

from autograd_lite import jit, sin


def long_program(x, n):
    y = x
    for _ in range(n // 5):
        y = 0.9 * sin(y + x) + x * y
    return y


def peak():
    """Return the most memory that this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says may be the peak of the process that started this one
        return int(status.read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(n):
    x = 0.3
    wanted, before = long_program(x, n), peak()
    compiled = jit(long_program, static_argnums=1, backend="python")
    times = []
    for _ in range(3):  # the first call traces, the second compiles
        start = time.perf_counter()
        found = compiled(x, n)
        times.append(time.perf_counter() - start)
        assert math.isclose(found, wanted, rel_tol=1e-12), (found, wanted)
    stats = compiled.stats()
    print(json.dumps({
        "operations": stats.operations, "trace": times[0], "compile": times[1], "again": times[2],
        "peak": peak(), "before": before,
    }))  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
