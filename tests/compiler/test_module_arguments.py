"""A Module as an argument: what it holds is looked at, at each call, and gone through once."""

from __future__ import annotations

import copy
import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograd_lite import Value, grad, gradients, jit, value_and_grad
from autograd_lite.nn import MLP, Module
from autograd_lite.transforms.pytree import contents


class Model(Module):
    """Holds parameters in all the ways that there are."""

    def __init__(self) -> None:
        self.bias = Value(0.5)
        self.rows = [[Value(1.0), Value(2.0)], [Value(3.0)]]
        self.pair = (Value(4.0), {"x": Value(5.0)})
        self.parts: dict[str, Any] = {"a": MLP(1, [1], seed=1)}
        self.calls = 0

    def forward(self, x: Any) -> Any:
        total = self.bias if self.training else 10.0 * self.bias
        for i, p in enumerate(self.parameters(), 1):
            total = total + i * p * p * x
        return total


def replaced(model: Model) -> None:
    model.bias = Value(7.0)


def replaced_by_an_equal_one(model: Model) -> None:
    model.rows[0][1] = Value(2.0)


def moved_between_lists(model: Model) -> None:
    model.rows[1].insert(0, model.rows[0].pop())


def moved_back(model: Model) -> None:
    model.rows[0].insert(0, model.rows[1].pop())


def added(model: Model) -> None:
    model.rows[1].append(Value(6.0))


def replaced_deep_inside(model: Model) -> None:
    model.parts["a"].layers[0].neurons[0].bias = Value(3.0)


def a_part_added(model: Model) -> None:
    model.parts["b"] = MLP(1, [1], seed=2)


def a_part_frozen(model: Model) -> None:
    model.parts["a"].freeze()


def renamed(model: Model) -> None:
    model.parts = {"c": model.parts["a"]}


def swapped(model: Model) -> None:
    model.pair = (model.pair[1]["x"], {"x": model.pair[0]})


def frozen(model: Model) -> None:
    model.freeze()


def out_of_training(model: Model) -> None:
    model.eval()


def set_to_other_numbers(model: Model) -> None:
    for p in model.parameters():
        p.data = p.data * 1.5


CHANGES = [replaced, replaced_by_an_equal_one, moved_between_lists, moved_back, added,
           replaced_deep_inside, a_part_added, a_part_frozen, renamed, swapped, frozen,
           out_of_training, set_to_other_numbers]  # fmt: skip


def loss(model: Any, x: Any) -> Any:
    return model(x)


def derivatives(result: Value, model: Model) -> list[float]:
    result.backward()
    slopes = [p.grad for p in model.state_values()]
    model.zero_grad()
    return slopes


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_seen(change: Callable[[Model], None]) -> None:
    model = Model()
    value, slopes, outer = jit(loss), jit(value_and_grad(loss)), grad(jit(loss))

    def check() -> None:
        for _ in range(3):
            for x in (2.0, -0.5):
                expected = loss(model, x)
                assert value(model, x).data == pytest.approx(expected.data, rel=1e-14)
                found = derivatives(value(model, x), model)
                assert found == pytest.approx(derivatives(expected, model))
                both = value_and_grad(loss)(model, x)
                assert slopes(model, x)[0] == pytest.approx(both[0], rel=1e-14)
                assert slopes(model, x)[1] == pytest.approx(both[1], rel=1e-14)
                assert [*slopes(model, x)[1]] == [*both[1]] == [*outer(model, x)]
                assert outer(model, x) == pytest.approx(both[1], rel=1e-14)

    check()
    change(model)
    check()
    assert value.stats().fallbacks == slopes.stats().fallbacks == 0


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_seen_of_one_that_is_closed_over(
    change: Callable[[Model], None],
) -> None:
    model = Model()

    def inner(x: Any) -> Any:
        return loss(model, x)

    def f(x: Any) -> Any:
        return inner(x) * x

    value, slope = jit(f), jit(grad(f))
    for act in (None, change):
        if act is not None:
            act(model)
        for _ in range(3):
            for x in (2.0, -0.5):
                assert value(x).data == pytest.approx(f(x).data, rel=1e-14)
                found = derivatives(value(x), model)
                assert found == pytest.approx(derivatives(f(x), model))
                assert slope(x) == pytest.approx(grad(f)(x), rel=1e-14)
    assert value.stats().fallbacks == slope.stats().fallbacks == 0


scale = Value(2.0)


def test_another_value_of_the_same_name_is_seen() -> None:
    global scale
    inside = Value(3.0)
    f = jit(grad(lambda x: x * x * scale * inside))
    before = scale
    try:
        for _ in range(3):
            assert f(1.0) == pytest.approx(2 * scale.data * inside.data)
            assert f(1.0) == pytest.approx(2 * scale.data * inside.data)
            scale, inside = Value(scale.data + 1.0), Value(inside.data * 0.5)
    finally:
        scale = before


