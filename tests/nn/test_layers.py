"""Layers against the formulas of the papers they come from, and the mistakes with them."""

from __future__ import annotations

import math
import random
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import (
    AnomalyError,
    DomainError,
    ShapeError,
    Value,
    detect_anomaly,
    gradcheck,
    jacobian,
    no_grad,
    ops,
    softmax,
)
from autograd_lite.nn import (
    MLP,
    Activation,
    Constant,
    Dropout,
    Embedding,
    Kaiming,
    Layer,
    LayerNorm,
    Neuron,
    Normal,
    RMSNorm,
    RNNCell,
    Sequential,
    Uniform,
    Xavier,
)


def _nodes(outputs: list[Value]) -> int:
    """Count the operations behind outputs."""
    seen: dict[int, Value] = {}
    pending: list[Any] = list(outputs)
    while pending:
        node = pending.pop()
        if isinstance(node, Value) and node.op is not None and id(node) not in seen:
            seen[id(node)] = node
            pending += node.operands
    return len(seen)


# --- fully connected ------------------------------------------------------------------------------


def test_the_activation_of_a_layer_is_a_step_of_its_own() -> None:
    layer = Layer(2, 3, "tanh", seed=1)
    sums = layer.weighted_sums([0.5, -1.0])
    assert [s.op for s in sums] == [ops.dot_row] * 3
    outputs = layer([0.5, -1.0])
    assert [y.data for y in layer.activation(sums)] == [y.data for y in outputs]
    assert _nodes(outputs) == 6
    assert repr(layer.activation) == "Activation(tanh)"


NUMBERS = st.floats(-1e3, 1e3)
INPUTS = st.one_of(
    NUMBERS, NUMBERS.map(Value), st.integers(-9, 9), st.booleans(),
    NUMBERS.map(np.float64), NUMBERS.map(np.array), st.just(math.inf),
)  # fmt: skip


@given(
    inputs=st.lists(INPUTS, min_size=1, max_size=4),
    bias=st.booleans(),
    pruned=st.booleans(),
    activation=st.sampled_from(["tanh", None]),
)
def test_a_layer_gives_what_its_neurons_give_bit_for_bit(
    inputs: list[Any], bias: bool, pruned: bool, activation: str | None
) -> None:
    layer = Layer(len(inputs), 3, activation, seed=1, bias=bias)
    if pruned and len(inputs) > 1:
        layer.neurons[1].weights[0] = 0.25  # type: ignore[call-overload]  # a constant from now on
        layer.neurons[2].bias = 0.5
    alone = [neuron(inputs) for neuron in layer.neurons]
    together = layer(inputs)
    assert [bits(y) for y in together] == [bits(y) for y in alone]
    for y, z in zip(together, alone, strict=True):
        a: Any = y.operands[0] if activation else y
        b: Any = z.operands[0] if activation else z
        assert (y.op, a.op) == (z.op, b.op)
        for v, w in zip(a.operands, b.operands, strict=True):
            assert v is w if isinstance(v, Value) else bits(v) == bits(w)
    leaves = layer.parameters() + [x for x in inputs if isinstance(x, Value)]
    found = []
    for outputs in (alone, together):
        for x in leaves:
            x.grad = 0.0
        ops.sum(outputs).backward()
        found.append([bits(x.grad) for x in leaves])
    assert found[0] == found[1]


def bits(x: Any) -> bytes:
    return struct.pack("d", float(x))


def test_a_layer_follows_the_modes() -> None:
    layer, x = Layer(1, 2, None, init="ones"), Value(2.0)
    with no_grad():
        assert [y.operands for y in layer([x])] == [(), ()]
    assert jacobian(lambda v: layer(v))([2.0]) == [[1.0], [1.0]]
    layer.neurons[0].bias.data = math.inf
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"dot\(.*\) = inf"):
        layer([x])


