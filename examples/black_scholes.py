"""What is an option worth, and what moves that? Black and Scholes' formula and its Greeks.

The price of a call is one formula. Its slopes, which traders hedge by, have Greek names, and are
`grad` of it; here they are compared with the formulas of the textbooks. Then the same function is
mapped over a million options in NumPy arrays, which `jit` runs as operations on whole arrays.

Run it (it needs NumPy; SciPy makes it quicker): python examples/black_scholes.py [how many]
"""

import math
import sys
from time import perf_counter
from typing import Any

import numpy as np

from autograd_lite import exp, grad, jit, log, normal_cdf, sqrt, value_and_grad, vmap

ALL = (0, 1, 2, 3, 4)  # what the Greeks are slopes by


def call(spot: Any, strike: Any, years: Any, rate: Any, volatility: Any) -> Any:
    """Return the price of the right to buy for `strike` in so many years."""
    spread = volatility * sqrt(years)
    d1 = log(spot / strike) / spread + (rate / volatility) * sqrt(years) + spread / 2
    return spot * normal_cdf(d1) - strike * exp(-rate * years) * normal_cdf(d1 - spread)


def textbook(
    spot: float, strike: float, years: float, rate: float, volatility: float
) -> dict[str, float]:
    """Return the Greeks as they are printed."""
    spread = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + volatility**2 / 2) * years) / spread
    d2 = d1 - spread
    density = math.exp(-(d1**2) / 2) / math.sqrt(2 * math.pi)
    discounted = strike * math.exp(-rate * years)
    below = 0.5 * math.erfc(-d2 / math.sqrt(2))
    return {
        "delta": 0.5 * math.erfc(-d1 / math.sqrt(2)),
        "gamma": density / (spot * spread),
        "vega": spot * density * math.sqrt(years),
        "theta": -spot * density * volatility / (2 * math.sqrt(years)) - rate * discounted * below,
        "rho": discounted * years * below,
    }


option = {"spot": 100.0, "strike": 110.0, "years": 0.5, "rate": 0.03, "volatility": 0.25}
numbers = tuple(option.values())
price, slopes = value_and_grad(call, ALL)(*numbers)
greeks = {
    "delta": slopes[0],
    "gamma": grad(grad(call))(*numbers),
    "vega": slopes[4],
    "theta": -slopes[2],  # as time goes by, there is less of it
    "rho": slopes[3],
}
print(", ".join(f"{name} {x:g}" for name, x in option.items()) + f": the price is {price:.6f}")
for name, exact in textbook(*numbers).items():
    print(f"{name:6} {greeks[name]:12.8f}   textbook {exact:12.8f}")
    assert math.isclose(greeks[name], exact, rel_tol=1e-12)

count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
random = np.random.default_rng(0)
low, high = np.array([80.0, 80.0, 0.1, 0.0, 0.1]), np.array([120.0, 120.0, 2.0, 0.05, 0.5])
options = [random.uniform(a, b, count) for a, b in zip(low, high, strict=True)]

priced = jit(vmap(value_and_grad(call, ALL)))
for call_number in ("first call", "again"):
    start = perf_counter()
    prices, by_number = priced(*options)
    seconds = perf_counter() - start
    print(
        f"{count:,} options, {call_number}: {seconds:.2f} s, {seconds / count * 1e9:,.0f} ns each"
    )
# In another currency spot, strike and price are all as many times as large: so Euler's theorem says
euler = options[0] * by_number[0] + options[1] * by_number[1]
print(f"spot · ∂/∂spot + strike · ∂/∂strike is the price: {np.allclose(euler, prices)}")
