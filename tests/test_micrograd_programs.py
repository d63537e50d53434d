"""Programs written for micrograd and microgpt run unchanged, to the digit.

The expression and the network follow https://github.com/karpathy/micrograd (MIT), the training loop
the style of its author's microgpt.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from autograd_lite import Value
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
        return data_loss + reg_loss  # type: ignore[no-any-return]

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