def test_a_layer_may_hold_a_neuron_of_one_s_own() -> None:
    class Doubled(Neuron):
        def __call__(self, inputs: Any) -> Value:
            return 2 * super().__call__(inputs)

    layer = Layer(2, 2, None, init="ones")
    layer.neurons[1] = Doubled(2, None, init="ones")
    assert [y.data for y in layer([1.0, 2.0])] == [3.0, 6.0]


@pytest.mark.parametrize(
    "inputs", [[1.0], [1.0, 2.0, 3.0], 4.0, ["a", 1.0], [[1.0], [2.0]], [None, 1]]
)
def test_a_layer_s_mistakes_are_told_in_its_neurons_words(inputs: Any) -> None:
    layer = Layer(2, 2)
    with pytest.raises((TypeError, ShapeError)) as alone:
        layer.neurons[0](inputs)
    with pytest.raises(type(alone.value)) as together:
        layer(inputs)
    assert str(together.value) == str(alone.value)


def test_neurons_of_different_widths_do_not_lose_weights() -> None:
    layer = Layer(2, 2)
    del layer.neurons[1].weights[0]
    with pytest.raises(ShapeError, match="one length, got 1 and 2"):
        layer([1.0, 2.0])


def test_without_bias() -> None:
    layer = Layer(2, 1, None, init="ones", bias=False)
    assert layer.neurons[0].bias is None
    assert layer([2.0, 3.0]).data == 5.0
    assert [name for name, _ in layer.named_parameters()] == [
        "neurons.0.weights.0",
        "neurons.0.weights.1",
    ]


def test_sequential_is_its_steps_one_after_the_other() -> None:
    first, last = Layer(2, 1, None, seed=1), Layer(1, 3, None, seed=2)
    model = Sequential(first, "tanh", last, softmax)
    y = [v.data for v in model([0.5, 2.0])]
    assert y == [v.data for v in softmax(last([first([0.5, 2.0]).tanh()]))]
    assert len(model.parameters()) == 9


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "exp"])
def test_an_activation_is_a_row_of_the_table(name: str) -> None:
    row = getattr(ops, name)
    for x in (-1.5, 0.0, 2.0):
        assert Activation(name)(Value(x)).data == row(x) == Activation(row)(x).data
    assert Activation("linear")([1.0, 2.0]) == [1.0, 2.0]


# --- initializers ---------------------------------------------------------------------------------

INITIALISERS: list[
    tuple[Any, float, float]
] = [  # for fan_in 6, fan_out 3: bound, standard deviation
    ("uniform", 1.0, 1 / math.sqrt(3)),
    (Uniform(-0.5, 0.5), 0.5, 0.5 / math.sqrt(3)),
    ("normal", math.inf, 1.0),
    (Normal(std=0.02), math.inf, 0.02),
    ("xavier", math.sqrt(6 / 9), math.sqrt(2 / 9)),
    ("xavier_normal", math.inf, math.sqrt(2 / 9)),
    (Xavier(gain=2.0), 2 * math.sqrt(6 / 9), 2 * math.sqrt(2 / 9)),
    ("kaiming", math.inf, math.sqrt(2 / 6)),
    ("kaiming_uniform", math.sqrt(6 / 6), math.sqrt(2 / 6)),
    (Kaiming(gain=1.0), math.inf, math.sqrt(1 / 6)),
    (Constant(0.0), 0.0, 0.0),
]


@pytest.mark.parametrize(("init", "bound", "std"), INITIALISERS)
def test_initializers_have_the_spread_of_their_formula(init: Any, bound: float, std: float) -> None:
    rng = random.Random(0)
    layers = [Layer(6, 3, seed=rng, init=init) for _ in range(200)]
    weights = [w.data for layer in layers for n in layer.neurons for w in n.weights]
    assert max(map(abs, weights)) <= bound
    assert math.sqrt(sum(w * w for w in weights) / len(weights)) == pytest.approx(std, rel=0.05)
    assert all(n.bias.data == 0 for layer in layers for n in layer.neurons)


