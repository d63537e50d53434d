"""Programs written for micrograd and microgpt run unchanged, to the digit.

The expression and the network follow https://github.com/karpathy/micrograd (MIT) and the lecture on
it, the training loop the style of its author's microgpt.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import graphviz
import pytest

from autograd_lite import Value, ops
from autograd_lite.nn import MLP


def test_the_expression_of_micrograd_s_readme() -> None:
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"
    assert (g.data, a.grad, b.grad) == (24.70408163265306, 138.83381924198252, 645.5772594752186)


def test_the_sanity_check_of_micrograd_s_tests() -> None:
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert (y.data, x.grad) == (-20.0, 46.0)  # as PyTorch has them


def test_its_private_names_are_readable() -> None:
    a, b = Value(2.0), Value(3.0)
    c = a * b
    assert c._prev == {a, b}
    assert c._op == "*"
    assert (a._prev, a._op) == (set(), "")
    assert [(a + b)._op, (a**3)._op, a.relu()._op] == ["+", "**3", "ReLU"]
    assert sorted(v.data for v in (a * 5)._prev) == [2.0, 5.0]


def test_a_training_step_of_micrograd_s_demo() -> None:
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    assert model.parameters()[0].data == random.Random(1337).uniform(-1, 1)
    xs = [[1.1, 0.2], [-0.9, 0.4], [0.3, -0.5], [2.0, 0.1]]
    ys = [-1, 1, -1, 1]

    def loss() -> Value:
        inputs = [list(map(Value, row)) for row in xs]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(ys, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        return data_loss + reg_loss  # type: ignore[return-value]  # sum() may be of nothing

    history = []
    for k in range(20):
        total_loss = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * 0.05 * p.grad
        history.append(total_loss.data)
    assert history[-1] < 0.3 * history[0]


def test_a_microgpt_style_loop() -> None:
    rng = random.Random(42)
    vocabulary, width = 5, 8

    def matrix(nout: int, nin: int, std: float = 0.3) -> list[list[Value]]:
        return [[Value(rng.gauss(0, std)) for _ in range(nin)] for _ in range(nout)]

    state = {"wte": matrix(vocabulary, width), "fc": matrix(width, width)}
    state["head"] = matrix(vocabulary, width)
    params = [p for mat in state.values() for row in mat for p in row]

    def linear(x: list[Value], w: list[list[Value]]) -> list[Value]:
        return [sum(wi * xi for wi, xi in zip(wo, x, strict=True)) for wo in w]  # type: ignore[misc]

    def softmax(logits: list[Value]) -> list[Value]:
        max_val = max(val.data for val in logits)
        exps = [(val - max_val).exp() for val in logits]
        total = sum(exps)
        return [e / total for e in exps]

    def rmsnorm(x: list[Value]) -> list[Value]:
        ms = sum(xi * xi for xi in x) / len(x)
        scale = (ms + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    text = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    m = [0.0] * len(params)
    v = [0.0] * len(params)
    losses_seen = []
    for step in range(30):
        losses = []
        for token, target in pairwise(text):
            x = rmsnorm(state["wte"][token])
            x = [h.relu() for h in linear(x, state["fc"])]
            probs = softmax(linear(x, state["head"]))
            losses.append(-probs[target].log())
        loss: Any = (1 / len(losses)) * sum(losses)
        loss.backward()
        for i, p in enumerate(params):
            m[i] = 0.85 * m[i] + 0.15 * p.grad
            v[i] = 0.99 * v[i] + 0.01 * p.grad**2
            m_hat = m[i] / (1 - 0.85 ** (step + 1))
            v_hat = v[i] / (1 - 0.99 ** (step + 1))
            p.data -= 0.05 * m_hat / (v_hat**0.5 + 1e-8)
            p.grad = 0
        losses_seen.append(loss.data)
    assert losses_seen[0] == pytest.approx(1.6, abs=0.3)  # about log(5): nothing known yet
    assert losses_seen[-1] < 0.1
    probs = softmax(linear([h.relu() for h in linear(rmsnorm(state["wte"][2]), state["fc"])],
                           state["head"]))  # fmt: skip
    assert random.choices(range(vocabulary), weights=[p.data for p in probs])


# --- the lecture's programs: "The spelled-out intro to neural networks and backpropagation" -------


def lecture_trace(root: Any) -> tuple[set[Any], set[Any]]:
    nodes, edges = set(), set()

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def lecture_draw_dot(root: Any) -> Any:
    dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": "LR"})  # LR = left to right

    nodes, edges = lecture_trace(root)
    for n in nodes:
        uid = str(id(n))
        # for any value in the graph, create a rectangular ('record') node for it
        text = "{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad)  # noqa: UP031
        dot.node(name=uid, label=text, shape="record")
        if n._op:
            # if this value is a result of some operation, create an op node for it
            dot.node(name=uid + n._op, label=n._op)
            # and connect this node to it
            dot.edge(uid + n._op, uid)

    for n1, n2 in edges:
        # connect n1 to the op node of n2
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)

    return dot


def lecture_expression(**nudged: float) -> dict[str, Value]:
    a = Value(2.0, label="a")
    b = Value(-3.0, label="b")
    c = Value(10.0, label="c")
    for name, h in nudged.items():
        {"a": a, "b": b, "c": c}[name].data += h
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    f = Value(-2.0, label="f")
    L = d * f  # noqa: N806  the lecture's name
    L.label = "L"
    return {v.label: v for v in (a, b, c, d, e, f, L)}


def test_the_lecture_s_expression_by_hand() -> None:
    v = lecture_expression()
    assert v["L"].data == -8.0
    v["L"].grad = 1.0
    v["f"].grad, v["d"].grad = 4.0, -2.0
    v["c"].grad, v["e"].grad = -2.0, -2.0
    v["a"].grad, v["b"].grad = (-2.0 * -3.0), (-2.0 * 2.0)
    by_hand = {name: x.grad for name, x in v.items()}
    v["L"].zero_grad()
    v["L"].backward()
    assert {name: x.grad for name, x in v.items()} == by_hand

    h = 0.001
    slope = (lecture_expression(b=h)["L"].data - v["L"].data) / h
    assert slope == pytest.approx(v["b"].grad)

    for name in "abcf":
        v[name].data += 0.01 * v[name].grad
    e = v["a"] * v["b"]
    d = e + v["c"]
    assert (d * v["f"]).data == pytest.approx(-7.286496)


def lecture_neuron() -> dict[str, Value]:
    x1 = Value(2.0, label="x1")
    x2 = Value(0.0, label="x2")
    w1 = Value(-3.0, label="w1")
    w2 = Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    x2w2.label = "x2*w2"
    x1w1x2w2 = x1w1 + x2w2
    x1w1x2w2.label = "x1*w1 + x2*w2"
    n = x1w1x2w2 + b
    n.label = "n"
    return {v.label: v for v in (x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n)}


LECTURE_GRADS = {"x1": -1.5, "x2": 0.5, "w1": 1.0, "w2": 0.0, "b": 0.5, "n": 0.5}


def test_the_lecture_s_neuron_propagated_node_by_node() -> None:
    v = lecture_neuron()
    o = v["n"].tanh()
    o.label = "o"
    o.grad = 1.0
    for node in (o, v["n"], v["b"], v["x1*w1 + x2*w2"], v["x2*w2"], v["x1*w1"]):
        node._backward()
    assert o.data == pytest.approx(0.7071067811865476)
    assert {k: v[k].grad for k in LECTURE_GRADS} == pytest.approx(LECTURE_GRADS)


def test_the_lecture_s_own_topological_order() -> None:
    v = lecture_neuron()
    o = v["n"].tanh()
    topo, visited = [], set()

    def build_topo(node: Any) -> None:
        if node not in visited:
            visited.add(node)
            for child in node._prev:
                build_topo(child)
            topo.append(node)

    build_topo(o)
    o.grad = 1.0
    for node in reversed(topo):
        node._backward()
    assert {k: v[k].grad for k in LECTURE_GRADS} == pytest.approx(LECTURE_GRADS)


def test_the_lecture_s_tanh_taken_apart() -> None:
    v = lecture_neuron()
    e = (2 * v["n"]).exp()
    e.label = "e"
    o = (e - 1) / (e + 1)
    o.label = "o"
    o.backward()
    assert o.data == pytest.approx(0.7071067811865476)
    assert {k: v[k].grad for k in LECTURE_GRADS} == pytest.approx(LECTURE_GRADS)
    drawn = lecture_draw_dot(o).source
    assert drawn.count("| data") == len(lecture_trace(o)[0])
    assert 'label="{ x1*w1 + x2*w2 | data -6.0000 | grad 0.5000 }"' in drawn
    assert "{  | data 2.0000" in drawn  # a constant has no label
    assert "None" not in drawn


class LectureNeuron:
    def __init__(self, nin: int) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))

    def __call__(self, x: Any) -> Value:
        # w * x + b
        act: Any = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)  # noqa: B905
        out: Value = act.tanh()
        return out

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]


class LectureLayer:
    def __init__(self, nin: int, nout: int) -> None:
        self.neurons = [LectureNeuron(nin) for _ in range(nout)]

    def __call__(self, x: Any) -> Any:
        outs = [n(x) for n in self.neurons]
        return outs[0] if len(outs) == 1 else outs

    def parameters(self) -> list[Value]:
        return [p for neuron in self.neurons for p in neuron.parameters()]


class LectureMLP:
    def __init__(self, nin: int, nouts: list[int]) -> None:
        sz = [nin, *nouts]
        self.layers = [LectureLayer(sz[i], sz[i + 1]) for i in range(len(nouts))]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for p in layer.parameters()]


def test_the_lecture_s_network_learns() -> None:
    random.seed(0)
    n = LectureMLP(3, [4, 4, 1])
    assert len(n.parameters()) == 41
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]  # desired targets
    for _ in range(100):
        # forward pass
        ypred = [n(x) for x in xs]
        loss: Any = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))  # noqa: B905
        # backward pass
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        # update
        for p in n.parameters():
            p.data += -0.1 * p.grad
    assert loss.data < 0.05
    assert [round(y.data) for y in ypred] == ys
    assert lecture_draw_dot(loss).source.count("->") > 400


def test_a_label_is_a_name() -> None:
    assert (Value(1.0, label="a").name, Value(1.0, name="a").label) == ("a", "a")
    assert (Value(1.0).label, Value(1.0, label="").name) == ("", None)
    x = Value(1.0, "a")
    x.label = ""
    assert x.name is None
    with pytest.raises(TypeError, match="another word for name"):
        Value(1.0, "a", label="b")
    with pytest.raises(TypeError, match="string"):
        Value(1.0, label=3)  # type: ignore[arg-type]


def test_handing_on_by_hand_is_what_backward_does() -> None:
    x, y = Value(2.0), Value(3.0)
    makers: list[Callable[[], Value]] = [lambda: x * y, lambda: x + x, lambda: x**2,
                                         lambda: ops.dot([x, y], [y, 2.0])]  # fmt: skip
    for make in makers:
        by_hand, by_itself = make(), make()
        x.grad = y.grad = 0.0
        by_hand.grad = 1.0
        by_hand._backward()
        grads = x.grad, y.grad
        x.grad = y.grad = 0.0
        by_itself.backward()
        assert (x.grad, y.grad) == grads
    x._backward()  # a leaf has nothing to hand on
    assert (x.grad, y.grad) == grads
