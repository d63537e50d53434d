"""Where is the comet? Kepler's equation, solved by Newton's iteration, differentiated through it.

M = E - e sin E tells the time M from the angle E; no formula tells E from M. The iteration runs
`while` it still moves, and derivatives go through the loop as it ran. They are compared with those
that the equation itself implies: ∂E/∂M = 1/(1 - e cos E) and ∂E/∂e = sin E/(1 - e cos E).

`jit` keeps the loop: it records one path for each number of turns that occurs.

Run it: python examples/kepler.py
"""

import math
from collections.abc import Callable
from time import perf_counter
from typing import Any

from autograd_lite import cos, grad, jit, sin, value_and_grad

HALLEY = 0.96714  # the eccentricity of Halley's comet


def anomaly(time: Any, eccentricity: Any) -> Any:
    """Return the eccentric anomaly E: the angle, seen from the ellipse's center."""
    angle = time + eccentricity * sin(time) / (1 - sin(time + eccentricity) + sin(time))
    step = 1.0
    while abs(step) > 1e-12:
        miss = angle - eccentricity * sin(angle) - time
        step = miss / (1 - eccentricity * cos(angle))
        angle = angle - step
    return angle


def distance(time: Any, eccentricity: Any) -> Any:
    """Return how far the comet is from the sun, in units of its ellipse's half axis."""
    return 1 - eccentricity * cos(anomaly(time, eccentricity))


slopes = value_and_grad(anomaly, argnums=(0, 1))
compiled = jit(slopes)

print("time M      E         ∂E/∂M: by the loop, by the formula      ∂E/∂e: by the loop, formula")
worst = 0.0
for time in (0.05, 0.2, 0.5, 1.0, 2.0, 3.0):
    angle, (by_time, by_shape) = slopes(time, HALLEY)
    implied = 1 - HALLEY * math.cos(angle)
    exact = 1 / implied, math.sin(angle) / implied
    print(
        f"{time:4.2f}   {angle:8.5f}   {by_time:17.13f} {exact[0]:17.13f}   "
        f"{by_shape:16.13f} {exact[1]:16.13f}"
    )
    again = compiled(time, HALLEY)
    assert abs(again[0] - angle) < 1e-12
    worst = max(worst, abs(by_time / exact[0] - 1), abs(by_shape / exact[1] - 1))
print(f"the loop's derivatives are off by {worst:.0e} at most, relatively: {worst < 1e-9}")

# How fast it goes away from the sun is ∂r/∂M; how that changes, ∂²r/∂M².
speed = grad(distance)
print(f"at M = 0.5 r = {distance(0.5, HALLEY):.6f}, r' = {speed(0.5, HALLEY):.6f}, "
      f"r'' = {grad(speed)(0.5, HALLEY):.6f}")  # fmt: skip

times = [0.01 * k for k in range(1, 300)]
for time in times:
    compiled(time, HALLEY)  # the first call that takes as many turns records a path
ways: dict[str, Callable[..., Any]] = {"eager": slopes, "compiled": compiled}
for name, function in ways.items():
    start = perf_counter()
    for time in times:
        function(time, HALLEY)
    print(f"{name:9} {(perf_counter() - start) / len(times) * 1e6:7.1f} microseconds a call")
