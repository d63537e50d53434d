"""Losses: their formulas to many digits, published numbers, extremes, and mistakes with them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import (
    DomainError,
    ShapeError,
    Value,
    grad,
    gradients,
    hessian,
    log_softmax,
    sigmoid,
)
from autograd_lite.nn import (
    MLP,
    Neuron,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    kl,
    l1_penalty,
    l2_penalty,
    loss_named,
    mae,
    max_margin,
    mse,
    nll,
)
from autograd_lite.nn.reduction import LOSSES, loss, pairs
from autograd_lite.train import fit

mp = mpmath.mp.clone()
mp.dps = 600  # exp(-1000) beside 1 needs 435 digits
Loss = Callable[..., Any]


def _bce(p: Any, t: Any) -> Any:
    return -(t * mp.log(p) + (1 - t) * mp.log(1 - p))


def _bce_logits(z: Any, t: Any) -> Any:
    return t * mp.log(1 + mp.exp(-z)) + (1 - t) * mp.log(1 + mp.exp(z))


FORMULAS: list[tuple[Loss, Callable[[Any, Any], Any], list[tuple[float, float]]]] = [
    (mse, lambda p, t: (p - t) ** 2, [(1, 3), (-2.5, 0.1), (1e150, 0), (0.3, 0.3)]),
    (half_squared_error, lambda p, t: (t - p) ** 2 / 2, [(1, 3), (-2.5, 0.1), (0.3, 0.3)]),
    (mae, lambda p, t: abs(p - t), [(1, 3), (3, 1), (-1e300, 1)]),
    (huber, lambda p, t: (p - t) ** 2 / 2, [(0.5, 0.25), (1, 0), (-1, 0), (2, 2)]),
    (huber, lambda p, t: abs(p - t) - mp.mpf(1) / 2, [(2, 0), (-3, 0.5), (1e300, 0)]),
    (
        partial(huber, delta=0.5),
        lambda p, t: (abs(p - t) - mp.mpf(1) / 4) / 2,
        [(2, 0), (0.75, 0), (-0.5, 0), (-0.6, 0)],
    ),
    (
        partial(huber, delta=2.0),
        lambda p, t: (p - t) ** 2 / 2,
        [(1.5, 0), (-2, 0), (0, 2)],
    ),
    (hinge, lambda s, t: max(mp.mpf(0), 1 - t * s), [(0.5, 1), (0.5, -1), (3, 1), (-3, -1)]),
    (binary_cross_entropy, _bce, [(0.25, 1), (0.25, 0), (0.25, 0.5), (1e-11, 0), (0.9, 0.9)]),
    (
        binary_cross_entropy_with_logits,
        _bce_logits,
        [(z, t) for z in (-1000, -40, -1.5, 0, 0.25, 40, 1000) for t in (0, 0.25, 1)],
    ),
]


@pytest.mark.parametrize(
    ("loss", "formula", "prediction", "target"),
    [(loss, formula, p, t) for loss, formula, points in FORMULAS for p, t in points],
)
def test_a_loss_and_its_slope_are_those_of_its_formula(
    loss: Loss, formula: Callable[[Any, Any], Any], prediction: float, target: float
) -> None:
    p = Value(prediction)
    out = loss([p], [target])
    assert out.data == pytest.approx(float(formula(mp.mpf(prediction), mp.mpf(target))), rel=1e-13)
    out.backward()
    if formula(mp.mpf(prediction), mp.mpf(target)) and abs(prediction) < 1e100:
        slope = mp.diff(
            lambda x: formula(x, mp.mpf(target)), mp.mpf(prediction), h=mp.mpf(10) ** -250
        )
        assert p.grad == pytest.approx(float(slope), rel=1e-12)


def test_the_formula_of_every_loss_of_numbers_is_here() -> None:
    tried = {getattr(loss, "func", loss).__name__ for loss, _, _ in FORMULAS}
    assert LOSSES.keys() - tried == {"cross_entropy", "kl", "max_margin", "nll"}  # of classes


@pytest.mark.parametrize("t", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("p", [0.0, 1e-300, 1e-44, 1e-20, 1e-13, 0.25, 1 - 2**-40, 1 - 2**-53, 1.0])
def test_binary_cross_entropy_has_pytorch_s_bounds_of_the_logarithm_and_of_the_slope(
    p: float, t: float
) -> None:
    def logarithm(x: Any) -> Any:
        return max(mp.log(x), mp.mpf(-100)) if x else mp.mpf(-100)

    of_p, of_rest = logarithm(mp.mpf(p)), logarithm(1 - mp.mpf(p))
    steepness = 1 / max(p * (1 - p), 1e-12)
    assert binary_cross_entropy(p, t) == pytest.approx(-float(t * of_p + (1 - t) * of_rest), 1e-15)
    for target in (t, Value(t)):
        x = Value(p)
        loss = binary_cross_entropy([x], [target])
        assert loss.data == binary_cross_entropy(p, t)
        loss.backward()
        assert x.grad == pytest.approx((p - t) * steepness, rel=1e-12)
        if isinstance(target, Value):
            assert target.grad == pytest.approx(float(of_rest - of_p), rel=1e-12)


def test_the_slope_of_a_certain_prediction_has_slopes_of_its_own() -> None:
    def loss(v: list[Any]) -> Any:  # its slopes are 1e12 (p - t) and 100 - 100
        return binary_cross_entropy(v[:1], v[1:])

    assert hessian(loss)([1.0, 0.0]) == [[1e12, -1e12], [-1e12, 0.0]]
    assert grad(grad(grad(lambda p: binary_cross_entropy(p, 0.0))))(1.0) == 0.0


def test_what_saturates_and_is_wrong_still_learns() -> None:
    z = Value(40.0)
    binary_cross_entropy([sigmoid(z)], [0.0]).backward()
    assert z.grad == pytest.approx(1e12 * 4.248354255291589e-18, rel=1e-12)
    history = fit(Neuron(1, "sigmoid", init="ones"), ([[40.0]], [0.0]), loss="binary_cross_entropy")
    assert history["loss"][0] == 100.0


PROBABILITIES = st.sampled_from([0.0, 1e-13, 0.5, 1 - 2**-53, 1.0])
NUMBERS = st.sampled_from([-1000.0, -1.0, 0.0, 0.5, 1.0, 1000.0])
LOG_PROBABILITIES = st.sampled_from([-math.inf, -1000.0, -0.5, 0.0])
# Of a prediction and of a target, None for the index of a class, where both are not any numbers.
KINDS: dict[str, tuple[Any, Any]] = {
    "binary_cross_entropy": (PROBABILITIES, PROBABILITIES),
    "binary_cross_entropy_with_logits": (NUMBERS, PROBABILITIES),
    "hinge": (NUMBERS, st.sampled_from([-1.0, 1.0])),
    "cross_entropy": (NUMBERS | st.just(-math.inf), None),
    "nll": (LOG_PROBABILITIES, None),
    "max_margin": (NUMBERS, None),
    "kl": (LOG_PROBABILITIES, PROBABILITIES),
}


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data())
def test_a_loss_is_a_value_where_one_of_its_numbers_is_however_extreme(
    name: str, data: st.DataObject
) -> None:
    predicted, target = KINDS.get(name, (NUMBERS, NUMBERS))
    n, m = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    rows = data.draw(st.lists(st.lists(predicted, min_size=m, max_size=m), min_size=n, max_size=n))
    one = st.integers(0, m - 1) if target is None else st.lists(target, min_size=m, max_size=m)
    targets: list[Any] = data.draw(st.lists(one, min_size=n, max_size=n))
    marked = data.draw(st.lists(st.booleans(), min_size=2 * n * m, max_size=2 * n * m))
    marks = iter(marked)
    recorded = [[Value(x) if next(marks) else x for x in row] for row in rows]
    aims = targets if target is None else [
        [Value(x) if next(marks) else x for x in row] for row in targets
    ]  # fmt: skip
    values = [x for x in flat([recorded, aims]) if isinstance(x, Value)]
    losses = LOSSES[name](recorded, aims, reduction="none")
    if len(losses) == n:
        for loss, own in zip(losses, zip(recorded, aims, strict=True), strict=True):
            assert isinstance(loss, Value) == any(isinstance(x, Value) for x in flat(own))
    for reduction in ("mean", "sum"):
        loss = LOSSES[name](recorded, aims, reduction=reduction)
        plain = LOSSES[name](rows, targets, reduction=reduction)
        assert isinstance(plain, float)
        assert isinstance(loss, Value) == bool(values)
        assert float(loss) == pytest.approx(plain, rel=1e-14, nan_ok=True)
        if isinstance(loss, Value):
            loss.backward()
            assert len(gradients(loss, values)) == len(values)


def flat(x: Any) -> list[Any]:
    return [y for each in x for y in flat(each)] if isinstance(x, (list, tuple)) else [x]


LOGITS = [
    [0.0, 0.0],
    [1.0, 2.0, 0.5],
    [1000.0, -1000.0, 0.0],
    [-1000.0, -1000.0],
    [40.0, 0.0],
    [-0.1, 30.0, 30.0, 2.0],
    [5.0],
]


@pytest.mark.parametrize(("logits", "k"), [(xs, k) for xs in LOGITS for k in range(len(xs))])
def test_cross_entropy_to_many_digits_and_its_slopes_softmax_minus_one_hot(
    logits: list[float], k: int
) -> None:
    powers = [mp.exp(x) for x in logits]
    chances = [e / sum(powers) for e in powers]
    xs = list(map(Value, logits))
    loss = cross_entropy(xs, k)
    assert loss.data == pytest.approx(float(-mp.log(chances[k])), rel=1e-13)
    loss.backward()
    wanted = [float(c - (j == k)) for j, c in enumerate(chances)]
    assert [x.grad for x in xs] == pytest.approx(wanted, rel=1e-12)
    assert nll(log_softmax(logits), k) == pytest.approx(loss.data, rel=1e-12, abs=1e-15)


def test_a_class_that_is_the_only_possible_one_costs_nothing_and_has_slope_0() -> None:
    xs = [Value(2.0), Value(-math.inf)]
    loss = cross_entropy(xs, 0)
    loss.backward()
    assert (loss.data, xs[0].grad, xs[1].grad) == (0.0, 0.0, 0.0)


def test_published_numbers() -> None:
    assert mse([Value(0.0), Value(0.5)], [-0.5, 1.0]).data == 0.25
    model = MLP(2, [2, 2], ["sigmoid", "sigmoid"], seed=0)
    weights = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    for weight, number in zip([w for n in neurons for w in n.weights], weights, strict=True):
        weight.data = number
    loss = half_squared_error(model([0.05, 0.10]), [0.01, 0.99])
    assert loss.data == pytest.approx(0.24251985734837728, rel=1e-15)


def test_half_squared_error_has_the_slope_output_minus_target() -> None:
    outputs = [Value(0.75), Value(0.5)]
    half_squared_error(outputs, [0.25, 1.0]).backward()
    assert [o.grad for o in outputs] == [0.5, -0.5]


@pytest.mark.parametrize(
    ("loss", "predictions", "targets", "each"),
    [
        (mse, [1.0, 2.0], [0.0, 0.0], [1.0, 4.0]),
        (half_squared_error, [1.0, 2.0], [0.0, 0.0], [0.5, 2.0]),
        (mae, [1.0, -2.0], [0.0, 0.0], [1.0, 2.0]),
        (huber, [1.0, 3.0], [0.0, 0.0], [0.5, 2.5]),
        (hinge, [0.5, -1.0], [1, 1], [0.5, 2.0]),
        (binary_cross_entropy, [0.5, 0.0], [1, 1], [math.log(2), 100.0]),
        (binary_cross_entropy_with_logits, [0.0, -1000.0], [1, 1], [math.log(2), 1000.0]),
        (cross_entropy, [[0.0, 0.0], [0.0, 1000.0]], [1, 0], [math.log(2), 1000.0]),
        (nll, [[-1.0, -2.0], [-3.0, -4.0]], [0, 1], [1.0, 4.0]),
        (max_margin, [[0.5, 1.0], [2.0, 0.0]], [0, 0], [0.75, 0.0]),
        (kl, [[-1.0, -2.0], [-1.0, 0.0]], [[1.0, 0.0], [0.5, 0.5]], [1.0, 0.5 + math.log(0.5)]),
        (mse, [[1.0], [2.0]], [[0.0], [0.0]], [1.0, 4.0]),
    ],
)
def test_reductions(loss: Loss, predictions: Any, targets: Any, each: list[float]) -> None:
    assert loss(predictions, targets, reduction="none") == pytest.approx(each, rel=1e-15)
    assert loss(predictions, targets, reduction="sum") == pytest.approx(sum(each), rel=1e-15)
    assert loss(predictions, targets, reduction="mean") == pytest.approx(sum(each) / 2, rel=1e-15)
    default = sum(each) / (1 if loss is half_squared_error else 2)
    assert loss(predictions, targets) == pytest.approx(default, rel=1e-15)


def test_one_number_and_its_target() -> None:
    assert mse(Value(3.0), 1.0).data == 4.0
    assert binary_cross_entropy_with_logits(Value(0.0), 1).data == pytest.approx(math.log(2))


def test_a_target_that_records_has_its_slope_too() -> None:
    p, t = Value(0.25), Value(1.0)
    (slope,) = gradients(binary_cross_entropy([p], [t]), [t])
    assert slope == pytest.approx(math.log(0.75) - math.log(0.25), rel=1e-15)


def test_kl_is_zero_for_equal_distributions_and_skips_what_has_no_chance() -> None:
    third = math.log(0.25)
    assert kl([third, third, math.log(0.5)], [0.25, 0.25, 0.5]) == 0.0
    assert kl([math.log(0.5), -math.inf], [1.0, 0.0]) == pytest.approx(math.log(2), rel=1e-15)


def test_a_loss_of_one_s_own_is_a_rule_for_one_prediction_and_is_known_by_its_name() -> None:
    def relative(prediction: Any, target: Any, *, scale: float = 1.0) -> Any:
        """Return the error as a part of the target."""
        return scale * abs(prediction - target) / target

    made = loss(pairs, reduction="sum")(relative)
    try:
        assert loss_named("relative") is made
        assert made([[1.0], [3.0]], [[2.0], [2.0]]) == 1.0
        x = Value(1.0)
        made([x, 3.0], [2.0, 2.0], reduction="mean", scale=4.0).backward()
        assert x.grad == -1.0
        assert str(inspect.signature(made)).startswith(
            "(predictions, targets, *, reduction='sum', scale"
        )
        with pytest.raises(TypeError, match="relative: expected a number, got str"):
            made(["1"], [1.0])
        history = fit(Neuron(1, None, seed=0), ([[1.0]], [1.0]), loss="relative", epochs=1)
        assert len(history) == 1
    finally:
        del LOSSES["relative"]
    with pytest.raises(ValueError, match="no loss is named 'relative'"):
        loss_named("relative")


def test_a_loss_that_rests_on_no_input_is_a_value_where_an_input_is() -> None:
    xs = [Value(1.0), Value(2.0)]
    constant: Any = max_margin([xs[0]], 0)
    assert isinstance(constant, Value)
    assert isinstance(kl([xs[0], xs[1]], [0.0, 0.0]), Value)
    assert max_margin([1.0], 0) == 0.0
    assert not isinstance(max_margin([1.0], 0), Value)


def test_penalties_and_their_slopes() -> None:
    ps = [Value(3.0), Value(-4.0), Value(0.0)]
    l1, l2 = l1_penalty(ps, 0.5), l2_penalty(ps, 0.5)
    assert (l1.data, l2.data) == (3.5, 12.5)
    assert gradients(l1, ps) == [0.5, -0.5, 0.0]
    assert gradients(l2, ps) == [3.0, -4.0, 0.0]
    model = MLP(1, [2, 1], seed=0, init="ones")
    model.layers[0].freeze()
    assert l1_penalty(model).data == l2_penalty(model).data == 2.0


@pytest.mark.parametrize(
    ("compute", "error", "text"),
    [
        (lambda: mae([1.0], [1.0, 2.0]), ShapeError, "got 1 predictions and 2 targets"),
        (lambda: mse([[1.0, 2.0]], [1.0, 2.0]), ShapeError, "got 1 predictions and 2 targets"),
        (lambda: mse([[1.0]], [1.0]), ShapeError, "got 1 predictions and 1 number"),
        (lambda: huber([], []), ShapeError, "huber expects at least one number"),
        (lambda: huber([1.0], [1.0], delta=0), DomainError, "delta > 0, got 0"),
        (lambda: huber([1.0], [1.0], delta=math.nan), DomainError, "delta > 0, got nan"),
        (lambda: mse([1.0], [1.0], reduction="men"), ValueError, "did you mean 'mean'?"),  # type: ignore[call-overload]
        (lambda: mse([1.0], ["1"]), TypeError, "mse: expected a number, got str: '1'"),
        (lambda: hinge(["a"], [1]), TypeError, "hinge: expected a number, got str: 'a'"),
        (lambda: hinge([1.0], [0]), DomainError, "targets of -1 or 1, got 0.0"),
        (lambda: binary_cross_entropy([1.5], [1]), DomainError, "a prediction to be a probability"),
        (lambda: binary_cross_entropy([math.nan], [1]), DomainError, "got nan"),
        (lambda: binary_cross_entropy([0.5], [-1]), DomainError, "a target to be a probability"),
        (lambda: binary_cross_entropy_with_logits([9.0], [2]), DomainError, "got 2.0"),
        (lambda: cross_entropy([1.0, 2.0, 3.0], 3), DomainError, "a class from 0 to 2, got 3"),
        (lambda: cross_entropy([1.0, 2.0, 3.0], -1), DomainError, "a class from 0 to 2, got -1"),
        (lambda: cross_entropy([1.0, 2.0], 1.0), TypeError, "the index of a class as target"),
        (lambda: cross_entropy([1.0, 2.0], [0, 1]), ShapeError, "numbers for each sample"),
        (lambda: cross_entropy([[1.0, 2.0]], [0, 1]), ShapeError, "got 1 samples and 2 targets"),
        (lambda: cross_entropy([], []), ShapeError, "one sample at least"),
        (lambda: cross_entropy([], 0), DomainError, "at least one class"),
        (lambda: cross_entropy(1.0, 0), ShapeError, "a list of numbers"),
        (lambda: nll([[-1.0]], [1]), DomainError, "a class from 0 to 0, got 1"),
        (lambda: kl([-1.0], [0.5, 0.5]), ShapeError, "got 1 and 2"),
        (lambda: kl([], []), ShapeError, "one at least"),
        (lambda: kl([-1.0, -1.0], [1.5, 0.0]), DomainError, "a target to be a probability"),
        (lambda: kl(1.0, 1.0), ShapeError, "a distribution"),
        (lambda: kl([[-1.0]], [[1.0], [1.0]]), ShapeError, "1 predictions and 2 targets"),
        (lambda: kl([-0.5, -1.0], [[0.0, 1.0]]), ShapeError, "2 predictions and 1 targets"),
        (lambda: kl([], [[1.0]]), ShapeError, "0 predictions and 1 targets"),
        (lambda: l2_penalty([]), ShapeError, "at least one parameter"),
        (lambda: l1_penalty([Value(1.0)], -1), DomainError, "strength >= 0, got -1"),
    ],
)  # fmt: skip
def test_mistakes(compute: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        compute()
    assert text in str(raised.value)
