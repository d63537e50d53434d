"""What users of other libraries write first: the error says what to write here."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_lite
from autograd_lite import Value, dot, exp, jvp, nn, optim, train
from autograd_lite._support.remedies import helpful
from autograd_lite.nn import MLP, Dropout, Layer, Module
from autograd_lite.optim import SGD, Schedule, StepLR

a: Any = Value(2.0, "a")
b = Value(3.0, "b")
y = a * b
model: Any = MLP(2, [4, 1], seed=0)

NAMES = {name: x for room in (autograd_lite, nn, optim, train) for name, x in vars(room).items()}
NAMES |= {
    "autograd_lite": autograd_lite,
    "a": a,
    "b": b,
    "y": y,
    "model": model,
    "sgd": SGD([Value(1.0)]),
    "np": np,
}

CALLS = [
    # of one Value or of several
    ("draw(model)", "got MLP: .*; write draw(model(inputs))"),
    ("to_dot(model)", "; write draw(model(inputs))"),
    ("draw_dot(model)", "; write draw(model(inputs))"),
    ("gradients(y, a)", "expects a list of Values as inputs, got one; write [x]"),
    ("gradients(y)", "'wrt'; an example is gradients(x * x * y, [x, y])"),
    ("softmax(a)", "softmax() expects one sequence of numbers, got Value; write softmax("),
    ("log_softmax(a)", "got Value; write log_softmax([x, y])"),
    (
        "autograd_lite.sum(a, b)",
        "sum() expects one sequence of numbers, got Value, Value; write sum(",
    ),
    ("norm()", "got nothing; write norm([x, y])"),
    ("dot(a, b)", "dot() expects two sequences of numbers; write dot([x], [y])"),
    ("exp([1, 2])", "got list: [1, 2]; make one call for each number"),
    ("Value([1, 2])", "make one call for each number"),
    ("Value(np.zeros(2))", "make one call for each number"),
    ("Value('3')", "got str: '3'; write float('3')"),
    ("Value(None)", "a function without return gives None"),
    # arguments of other names
    ("Value(1, requires_grad=True)", "no argument 'requires_grad'; leave it out"),
    ("Value(1, nmae='x')", "no argument 'nmae'; did you mean 'name'?"),
    ("y.backward(retain_graph=True)", "'retain_graph'; leave it out"),
    ("y.backward(inputs=[a])", "gradients(loss, [a, b])"),
    ("y.backward(create_grpah=True)", "did you mean 'create_graph'?"),
    ("grad(exp, argnum=1)", "grad() has no argument 'argnum'; did you mean 'argnums'?"),
    ("jacobian(exp, argnum=1)", "did you mean 'argnums'?"),
    ("hessian(exp, argnum=1)", "did you mean 'argnums'?"),
    ("SGD([a], learning_rate=0.1)", "SGD() has no argument 'learning_rate'; did you mean 'lr'"),
    ("SGD([a], xyz=0)", "SGD() has no argument 'xyz'; there are parameters, lr, momentum, weight"),
    ("Adam([a], beta1=0.1)", "did you mean 'betas'?"),
    ("SGD(lr=0.1)", "SGD() missing 1 required positional argument: 'parameters'; an example"),
    ("Layer(in_features=2, out_features=3)", "did you mean 'nin'?"),
    ("Layer(2, units=3)", "did you mean 'nout'?"),
    ("MLP(2, units=[3])", "did you mean 'nouts'?"),
    ("Neuron(2, activations='relu')", "did you mean 'activation'?"),
    ("Embedding(num_embeddings=3)", "did you mean 'count'?"),
    ("fit(model, xor(), epoch=10)", "fit() has no argument 'epoch'; did you mean 'epochs'?"),
    ("fit(model, xor(), learning_rate=1)", "did you mean 'lr'?"),
    ("fit(model, xor(), validation_data=xor())", "did you mean 'validation'?"),
    ("fit(model, xor(), verbose=0)", "did you mean 'progress'?"),
    ("fit(model, xor(), xyz=0)", "no argument 'xyz'; there are model, data, loss, optimizer"),
    ("EarlyStopping(min_patience=3)", "did you mean 'patience'?"),
    ("draw(y, rankdri='TB')", "did you mean 'rankdir'?"),
    ("load_csv('x.csv', 'y', seperator=';')", "no argument 'seperator'; there are path, "),
    # arguments in other places
    ("MLP([2, 4, 1])", "'nouts'; an example is model = MLP(2, [4, 1]"),
    ("Layer([2, 3])", "'nout'; an example is Layer(3, 2, "),
    ("Sequential([Layer(2, 1)])", "; write Sequential(*steps)"),
    ("fit(model, [[0, 0]], [0])", "an example is history = fit(model, (inputs, targets), lr"),
    ("fit(model, xor(), 10)", "an example is history = fit(model, (inputs, targets), lr"),
    ("explain(y)", "'wrt'; an example is print(explain(d, a))"),
    ("op('nothing', abs)", "an example is chirp = op("),
    ("load_csv('x.csv')", "'target'; an example is"),
    ("save_checkpoint(model, 'x.json')", "expects a path, then a Module, got MLP("),
    ("load_checkpoint(model, 'x.json')", "expects a path, then a Module, got MLP("),
    ("StepLR(sgd, step_size=30)", "write Schedule(optimizer, StepLR(...))"),
    ("StepLR(optimizer=sgd, step_size=30)", "write Schedule(optimizer, StepLR(...))"),
    ("SGD(model.named_parameters())", "pass model.parameters()"),
    # a batch
    ("model([[0, 0], [0, 1]])", "make one call for each number, or each row of them"),
    ("model([[0, 0], [0, 1], [1, 1]])", "got 3 rows of them; write [model(row) for row in"),
    ("model(np.zeros((3, 2)))", "got 3 rows of them; write [model(row) for row in rows]"),
    # attributes
    ("a.item()", "'Value' object has no attribute 'item'; the number is x.data"),
    ("a.requires_grad", "every leaf collects a gradient"),
    ("a.grad_fn", "x.op and x.operands tell how it was made"),
    ("a.T", "it is one number"),
    ("a.mean()", "write sum(xs) or mean(xs) of a list"),
    ("setattr(a, 'requires_grad', True)", "every leaf collects a gradient"),
    ("model.forward([1, 2])", "'MLP' object has no attribute 'forward'; a module is called"),
    ("model.fit(*xor())", "write fit(model, (inputs, targets))"),
    ("model.backward()", "write loss.backward()"),
    ("sgd.minimize(y)", "write loss.backward(), then optimizer.step()"),
    ("History().history['loss']", "a column is history['loss']"),
]


@pytest.mark.parametrize(("call", "remedy"), CALLS, ids=[call for call, _ in CALLS])
def test_the_error_says_what_to_write(call: str, remedy: str) -> None:
    with pytest.raises((TypeError, AttributeError, ValueError)) as raised:
        eval(call, NAMES)
    message = str(raised.value)
    beginning, _, end = remedy.partition(".*")
    assert beginning in message
    assert end in message
    assert len(message) < 250


def test_each_kind_is_python_s_own() -> None:
    with pytest.raises(AttributeError) as raised:
        a.item()
    assert (raised.value.name, raised.value.obj) == ("item", a)
    with pytest.raises(TypeError):
        y.backward(retain_graph=True)


def test_what_asks_before_it_looks_goes_its_way() -> None:
    foreign = ["item", "T", "shape", "mean", "sum", "clone", "requires_grad", "to"]
    assert not any(hasattr(a, name) or hasattr(Value, name) for name in foreign)
    assert getattr(a, "item", None) is None
    x = pickle.loads(pickle.dumps(a))
    assert (x.data, copy.copy(a).data, copy.deepcopy(a).data) == (2.0, 2.0, 2.0)
    assert np.array([a, b]).sum().data == 5.0
    assert np.mean(np.array([a, b])).data == 2.5
    assert float(np.asarray(a)) == 2.0
    assert model.state_dict() == pickle.loads(pickle.dumps(model)).state_dict()


def test_a_module_may_have_attributes_that_other_libraries_have() -> None:
    class Net(Module):
        def __init__(self, width: int) -> None:
            self.layer, self.fit, self.save = Layer(2, width), "fit", "save"

        def forward(self, x: list[float], scale: float = 1.0) -> Any:
            return self.layer(x) * scale

    net = Net(1)
    assert (net.fit, net.save) == ("fit", "save")
    assert net([1.0, 2.0], scale=3.0) == 3 * net.forward([1.0, 2.0])  # PyTorch's word for it
    with pytest.raises(TypeError, match=r"Net\(\) has no argument 'widht'; did you mean 'width'\?"):
        Net(widht=1)  # type: ignore[call-arg]

    class Blank(Module):
        pass

    with pytest.raises(AttributeError, match="no attribute 'forward'"):
        Blank()([1.0])


def test_an_error_inside_a_call_stays_itself() -> None:
    class Broken(Module):
        def __init__(self, size: int = 1) -> None:
            len(size)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"object of type 'int' has no len\(\)") as raised:
        Broken(2)
    assert raised.traceback[-1].name == "__init__"
    assert raised.traceback[-1].path == Path(__file__)
    with pytest.raises(TypeError, match=r"^jvp\(\) missing 2"):
        jvp(exp)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="a bad generator"):
        dot((_bad() for _ in range(1)), [1.0])


def _bad() -> float:
    raise TypeError("a bad generator")


def test_helpful_leaves_the_function_what_it_is() -> None:
    def area(width: float, *, height: float = 1.0) -> float:
        """Return an area."""
        return width * height

    helped = helpful(area)
    assert (helped(2.0, height=3.0), helped.__name__, helped.__doc__) == (6.0, "area", area.__doc__)
    with pytest.raises(
        TypeError, match=r"^area\(\) missing 1 required positional argument: 'width'$"
    ):
        helped()  # type: ignore[call-arg]  # without an example


def test_a_schedule_holds_a_curve() -> None:
    optimizer = SGD([Value(1.0)], lr=0.5)
    assert Schedule(optimizer, pickle.loads(pickle.dumps(StepLR(30)))).curve == StepLR(30)
    with pytest.raises(AttributeError, match=r"optimizer\.lr"):
        _ = optimizer.learning_rate  # type: ignore[attr-defined]
    assert Dropout(0.5)(a) is not None
