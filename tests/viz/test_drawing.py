"""Pictures: what a node and an edge say, the same bytes everywhere, honest about what is cut."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import graphviz
import pytest

from autograd_lite import Value, op, ops
from autograd_lite.viz import draw, draw_dot, to_dot
from autograd_lite.viz.model import Edge, Node, Picture


def leaf(data: float, name: str) -> Value:
    return Value(data, name=name)


def total(operands: list[Any]) -> Value:
    result: Any = ops.sum(operands)
    assert isinstance(result, Value)  # ops.sum is typed as its operands are
    return result


def picture(value: Value, **options: Any) -> Picture:
    return draw(value, **options).picture


def node(shown: Picture, title: str) -> Node:
    (found,) = [node for node in shown.nodes if node.title == title]
    return found


def texts(thing: Node | Edge) -> list[str]:
    return [line.text for line in thing.lines]


def edges(shown: Picture, tail: str, head: str) -> list[list[str]]:
    titles = {node.key: node.title for node in shown.nodes}
    return [texts(e) for e in shown.edges if (titles[e.tail], titles[e.head]) == (tail, head)]


# --- what a node and an edge say ----------------------------------------------------------------


def test_before_backward_there_are_values_and_local_derivatives() -> None:
    a, b = leaf(2.0, "a"), leaf(-3.0, "b")
    shown = picture(a * b)
    assert texts(node(shown, "a")) == ["value 2", "gradient not yet"]
    assert edges(shown, "a", "a * b") == [["local -3"]]
    assert shown.caption[0].text == "backward has not run yet: it would take 1 step"


def test_after_backward_an_edge_says_what_it_adds_and_a_node_its_sum() -> None:
    a, b = leaf(3.0, "a"), leaf(1.0, "b")
    loss = a * b + 3.0 * a
    loss.backward()
    shown = picture(loss)
    assert "gradient +4 = 3 + 1" in texts(node(shown, "a"))
    assert edges(shown, "a", "a * b") == [["local 1", "adds +1"]]
    assert edges(shown, "a", "3 * a") == [["local 3", "adds +3"]]


def test_a_square_of_one_node_has_two_edges() -> None:
    a = leaf(3.0, "a")
    y = a * a
    y.backward()
    assert edges(picture(y), "a", "a * a") == [["local 3", "adds +3"]] * 2
    assert to_dot(y).count("->") == 2


ROLES: list[tuple[str, Callable[[], Value], str]] = [
    ("input", lambda: leaf(1.0, "x") + 2, "x"),
    ("parameter", lambda: leaf(1.0, "layers.0.neurons.1.weights.2") + 2,
     "layers.0.neurons.1.weights.2"),
    ("constant", lambda: leaf(1.0, "x") + 2, "2"),
    ("operation", lambda: ops.exp(leaf(1.0, "x") + 2), "x + 2"),
    ("output", lambda: leaf(1.0, "x") + 2, "x + 2"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "make", "title"), ROLES, ids=[row[0] for row in ROLES])
def test_roles(role: str, make: Callable[[], Value], title: str) -> None:
    assert node(picture(make()), title).role == role


def test_each_role_looks_different() -> None:
    a = leaf(1.0, "a")
    dot = to_dot(ops.tanh(a * leaf(2.0, "w.0") + 3), parameters=[])
    looks = re.findall(r"\tn\d+ .* color=(\S+) fillcolor=(\S+).* shape=(\w+)", dot)
    assert len(set(looks)) == 5


def test_parameters_may_be_told() -> None:
    w = leaf(1.0, "w")
    assert node(picture(w * 2, parameters=[w]), "w").role == "parameter"


def test_the_steps_of_backward_are_numbered_from_the_output() -> None:
    a = leaf(1.0, "a")
    shown = picture(ops.tanh(ops.exp(a)))
    assert node(shown, "tanh(exp(a))").note == "output · backward step 1"
    assert node(shown, "exp(a)").note == "backward step 2"


EXPRESSIONS: list[tuple[Callable[[Value, Value], Value], str]] = [
    (lambda a, b: a - (b - a), "a - (b - a)"),
    (lambda a, b: (a + b) * a, "(a + b) * a"),
    (lambda a, b: a * -2.0, "a * (-2)"),
    (lambda a, b: (-a) ** 2, "(-a)**2"),
    (lambda a, b: -(a**2), "-a**2"),
    (lambda a, b: a**b, "a**b"),
    (lambda a, b: ops.relu(a), "ReLU(a)"),
    (lambda a, b: ops.reciprocal(a), "reciprocal(a)"),
    (lambda a, b: total([a, b]), "Σ(a, b)"),
    (lambda a, b: ops.dot([a, a], [b, b], a), "dot(5 operands)"),
    (lambda a, b: ops.sin(ops.sin(ops.sin(ops.sin(a)))), "sin(sin(sin(…)))"),
]


@pytest.mark.parametrize(("make", "title"), EXPRESSIONS, ids=[row[1] for row in EXPRESSIONS])
def test_a_node_without_a_name_shows_its_expression(
    make: Callable[[Value, Value], Value], title: str
) -> None:
    assert picture(make(leaf(2.0, "a"), leaf(3.0, "b"))).nodes[-1].title == title


def test_a_named_result_shows_both() -> None:
    y = leaf(2.0, "a") * 3
    y.name = "loss"
    assert texts(node(picture(y), "loss"))[0] == "= a * 3"


def test_constants_can_be_hidden() -> None:
    assert [n.title for n in picture(leaf(2.0, "a") * 3, constants=False).nodes] == ["a", "a * 3"]


def test_a_leaf_is_a_picture_too() -> None:
    assert [n.title for n in picture(leaf(2.0, "a")).nodes] == ["a"]


# --- signs, zeros, nan and inf ------------------------------------------------------------------


def test_signs_have_a_hue_and_zero_and_blocked_paths_are_grey() -> None:
    a, b = leaf(-1.0, "a"), leaf(2.0, "b")
    y = ops.relu(a) + b - ops.exp(b)
    y.backward()
    shown = picture(y)
    assert edges(shown, "a", "ReLU(a)") == [["local 0 · blocked", "adds 0"]]
    assert node(shown, "a").tone == "zero"
    tones = {e.lines[-1].text: e.tone for e in shown.edges}
    assert (tones["adds 0"], tones["adds +1"], tones["adds -1"]) == ("zero", "plus", "minus")


def test_the_first_bad_value_is_marked() -> None:
    a, b = leaf(1.0, "a"), leaf(math.inf, "b")
    y = (b - b) * a
    y.backward()
    shown = picture(y)
    assert "value inf · the first" in texts(node(shown, "b"))
    assert [n.tone for n in shown.nodes] == ["bad"] * 4
    assert shown.caption[1].text == "the first inf is the value of b"


def test_the_first_bad_derivative_is_marked_once() -> None:
    a = leaf(0.0, "a")
    y = ops.sqrt(a) * 2.0
    y.backward()
    marked = [texts(e) for e in picture(y).edges if "the first inf" in texts(e)]
    assert marked == [["local inf", "adds +inf", "the first inf"]]


# --- gradients from elsewhere -------------------------------------------------------------------


def test_passes_that_add_up_show_their_total() -> None:
    a = leaf(3.0, "a")
    y = a * a
    y.backward()
    y.backward()
    assert "gradient +12 = 6 + 6" in texts(node(picture(y), "a"))


def test_a_gradient_of_several_graphs_is_no_false_sum() -> None:
    a = leaf(3.0, "a")
    (a * 5).backward()
    y = a * a
    y.backward()
    assert texts(node(picture(y), "a"))[1:] == ["gradient +11", "this graph adds +6 = 3 + 3"]


def test_what_has_a_gradient_of_another_graph_is_not_grey() -> None:
    a = leaf(3.0, "a")
    (a * 5).backward()
    y = ops.relu(a - 10)
    y.backward()
    assert node(picture(y), "a").tone == "plain"


def test_a_gradient_from_before_is_said_to_be() -> None:
    a = leaf(3.0, "a")
    (a * 5).backward()
    assert texts(node(picture(a * a), "a"))[1:] == ["gradient +5, from before"]


def test_recorded_gradients_show_their_number() -> None:
    a = leaf(3.0, "a")
    y = a**2
    y.backward(create_graph=True)
    assert "gradient +6" in texts(node(picture(y), "a"))
    y.zero_grad()


def test_after_an_update_what_is_not_known_is_left_out_and_said() -> None:
    w, x = leaf(3.0, "w"), leaf(2.0, "x")
    y = ops.tanh(w * x) + x
    y.backward()
    w.data -= 0.1
    shown = picture(y)
    assert texts(node(shown, "w"))[0] == "value 2.9 (set since)"
    assert edges(shown, "w", "w * x") == [["local unknown"]]
    assert edges(shown, "w * x", "tanh(w * x)")[0][0].startswith("local 2")
    assert "set since this was computed: w" in shown.caption[1].text


def test_drawing_changes_nothing() -> None:
    a = leaf(3.0, "a")
    y = a * a
    y.backward()
    draw(y)
    assert (a.grad, y.grad) == (6.0, 1.0)
    y.backward()
    assert a.grad == 12.0


# --- modules and size ---------------------------------------------------------------------------


def neuron(path: str, x: list[Value]) -> Value:
    weights = [leaf(0.1, f"{path}.weights.{i}") for i in range(len(x))]
    y: Value = ops.tanh(ops.dot(weights, x, leaf(0.0, f"{path}.bias")))
    return y


def network(inputs: int = 3, hidden: int = 16) -> Value:
    x = [leaf(0.1 * i, f"x{i}") for i in range(inputs)]
    for n, width in enumerate([hidden, 1]):
        x = [neuron(f"layers.{n}.neurons.{j}", x) for j in range(width)]
    return ops.square(x[0] - 1.0)


def test_modules_collapse_into_boxes() -> None:
    loss = network()
    loss.backward()
    shown = picture(loss, collapse=True)
    assert [n.title for n in shown.nodes] == [
        "layers.0 — Layer ×16", "x0", "x1", "x2", "layers.1 — Layer", "1", "tanh(…) - 1",
        "square(tanh(…) - 1)"]  # fmt: skip
    box = node(shown, "layers.0 — Layer ×16")
    assert texts(box)[:2] == ["64 parameters", "32 operations"]
    assert edges(shown, box.title, "layers.1 — Layer") == [["16 edges"]]
    assert edges(shown, "x0", box.title)[0][0] == "16 edges"
    assert all(edge.tail != edge.head for edge in shown.edges)


def test_a_constant_of_a_module_is_inside_its_box() -> None:
    y = ops.tanh(leaf(0.5, "layers.0.neurons.0.weights.0") * 2.0)
    assert [n.title for n in picture(y, collapse=True).nodes] == ["layers.0 — Layer"]


def test_modules_collapse_by_themselves_over_two_thousand_nodes() -> None:
    assert len(picture(network(hidden=16)).nodes) > 100
    assert len(picture(network(inputs=100, hidden=30)).nodes) < 200
    assert len(picture(network(inputs=100, hidden=30), collapse=False, limit=5000).nodes) > 3000


def chain(n: int) -> Value:
    y = leaf(1.0, "x")
    for _ in range(n):
        y = -y
    return y


@pytest.mark.parametrize(("length", "drawn", "more"), [
    (1_999, 2_000, None), (2_000, 101, "… 1,901 more"),
    pytest.param(1_000_000, 101, "… 999,901 more", marks=pytest.mark.slow),
])  # fmt: skip
def test_over_two_thousand_nodes_the_picture_is_cut_and_says_so(
    length: int, drawn: int, more: str | None
) -> None:
    root = chain(length)
    root.backward()
    shown = picture(root)
    assert len(shown.nodes) == drawn
    assert (shown.nodes[-1].title if more else None) == more
    assert any(line.text.startswith("cut: 100 nodes") for line in shown.caption) == bool(more)


def test_a_cut_keeps_what_is_nearest_the_output() -> None:
    shown = picture(chain(10), limit=3)
    assert [n.note for n in shown.nodes] == [
        "backward step 3", "backward step 2", "output · backward step 1", "not drawn"]  # fmt: skip


def tangled(n: int) -> Value:
    """A graph in which what is near the output is used far from it, too."""
    a, b = leaf(0.3, "a"), leaf(0.7, "b")
    early, y = ops.sin(a), a * b
    for i in range(n):
        y = ops.tanh(y * 1.5 + (early if i % 3 else b))
    return y * early - b


@pytest.mark.parametrize("passes", [0, 1, 2])
def test_a_cut_picture_says_what_the_whole_one_says(passes: int) -> None:
    root = tangled(60)
    for _ in range(passes):
        root.backward()
    whole, cut = picture(root, limit=1000), picture(root, limit=20)
    drawn = [n for n in cut.nodes if n.role not in {"more", "constant"}]
    twins = {(n.title, n.note): n for n in whole.nodes}
    assert {"a", "b", "sin(a)"} <= {n.title for n in drawn}
    for n in drawn:
        twin = twins[n.title, n.note]
        assert n._replace(key="") == twin._replace(key="")
        shown = {e.lines for e in whole.edges if e.head == twin.key}
        assert {e.lines for e in cut.edges if e.head == n.key and e.tail != "more"} <= shown


def test_a_cut_picture_asks_only_the_rules_that_its_numbers_rest_on() -> None:
    asked: list[float] = []

    def rule(g: Any, y: Any, x: Any) -> Any:
        asked.append(y)
        return 2.0 * g

    double = op("double, watched", lambda x: 2 * x, rule)
    y = leaf(1.0, "x")
    for _ in range(1900):
        y = double(y) / 2.0
    y.backward()
    asked.clear()
    draw(y)
    assert 0 < len(asked) < 400


def test_a_bad_derivative_far_from_the_output_is_still_told() -> None:
    y = ops.sqrt(leaf(0.0, "a"))
    for _ in range(3000):
        y = y + 1.0
    y.backward()
    assert picture(y).caption[1].text == "the first inf is what backward adds at sqrt(a)"


def test_many_edges_between_two_nodes_are_one() -> None:
    y = total([leaf(1.0, "x")] * 1000)
    y.backward()
    shown = picture(y)
    assert edges(shown, "x", "Σ(1,000 operands)") == [["1,000 edges", "adds +1000"]]
    assert texts(node(shown, "x"))[1:] == ["gradient +1000", "= 1 + 1 + 1 + … (1,000 terms)"]


def test_what_follows_an_activation_and_what_is_used_twice_stay_outside_the_box() -> None:
    after = ops.exp(neuron("layers.0.neurons.0", [leaf(1.0, "x")]))
    assert [n.title for n in picture(after, collapse=True).nodes][-1] == "exp(tanh(…))"
    w = leaf(2.0, "layers.0.neurons.0.weights.0") * leaf(1.0, "x")
    twice = ops.sin(w) + ops.cos(w)
    assert {"sin(…)", "cos(…)"} <= {n.title for n in picture(twice, collapse=True).nodes}


def test_a_wordless_picture_shows_where_nothing_will_flow() -> None:
    y = chain(1000) + ops.relu(leaf(-1.0, "dead"))
    dead = [e.tone for e in picture(y).edges if not e.lines and e.tone != "plain"]
    assert dead == ["zero"]


# --- text ---------------------------------------------------------------------------------------


NAMES = {
    '"><script>{|}\\N': "&quot;&gt;&lt;script&gt;{|}\\\\N",
    "<b>&amp;</b>": "&lt;b&gt;&amp;amp;&lt;/b&gt;",
    "a\nb\t\x00\x1b": "a\\\\nb\\\\t\\\\x00\\\\x1b",
    "\ud800\u202e\ufffe": "\\\\ud800\\\\u202e\\\\ufffe",
    "ends in \\": "ends in \\\\",
    "": "(empty name)",
    "x" * 100_000: "x" * 17 + "…" + "x" * 17,
    "Größe λ 中": "Größe λ 中",
}


@pytest.mark.parametrize(("name", "written"), NAMES.items(), ids=range(len(NAMES)))
def test_any_name_is_shown_as_text(name: str, written: str) -> None:
    dot = to_dot(leaf(1.0, name) * 2)
    assert f">{written}</FONT>" in dot
    dot.encode("utf-8")


def test_the_name_of_an_operation_is_escaped_too() -> None:
    row = op("<b>&", lambda x: x, lambda g, y, x: g)
    assert ">&lt;b&gt;&amp;(x)</FONT>" in to_dot(row(leaf(1.0, "x")))


def test_the_symbol_of_an_operation_is_text_too() -> None:
    row = op("shown", lambda *xs: sum(xs), lambda g, y, *xs: [g] * len(xs),
             variadic=True, symbol="<b>\x00" + "s" * 1000)  # fmt: skip
    assert f">&lt;b&gt;\\\\x00{'s' * 10}…{'s' * 17}</FONT>" in to_dot(row([leaf(1.0, "x")]))


EDGES: list[tuple[str, Callable[[], Value], str]] = [
    ("plus", lambda: leaf(1.0, "x") * 2, '[label=<{}> color="#0b62b8" id=e0]'),
    ("minus", lambda: leaf(1.0, "x") * -2, '[label=<{}> color="#b54708" id=e0]'),
    ("zero", lambda: ops.relu(leaf(-1.0, "x")), '[label=<{}> color="#b7bdc8" id=e0 style=dashed]'),
    ("bad", lambda: ops.sqrt(leaf(0.0, "x")), '[label=<{}> color="#c5221f" id=e0 penwidth=2]'),
    ("of a constant", lambda: 2 / leaf(1.0, "x"), '[color="#a4acb9" id=e0 style=dashed]'),
]


@pytest.mark.parametrize(("kind", "make", "attributes"), EDGES, ids=[row[0] for row in EDGES])
def test_an_edge_is_drawn_as_what_flows_along_it(
    kind: str, make: Callable[[], Value], attributes: str
) -> None:
    y = make()
    y.backward()
    (line,) = re.findall(r"-> n\d (.* id=e0.*)", to_dot(y))
    assert re.sub("<<TABLE.*</TABLE>>", "<{}>", line) == attributes


def test_a_bad_node_has_a_thick_rim() -> None:
    assert "id=n0 margin=0 penwidth=2 shape=ellipse" in to_dot(leaf(math.inf, "x"))


# --- the same picture everywhere ----------------------------------------------------------------

PROGRAM = """
from autograd_lite import Value, ops
from autograd_lite.viz import draw, to_dot
{0}
xs = [Value(i + 0.5, name=f"x{{i}}") for i in range(5)]
y = ops.tanh(ops.dot(xs, xs[::-1], 1.0)) + ops.softmax(xs)[0] * xs[2]
y.backward()
print(to_dot(y))
"""


def test_two_processes_draw_the_same_bytes() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM.format(before)],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True, check=True,
        ).stdout
        for seed, before in [("1", ""), ("2", "junk = [Value(1.0) * 2 for _ in range(1000)]")]
    }  # fmt: skip
    assert len(outputs) == 1


# --- what is passed -----------------------------------------------------------------------------


@pytest.mark.parametrize("draws", [draw, to_dot, draw_dot])
def test_only_values_are_drawn(draws: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="expected a Value to draw, got float"):
        draws(3.0)


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="rankdir is one of LR, TB, RL, BT, got 'XY'"):
        draw(leaf(1.0, "a"), rankdir="XY")
    with pytest.raises(ValueError, match="limit is a number of nodes, 1 or more, got 0"):
        draw(leaf(1.0, "a"), limit=0)


def test_draw_dot_is_as_in_micrograd() -> None:
    graph = draw_dot(leaf(1.0, "a") * 2, format="png", rankdir="TB")
    assert isinstance(graph, graphviz.Digraph)
    assert graph.format == "png"
    assert "rankdir=TB" in graph.source