def test_a_seed_gives_the_same_weights_whatever_the_initializer() -> None:
    for init in ("uniform", "normal", "xavier", "kaiming"):
        one, other = (MLP(3, [4, 2], seed=5, init=init).state_dict() for _ in range(2))
        assert one == other
    own = Layer(2, 3, init=lambda rng, fan_in, fan_out: 10.0 * fan_in + fan_out)
    assert own.neurons[1].weights[1].data == 23.0


# --- normalisation --------------------------------------------------------------------------------

XS = [[1.0, 2.0, 4.0], [-3.0, 0.5, 0.25], [1e6, 1e6 + 1, 1e6 - 1], [0.0, 0.0, 0.0]]


@pytest.mark.parametrize("xs", XS)
def test_layer_norm_is_equation_4_of_ba_et_al(xs: list[float]) -> None:
    layer = LayerNorm(3)
    for i, (g, b) in enumerate(zip(layer.gain, layer.bias, strict=True)):
        g.data, b.data = 1.5 + i, 0.25 * i
    mean = sum(xs) / 3
    std = math.sqrt(sum((x - mean) ** 2 for x in xs) / 3 + 1e-5)
    wanted = [(1.5 + i) * (x - mean) / std + 0.25 * i for i, x in enumerate(xs)]
    outputs = layer(list(map(Value, xs)))
    assert [y.data for y in outputs] == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    assert _nodes(outputs) == 3 + 3 * 3


@pytest.mark.parametrize("xs", XS)
def test_rms_norm_is_equation_4_of_zhang_and_sennrich(xs: list[float]) -> None:
    layer = RMSNorm(3)
    for i, g in enumerate(layer.gain):
        g.data = 1.5 + i
    rms = math.sqrt(sum(x * x for x in xs) / 3 + 1e-5)
    outputs = layer(list(map(Value, xs)))
    wanted = [(1.5 + i) * x / rms for i, x in enumerate(xs)]
    assert [y.data for y in outputs] == pytest.approx(wanted, rel=1e-14)
    assert _nodes(outputs) == 2 + 3


@pytest.mark.parametrize("layer", [LayerNorm(3), RMSNorm(3)])
def test_normalization_does_not_overflow_and_has_the_right_gradient(layer: Any) -> None:
    assert all(math.isfinite(y.data) for y in layer([Value(1e200), Value(-1e200), Value(1.0)]))
    seed = [1.0, -2.0, 0.5]
    assert gradcheck(lambda a, b, c: ops.dot(layer([a, b, c]), seed), (0.3, -1.0, 2.0))


# --- the others -----------------------------------------------------------------------------------


def test_an_rnn_cell_is_elman_s() -> None:
    cell = RNNCell(2, 2, seed=1)
    for b, number in zip(cell.biases, (0.1, -0.2), strict=True):
        b.data = number
    x, h = [0.5, -1.0], [0.25, 0.75]
    wanted = [
        math.tanh(
            sum(w.data * v for w, v in zip(cell.input_weights[i], x, strict=True))
            + sum(u.data * v for u, v in zip(cell.state_weights[i], h, strict=True))
            + cell.biases[i].data
        )
        for i in range(2)
    ]
    assert [v.data for v in cell(x, h)] == pytest.approx(wanted, rel=1e-15)
    assert _nodes(cell(x, h)) == 4
    assert [v.data for v in cell(x)] == [v.data for v in cell(x, [0.0, 0.0])]
    assert all(abs(p.data) <= 1 / math.sqrt(2) for p in cell.parameters())


def test_dropout_is_inverted_and_the_identity_outside_training() -> None:
    xs = [Value(3.0) for _ in range(1000)]
    dropout = Dropout(0.25, seed=3)
    kept = [y.data for y in dropout(xs)]
    assert set(kept) == {0.0, 4.0}
    assert 200 < kept.count(0.0) < 300
    assert kept == [y.data for y in Dropout(0.25, seed=3)(xs)]
    assert kept != [y.data for y in dropout(xs)]
    for identity in (dropout.eval(), Dropout(0.0)):
        assert [*map(id, identity(xs))] == [*map(id, xs)]
    assert Dropout(1.0)(Value(2.0)).data == 0.0
    assert Dropout(0.5, seed=1)(xs[0]).data in (0.0, 6.0)