@pytest.mark.parametrize(
    ("change", "held"),
    [
        (lambda held: held.__setitem__("b", Value(5.0)), {"a": [[Value(1.0)]], "b": Value(2.0)}),
        (lambda held: held["a"][0].__setitem__(0, Value(5.0)), {"a": [[Value(1.0)]]}),
        (lambda held: held["a"].append((Value(5.0),)), {"a": [[Value(1.0)], (3.0,)]}),
        (lambda held: held["a"].reverse(), {"a": [[Value(1.0)], [Value(5.0)]]}),
    ],
)
@pytest.mark.parametrize("transform", [lambda f: f, grad])
def test_other_values_in_lists_and_dicts_are_seen(change: Any, held: Any, transform: Any) -> None:
    def f(x: Any) -> Any:
        total = held.get("b", 1.0) * x * x
        for i, row in enumerate(held["a"]):
            for w in row:
                total = total + w * x**i
        return total

    held, compiled = copy.deepcopy(held), jit(transform(f))
    for _ in range(2):
        for x in (2.0, 3.0):
            assert float(compiled(x)) == pytest.approx(float(transform(f)(x)))
        change(held)


def test_a_list_in_itself_outside_is_left_alone() -> None:
    held: list[Any] = [Value(2.0)]
    held.append(held)
    assert float(jit(lambda x: held[1][0] * x)(3.0)) == 6.0


def test_what_is_defined_after_the_function_is_seen() -> None:
    space: dict[str, Any] = {"jit": jit, "Value": Value}
    exec(
        "@jit\ndef f(x):\n    return late(x) * 2.0\n\ndef late(x):\n    return weight * x\n\n"
        "weight = Value(3.0)\n",
        space,
    )
    assert float(space["f"](1.0)) == 6.0
    space["weight"] = Value(4.0)
    assert float(space["f"](1.0)) == 8.0


def test_so_many_are_not_all_remembered() -> None:
    x = Value(0.0)
    f = jit(lambda y: x * y)
    for i in range(300):
        x = Value(float(i))
        assert f(2.0).data == 2.0 * i
    assert f.stats().structures <= 256


def test_turning_training_on_and_off_traces_it_twice() -> None:
    model, f = Model(), jit(loss)
    for _ in range(3):
        for mode in (True, False):
            model.train(mode)
            f(model, 2.0)
    assert f.stats().structures == 2


def test_what_are_no_parameters_may_change_at_each_call() -> None:
    model, f = Model(), jit(loss)
    for calls in range(5):
        model.calls = calls
        f(model, 2.0)
    assert f.stats().structures == 1


def test_modules_are_told_apart() -> None:
    a, b, f = Model(), Model(), jit(loss)
    b.bias.data = 1.0
    for _ in range(3):
        assert [f(m, 2.0).data for m in (a, b)] == [loss(m, 2.0).data for m in (a, b)]


def test_parameters_are_no_inputs_besides() -> None:
    f, model = jit(loss), MLP(1, [1], seed=0)
    node = f(model, [2.0])
    assert f.tape(model, [2.0]).inputs[0].name == "x[0]"
    assert len(node.operands) == 3
    assert gradients(node, model.parameters()) == [2.0, 1.0]


class Chosen(Model):
    """Says by itself which of its parameters count."""

    chosen = "bias"

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        yield self.chosen, getattr(self, self.chosen)


def test_a_module_that_names_its_parameters_itself_is_asked_each_time() -> None:
    model: Any = Chosen()
    f = jit(grad(loss))
    model.other = Value(2.0)
    assert f(model, 2.0) == {"bias": 3.0}
    model.chosen = "other"
    assert f(model, 2.0) == grad(loss)(model, 2.0) == {"other": 8.0}
    Chosen.chosen = "bias"
    del model.chosen
    assert f(model, 2.0) == {"bias": 3.0}


def test_what_is_known_of_a_module_goes_with_it() -> None:
    child, parent = Model(), Model()
    child.parts["up"], parent.parts["down"] = parent, child
    alone = Model()
    seen = [weakref.ref(x) for x in (alone, parent)]
    contents(alone), contents(parent)
    del alone, parent, child
    gc.collect()
    assert [ref() for ref in seen] == [None, None]


def test_it_is_gone_through_again_only_where_it_has_changed() -> None:
    model = Model()
    first = contents(model)
    set_to_other_numbers(model)
    assert contents(model) is first
    for change in CHANGES[:-1]:
        before = contents(model)
        change(model)
        assert contents(model) is not before
        assert contents(model) is contents(model)
