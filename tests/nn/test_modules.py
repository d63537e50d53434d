"""Modules: what they hold, save, freeze and say of themselves."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import pytest

from autograd_lite import Value, ops
from autograd_lite.nn import (
    MLP,
    Activation,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Module,
    Neuron,
    RMSNorm,
    RNNCell,
    Sequential,
)


class Net(Module):
    def __init__(self) -> None:
        self.encoder = Layer(2, 3, "tanh", seed=1)
        self.heads = {"left": Layer(3, 1, None, seed=2), "right": Layer(3, 1, None, seed=3)}
        self.scale = Value(2.0)
        self.tied = [self.scale]
        self.itself = self


def test_modules_have_paths() -> None:
    paths = [path for path, module in Net().named_modules() if isinstance(module, (Net, Layer))]
    assert paths == ["", "encoder", "heads.left", "heads.right"]


def test_train_and_eval_reach_every_module() -> None:
    model = Sequential(Layer(2, 2), Dropout(0.5), Sequential(Dropout(0.1)))
    assert all(module.training for _, module in model.named_modules())
    assert model.eval() is model
    assert not any(module.training for _, module in model.named_modules())
    assert all(module.training for _, module in model.train().named_modules())


def test_frozen_parameters_are_kept_but_not_listed() -> None:
    model = MLP(2, [4, 1], seed=0)
    state = model.state_dict()
    model.freeze().layers[1].unfreeze()
    assert [name for name, _ in model.named_parameters()] == [
        "layers.1.neurons.0.weights.0",
        "layers.1.neurons.0.weights.1",
        "layers.1.neurons.0.weights.2",
        "layers.1.neurons.0.weights.3",
        "layers.1.neurons.0.bias",
    ]
    assert model.state_dict() == state
    model([1.0, 2.0]).backward()
    model.zero_grad()
    assert all(p.grad == 0 for n in model.layers[0].neurons for p in n.weights)
    assert len(model.unfreeze().parameters()) == 17


def test_an_activation_may_have_parameters() -> None:
    class LearntSlope(Module):
        def __init__(self) -> None:
            self.slope = Value(0.25)

        def __call__(self, x: Value) -> Value:
            return x if x > 0 else self.slope * x

    layer = Layer(1, 2, LearntSlope(), init="ones")
    assert [y.data for y in layer([-2.0])] == [-0.5, -0.5]
    assert sum("slope" in name for name, _ in layer.named_parameters()) == 1
    assert "weights 2×1, bias 2, slope 1           5" in layer.summary()


def test_zero_grad_reaches_what_an_own_list_of_parameters_names() -> None:
    hidden = Value(1.0)

    class Micro(Module):
        def parameters(self) -> list[Value]:
            return [hidden]

    (hidden * 2).backward()
    Micro().zero_grad()
    assert hidden.grad == 0


def test_what_a_frozen_and_a_free_module_share_is_listed_once() -> None:
    net = Net()
    other = Sequential(net.encoder, Activation("relu"), net.encoder)
    assert len(other.parameters()) == 9
    net.tied = [net.scale, net.encoder]  # type: ignore[list-item]
    net.encoder.freeze()
    assert [name for name, _ in net.named_parameters() if "heads" not in name] == ["scale"]


def test_what_a_frozen_module_holds_first_is_listed_where_it_is_free() -> None:
    shared = Layer(1, 1, seed=1)
    frozen, free = Sequential("relu"), Net()
    frozen.steps = [shared.neurons[0].weights]  # type: ignore[list-item]
    frozen.freeze()
    free.tied = shared.neurons[0].weights
    both = Sequential(frozen, free)
    assert "steps.1.tied.0" in dict(both.named_parameters())
    assert "steps.0.steps.0.0" in both.state_dict()


# --- saving and loading ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "build",
    [
        lambda: MLP(2, [3, 1]),
        lambda: Net(),
        lambda: Embedding(3, 2),
        lambda: RNNCell(2, 2),
        lambda: Sequential(LayerNorm(2), RMSNorm(2), Layer(2, 1)),
    ],
)
def test_a_state_makes_another_module_the_same(build: Any) -> None:
    one, other = build(), build()
    for i, p in enumerate(one.parameters()):
        p.data = i / 7
    other.load_state_dict(one.state_dict())
    assert other.state_dict() == one.state_dict()
    assert [p.data for p in other.parameters()] == [p.data for p in one.parameters()]


def test_a_state_may_hold_nan_and_inf_and_frozen_parameters_are_loaded() -> None:
    neuron = Neuron(1).freeze()
    assert isinstance(neuron, Neuron)
    neuron.load_state_dict({"weights.0": math.inf, "bias": math.nan})
    assert neuron.weights[0].data == math.inf
    assert math.isnan(neuron.bias.data)


@pytest.mark.parametrize(
    ("state", "error", "text"),
    [
        ({"weights.0": 1.0, "weights.1": 2.0}, KeyError, "the state has no number for 'bias' of "
         "Neuron; it has 2 of 3"),
        ({"weights.0": 1.0}, KeyError, "for 'weights.1' (and 1 more) of Neuron"),
        ({"weights.0": 1.0, "weights.1": 2.0, "bais": 3.0}, KeyError, "Neuron has no parameter "
         "named 'bais'; did you mean 'bias'?"),
        ({"weights.0": 1.0, "weights.1": "2", "bias": 3.0}, TypeError, "weights.1: expected a "
         "number, got str: '2'"),
        ({"weights.0": 1.0, "weights.1": None, "bias": 3.0}, TypeError, "weights.1: expected"),
        ({"weights.0": True, "weights.1": 2.0, "bias": 3.0}, TypeError, "weights.0: expected a "
         "number, got True"),
        ({"weights.0": 1.0, "weights.01": 2.0, "bias": 3.0}, KeyError, "Neuron has no parameter "
         "named 'weights.01'; did you mean 'weights.1'?"),
        ([1.0, 2.0, 3.0], TypeError, "a dict of numbers by name"),
    ],
)  # fmt: skip
def test_a_state_that_does_not_fit_changes_nothing(state: Any, error: Any, text: str) -> None:
    neuron = Neuron(2, seed=1)
    before = neuron.state_dict()
    with pytest.raises(error) as raised:
        neuron.load_state_dict(state)
    assert text in str(raised.value)
    assert neuron.state_dict() == before


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_modules_are_copied_and_pickled(copied: Any) -> None:
    model = Sequential(
        LayerNorm(2), Layer(2, 3, "leaky_relu", seed=1), "tanh", RNNCell(3, 2, seed=2), Dropout(0.2)
    ).eval()
    again = copied(model)
    x = [0.5, -1.0]
    assert [y.data for y in again(x)] == [y.data for y in model(x)]
    assert not again.steps[2].training
    assert repr(again) == repr(model)


# --- in words -------------------------------------------------------------------------------------


def test_reprs() -> None:
    assert repr(Net()) == (
        "Net(\n  encoder: Layer(2, 3, tanh)\n"
        "  heads.left: Layer(3, 1, linear)\n  heads.right: Layer(3, 1, linear)\n)"
    )
    assert repr(Sequential(Embedding(5, 2), LayerNorm(2), ops.tanh, RMSNorm(2), Dropout())) == (
        "Sequential(Embedding(5, 2), LayerNorm(2), Activation(tanh), RMSNorm(2), Dropout(0.5))"
    )

    class Line(Module):
        def __init__(self) -> None:
            self.slope = Value(1.0)

    assert repr(Line()) == "Line(1 parameter)"


def test_a_summary_has_a_row_for_each_module_and_counts_what_is_shared_once() -> None:
    net = Net()
    net.encoder.freeze()
    assert net.summary().splitlines() == [
        "Net",
        "name         kind   shapes               parameters",
        "             Net    scale 1                       1",
        "encoder      Layer  weights 3×2, bias 3           9  9 frozen",
        "heads.left   Layer  weights 1×3, bias 1           4",
        "heads.right  Layer  weights 1×3, bias 1           4",
        "total                                            18  9 frozen",
    ]


def test_a_summary_tells_of_modules_without_parameters_and_with_several_matrices() -> None:
    lines = Sequential(Dropout(0.5), RNNCell(3, 2), Embedding(1000, 2)).summary().splitlines()
    assert lines[2].split() == ["steps.0", "Dropout", "-", "0"]
    assert "input_weights 2×3, state_weights 2×2, biases 2          12" in lines[3]
    assert lines[4].split() == ["steps.2", "Embedding", "rows", "1000×2", "2,000"]
    assert lines[5].split() == ["total", "2,012"]


def test_a_summary_tells_lists_of_several_lengths_and_names_that_are_alike() -> None:
    class Odd(Module):
        def __init__(self) -> None:
            self.rows = [[Value(1.0), Value(2.0)], [Value(3.0)]]
            self.left = {"scale": Value(1.0)}
            self.right = {"scale": [Value(1.0), Value(2.0)]}

    row = Odd().summary().splitlines()[2]
    assert row.split("  ", 1)[1].split() == [
        "Odd",
        "rows",
        "3,",
        "left.scale",
        "1,",
        "right.scale",
        "2",
        "6",
    ]
