"""Networks: shapes, names, and the mistakes one makes with them."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from typing import Any

import pytest

from autograd_lite import ShapeError, Value, ops
from autograd_lite.nn import MLP, Layer, Module, Neuron, mse
from autograd_lite.optim import SGD
from autograd_lite.train import xor

PLAIN: Any = [1.0]


def test_a_neuron_is_one_dot_and_its_activation() -> None:
    neuron = Neuron(3, "tanh", seed=0)
    out = neuron([1.0, 2.0, 3.0])
    assert out.op is ops.tanh
    (total,) = out.operands
    assert isinstance(total, Value)
    assert total.op is ops.dot_row
    assert total.operands == (*neuron.weights, 1.0, 2.0, 3.0, neuron.bias)
    assert total.data == pytest.approx(
        sum(w.data * x for w, x in zip(neuron.weights, (1, 2, 3), strict=True))
    )
    out.backward()
    assert neuron.bias.grad == pytest.approx(1 - out.data**2)
    assert neuron.weights[2].grad == pytest.approx(3 * (1 - out.data**2))


def test_parameters_bear_the_paths_to_them() -> None:
    model = MLP(2, [2, 1], seed=3)
    names = [
        "layers.0.neurons.0.weights.0",
        "layers.0.neurons.0.weights.1",
        "layers.0.neurons.0.bias",
        "layers.0.neurons.1.weights.0",
        "layers.0.neurons.1.weights.1",
        "layers.0.neurons.1.bias",
        "layers.1.neurons.0.weights.0",
        "layers.1.neurons.0.weights.1",
        "layers.1.neurons.0.bias",
    ]
    assert [name for name, _ in model.named_parameters()] == names
    assert [p.name for p in model.parameters()] == names


def test_a_module_of_one_s_own() -> None:
    class Shared(Module):
        def __init__(self) -> None:
            self.scale = Value(2.0)
            self.tied = [self.scale, {"a": Value(1.0)}, (Layer(1, 1, seed=0),)]
            self.note = "no parameter"
            self.itself = self

    assert [name for name, _ in Shared().named_parameters()] == [
        "scale",
        "tied.1.a",
        "tied.2.0.neurons.0.weights.0",
        "tied.2.0.neurons.0.bias",
    ]


def test_activations_by_name_by_operation_by_function_one_a_layer() -> None:
    x = [0.3, -0.2]
    by_name = MLP(2, [3, 2], ["tanh", "sigmoid"], seed=1)
    by_row = MLP(2, [3, 2], [ops.tanh, ops.sigmoid], seed=1)
    by_function = MLP(2, [3, 2], [lambda v: v.tanh(), lambda v: v.sigmoid()], seed=1)
    outputs = [[v.data for v in model(x)] for model in (by_name, by_row, by_function)]
    assert outputs[0] == outputs[1] == outputs[2]
    assert repr(by_name) == "MLP(Layer(2, 3, tanh), Layer(3, 2, sigmoid))"
    linear = MLP(1, [1], seed=1)
    assert linear([2.0]).op is ops.dot_row
    narrow = MLP(2, [1, 1], "tanh", seed=1)
    assert narrow(x).op is ops.dot_row


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (lambda: Neuron(3)([1.0, 2.0]), ShapeError, "Neuron expects 3 inputs, got 2; build it with "
         "Neuron(2) or pass 3 numbers"),
        (lambda: MLP(1, [2])([1.0, 2.0]), ShapeError, "MLP expects 1 input, got 2; build it "
         "with MLP(2, ...) or pass 1 number"),
        (lambda: Neuron(0), ShapeError, "whole number of inputs, 1 or more, got 0"),
        (lambda: Layer(2, -1), ShapeError, "whole number of neurons, 1 or more, got -1"),
        (lambda: MLP(2, [1.5]), ShapeError, "got 1.5"),  # type: ignore[list-item]
        (lambda: MLP(2, []), ShapeError, "at least one layer"),
        (lambda: MLP(2, [4, 1], ["tanh"]), ShapeError, "2 activations, one a layer, got 1"),
        (lambda: MLP(2, [4, 1], "sigmiod"), ValueError, "no activation is named 'sigmiod'; did "
         "you mean 'sigmoid'?"),
        (lambda: Neuron(2, "atan2"), ValueError, "no activation is named 'atan2'"),
        (lambda: Neuron(2, 3), TypeError, "a name or a function, got 3"),  # type: ignore[arg-type]
        (lambda: mse([Value(1.0)], [1.0, 2.0]), ShapeError, "1 predictions and 2 targets"),
        (lambda: mse([], []), ValueError, "at least one number"),
        (lambda: Neuron(1)(["a"]), TypeError, "expected a number"),  # type: ignore[list-item]
        (lambda: SGD([], 0.1), ValueError, "got none"),
        (lambda: SGD([Value(1.0)], 0.0), ValueError, "a learning rate is a number > 0, got 0.0"),
        (lambda: SGD([Value(1.0)], math.nan), ValueError, "got nan"),
        (lambda: SGD([Value(1.0) * 2], 0.1), TypeError, "a leaf Value"),
        (lambda: SGD(PLAIN, 0.1), TypeError, "a leaf Value"),
    ],
)  # fmt: skip
def test_mistakes(build: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        build()
    assert text in str(raised.value)


def test_a_seed_gives_the_same_network_and_none_draws_from_the_random_module() -> None:
    assert [p.data for p in MLP(2, [3], seed=7).parameters()] == [
        p.data for p in MLP(2, [3], seed=7).parameters()
    ]
    random.seed(5)
    drawn = [p.data for p in Neuron(3).weights]
    random.seed(5)
    assert drawn == [random.uniform(-1, 1) for _ in range(3)]


def test_gradient_descent_on_a_parabola() -> None:
    x = Value(1.0)
    optimizer = SGD([x], lr=0.3)
    seen = []
    for _ in range(3):
        optimizer.zero_grad()
        (x**2).backward()
        optimizer.step()
        seen.append(x.data)
    assert seen == pytest.approx([0.4, 0.16, 0.064], rel=1e-15)


TRAIN = """
from autograd_lite.nn import MLP, mse
from autograd_lite.optim import SGD
from autograd_lite.train import xor
inputs, targets = xor()
model = MLP(2, [4, 1], 'tanh', seed=3)
optimizer = SGD(model.parameters(), lr=0.3)
for _ in range(50):
    loss = mse([model(x) for x in inputs], targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print([p.data.hex() for p in model.parameters()], loss.data.hex())
"""


def test_training_gives_the_same_bits_in_every_process() -> None:
    runs = {
        subprocess.run(
            [sys.executable, "-c", TRAIN],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert next(iter(runs)).startswith("['")


def test_xor_has_four_samples() -> None:
    inputs, targets = xor()
    assert [int(a) ^ int(b) for a, b in inputs] == targets