def test_an_embedding_gives_the_rows_themselves() -> None:
    embedding = Embedding(4, 2, seed=1)
    rows = embedding([1, 3, 1])
    assert [[x.name for x in row] for row in rows] == [
        ["rows.1.0", "rows.1.1"],
        ["rows.3.0", "rows.3.1"],
        ["rows.1.0", "rows.1.1"],
    ]
    ops.sum([x for row in rows for x in row]).backward()
    assert [p.grad for p in embedding.parameters()] == [0, 0, 2, 2, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (lambda: Layer(2, 1, init="xavir"), ValueError, "no initialiser is named 'xavir'; did you "
         "mean 'xavier'"),
        (lambda: Layer(2, 1, init=Normal), TypeError, "such as Normal()"),  # type: ignore[arg-type]
        (lambda: Neuron(1, init=3), TypeError, "got 3"),  # type: ignore[arg-type]
        (lambda: Uniform(1.0, -1.0), ValueError, "low <= high"),
        (lambda: Normal(std=-1.0), ValueError, "std >= 0"),
        (lambda: Activation("tahn"), ValueError, "did you mean 'tanh'?"),
        (lambda: Activation(ops.atan2), TypeError, "a name or a function"),  # type: ignore[arg-type]
        (lambda: Sequential(), ValueError, "at least one step"),
        (lambda: Sequential(Layer(1, 1), 3), TypeError, "got 3"),  # type: ignore[arg-type]
        (lambda: Sequential("reul"), ValueError, "did you mean 'relu'?"),
        (lambda: Dropout(1.5), DomainError, "a probability from 0 to 1, got 1.5"),
        (lambda: Dropout(math.nan), DomainError, "got nan"),
        (lambda: Embedding(0, 2), ShapeError, "whole number of rows, 1 or more, got 0"),
        (lambda: Embedding(3, 2)(3), DomainError, "Embedding has rows 0 to 2, got 3"),
        (lambda: Embedding(3, 2)([0, 7]), DomainError, "got 7"),
        (lambda: Embedding(3, 2)(-1), DomainError, "Embedding has rows 0 to 2, got -1"),
        (lambda: Embedding(3, 2)(1.0), TypeError, "a whole number, got 1.0"),
        (lambda: Embedding(3, 2)("a"), TypeError, "a whole number, got 'a'"),
        (lambda: MLP(2, 3), TypeError, "a list of sizes, such as [4, 1], got 3"),  # type: ignore[arg-type]
        (lambda: Layer(2, 1)(3.0), TypeError, "Neuron expects a list of 2 numbers, got 3.0"),  # type: ignore[arg-type]
        (lambda: LayerNorm(2)(Value(1.0)), TypeError, "a list of 2 numbers, got Value"),  # type: ignore[arg-type]
        (lambda: LayerNorm(2)([1.0]), ShapeError, "LayerNorm expects 2 inputs, got 1; build it "
         "with LayerNorm(1) or pass 2 numbers"),
        (lambda: LayerNorm(2, eps=-1.0), DomainError, "eps >= 0, got -1.0"),
        (lambda: RMSNorm(0), ShapeError, "whole number of inputs, 1 or more, got 0"),
        (lambda: RNNCell(2, 3)([1.0]), ShapeError, "build it with RNNCell(1, 3) or pass 2"),
        (lambda: RNNCell(2, 3)([1.0, 2.0], [0.0]), ShapeError, "a state of 3 numbers, got 1"),
        (lambda: RNNCell(2, 0), ShapeError, "numbers in the state, 1 or more, got 0"),
    ],
)  # fmt: skip
def test_mistakes(build: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        build()
    assert text in str(raised.value)
