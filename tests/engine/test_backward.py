"""The backward pass: every path, once, exactly, whatever the depth."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import copy
import math
import pickle
import threading
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import (
    AnomalyError,
    StaleError,
    Value,
    detect_anomaly,
    grad,
    gradients,
    modes,
    no_gc,
    no_grad,
    op,
    ops,
)
from autograd_lite.operation import TABLE


def test_sums_over_all_paths() -> None:
    a = Value(1)
    b = a + a
    c = b + b
    c.backward()
    assert (a.grad, b.grad, c.grad) == (4.0, 2.0, 1.0)


def test_a_second_pass_doubles_every_grad_exactly() -> None:
    a, b, d = Value(3), Value(2), Value(1)
    c = a + b
    e = c * d
    e.backward()
    once = [v.grad for v in (a, b, c, d, e)]
    e.backward()
    assert [v.grad for v in (a, b, c, d, e)] == [2 * g for g in once]


def test_passes_over_graphs_that_share_nodes_add_up() -> None:
    x = Value(0.7)
    h = x.tanh()
    first, second = h * 3, h.exp()
    first.backward()
    second.backward()
    slope = 1 - h.data**2
    assert h.grad == 3 + second.data
    assert x.grad == pytest.approx(3 * slope + second.data * slope, rel=1e-15)


def test_a_seed_other_than_one() -> None:
    x = Value(3.0)
    (x * x).backward(0.5)
    assert x.grad == 3.0
    with pytest.raises(TypeError, match="expected a number"):
        (x * x).backward("1")  # type: ignore[arg-type]


def test_a_leaf_is_its_own_gradient() -> None:
    x = Value(3.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_zero_grad_clears_the_graph() -> None:
    x = Value(3.0)
    h = x * x
    y = h.tanh()
    y.backward()
    y.zero_grad()
    assert (x.grad, h.grad, y.grad) == (0.0, 0.0, 0.0)


def test_grads_of_none_and_whole_zero_count_as_zero() -> None:
    x, y = Value(3.0), Value(2.0)
    x.grad = 0
    y.grad = None  # type: ignore[assignment]
    h = x * y
    h.grad = None  # type: ignore[assignment]
    (h + 1).backward()
    assert (x.grad, y.grad, h.grad) == (2.0, 3.0, 1.0)


def test_constants_and_unused_leaves_collect_nothing() -> None:
    x, y = Value(3.0), Value(4.0)
    (2 * x + 1).backward()
    assert (x.grad, y.grad) == (2.0, 0.0)


def test_gradients_touch_no_grad() -> None:
    x, y, z = Value(2.0), Value(3.0), Value(4.0)
    h = x * y
    assert gradients(h * x, [x, y, h, z]) == [12.0, 4.0, 2.0, 0.0]
    assert [v.grad for v in (x, y, h, z)] == [0.0] * 4


def test_gradients_of_gradients() -> None:
    x = Value(0.5)
    derivative = ops.sin(x)
    wanted = [math.cos, lambda t: -math.sin(t), lambda t: -math.cos(t), math.sin]
    for f in wanted:
        (derivative,) = gradients(derivative, [x], create_graph=True)
        assert isinstance(derivative, Value)
        assert derivative.data == pytest.approx(f(0.5), rel=1e-15)
    (constant,) = gradients(3 * x, [x], create_graph=True)
    assert (constant.data, gradients(constant, [x])) == (3.0, [0.0])


def test_gradients_of_anything_but_values_raise() -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match="expects Values, got float"):
        gradients(3.0, [x])  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="expects Values, got str"):
        gradients(x, "x")  # type: ignore[arg-type]


def test_backward_with_create_graph_accumulates_values() -> None:
    x = Value(2.0)
    (x**3).backward(create_graph=True)
    (x**2).backward(create_graph=True)
    total: Any = x.grad
    assert isinstance(total, Value)
    assert total.data == 16.0
    assert gradients(total, [x]) == [14.0]


def test_a_leaf_set_between_forward_and_backward_is_noticed() -> None:
    x, y = Value(3.0, name="x"), Value(1.0)
    loss = (x * x).exp() + y
    x.data = 2.0
    with pytest.raises(StaleError, match=r"name='x'\) was set after it went into 'mul'"):
        loss.backward()
    assert (x.grad, y.grad, loss.grad) == (0.0, 0.0, 0.0)
    with pytest.raises(StaleError):
        gradients(loss, [x])
    loss.zero_grad()
    with pytest.raises(StaleError):
        loss.backward()
    fresh = x * x
    fresh.backward()
    assert x.grad == 4.0
    total = ops.sum([x, y, x])
    x.data -= 0.1
    with pytest.raises(StaleError):
        total.backward()


def test_copies_and_pickles_of_a_stale_graph_are_stale() -> None:
    x = Value(2.0)
    y = x * x
    z = y + Value(1.0)
    x.data = 5.0
    for again in (copy.copy(y), copy.deepcopy(z), pickle.loads(pickle.dumps(z))):
        with pytest.raises(StaleError):
            again.backward()
    fresh = pickle.loads(pickle.dumps(x * x))
    fresh.backward()
    assert fresh.operands[0].grad == 10.0


def test_the_data_of_a_result_cannot_be_set() -> None:
    h = Value(2.0) * 3
    with pytest.raises(AttributeError, match=r"a result cannot be set \(this one is of 'mul'\)"):
        h.data = 1.0


def test_setting_the_same_number_changes_nothing() -> None:
    x = Value(2.0)
    y = x * x
    x.data = 2
    y.backward()
    assert x.grad == 4.0


def test_updating_and_recording_again_is_no_staleness() -> None:
    w = Value(1.0)
    for _ in range(3):
        loss = (w * 2 - 3) ** 2
        w.grad = 0.0
        loss.backward()
        w.data -= 0.1 * w.grad
    assert w.data == pytest.approx(1.5 - 0.5 * 0.2**3)


def test_a_pass_that_fails_leaves_every_grad_as_it_was() -> None:
    from autograd_lite import op

    def refuse(g: float, y: float, x: float) -> float:
        raise KeyboardInterrupt

    refusing = op("refusing", lambda x: x, refuse)
    x, y, unset = Value(2.0), Value(5.0), Value(1.0)
    h = x * y
    (h * y).backward()
    unset.__setattr__("grad", None)  # as PyTorch's zero_grad leaves it
    before = [v.grad for v in (x, y, h, unset)]
    loss = refusing(h) * y + h * unset
    with pytest.raises(KeyboardInterrupt):
        loss.backward()
    assert [v.grad for v in (x, y, h, unset)] == before
    assert loss.grad == 0.0
    (h * y).backward()
    assert [v.grad for v in (x, y)] == [2 * g for g in before[:2]]


def deep_chain(n: int) -> tuple[Value, Value]:
    x = Value(1.0)
    y = x
    for _ in range(n // 2):
        y = y * 0.9999999 + 1e-7
    return x, y


def check_a_million() -> None:
    x, y = deep_chain(1_000_000)
    y.backward()
    assert x.grad == pytest.approx(0.9999999**500_000, rel=1e-9)
    again = pickle.loads(pickle.dumps(y))
    assert again.data == y.data
    assert gradients(y, [x]) == [x.grad]
    y.zero_grad()
    assert x.grad == 0.0
    del y, again


@pytest.mark.slow
def test_a_chain_of_a_million_operations() -> None:
    check_a_million()


@pytest.mark.slow
def test_a_chain_of_a_million_operations_in_a_thread_with_a_small_stack() -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            check_a_million()
        except BaseException as failure:
            failures.append(failure)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert not failures


def test_wide_and_repeated_operands() -> None:
    xs = [Value(float(i)) for i in range(5000)]
    total = ops.sum([x.relu() for x in xs] + xs + xs)
    total.backward()
    assert xs[0].grad == 2.0
    assert all(x.grad == 3.0 for x in xs[1:])


def test_threads_do_not_disturb_each_other() -> None:
    w = [Value(0.1 * i) for i in range(8)]
    wrong: list[list[float]] = []

    def work() -> None:
        for _ in range(30):
            loss = ops.sum([ops.tanh(x * x) for x in w for _ in range(20)])
            if gradients(loss, w) != expected:
                wrong.append(gradients(loss, w))

    expected = gradients(ops.sum([ops.tanh(x * x) for x in w for _ in range(20)]), w)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    with no_grad():
        assert (w[0] * 2).op is None
    for thread in threads:
        thread.join()
    assert not wrong


def test_an_anomaly_in_the_forward_pass_names_operation_and_line() -> None:
    x = Value(math.inf, name="x")
    with detect_anomaly(), pytest.raises(AnomalyError) as raised:
        x - x
    assert "sub(x=inf, x=inf) = nan" in str(raised.value)
    assert "test_backward.py:" in str(raised.value)


def test_an_anomaly_in_the_backward_pass_names_the_line_that_recorded_it() -> None:
    x = Value(0.0, name="x")
    with detect_anomaly():
        y = x.sqrt() * 2  # the culprit
        with pytest.raises(AnomalyError) as raised:
            y.backward()
    line = detect_line("# the culprit")
    assert "derivative of sqrt(x=0.0) = 0.0 gave inf for operand 0 (x=0.0)" in str(raised.value)
    assert f"test_backward.py:{line}" in str(raised.value)
    assert x.grad == 0.0


def test_outside_the_block_nothing_is_watched() -> None:
    x = Value(0.0)
    x.sqrt().backward()
    assert x.grad == math.inf


def detect_line(text: str) -> int:
    with open(__file__, encoding="utf-8") as file:  # noqa: PTH123
        return next(i for i, line in enumerate(file, 1) if line.rstrip().endswith(text))


# --- modes ----------------------------------------------------------------------------------------


def _unrecorded() -> Generator[Value, None, None]:
    with no_grad():
        while True:
            yield Value(2.0) * 3


def _watched() -> Generator[None, None, None]:
    with detect_anomaly():
        yield


@pytest.mark.parametrize("first", [0, 1])
def test_generators_inside_no_grad_may_end_in_any_order(first: int) -> None:
    generators = [_unrecorded(), _unrecorded()]
    for generator in generators:
        assert next(generator).operands == ()
    generators[first].close()
    assert (Value(2.0) * 3).operands == ()  # the other one is still open
    generators[1 - first].close()
    assert (Value(2.0) * 3).operands != ()


def test_modes_of_different_kinds_may_end_in_any_order() -> None:
    unrecorded, watched = _unrecorded(), _watched()
    next(unrecorded)
    next(watched)
    unrecorded.close()
    with pytest.raises(AnomalyError):
        Value(1.0) * math.inf
    watched.close()
    assert (Value(1.0) * math.inf).operands != ()


def test_a_block_that_ends_in_another_task_changes_nothing_there() -> None:
    block = no_grad()
    contextvars.copy_context().run(block.__enter__)
    block.__exit__()
    assert (Value(2.0) * 3).operands != ()
    assert modes.active == 0


@pytest.mark.parametrize("block", [no_grad, no_gc, detect_anomaly])
def test_a_block_does_not_decorate_what_runs_in_pieces(block: Any) -> None:
    async def coroutine() -> None: ...

    for function in (_watched, coroutine):
        with pytest.raises(TypeError, match=r"write `with \w+\(\):` inside it"):
            block()(function)


# --- constants in every place ---------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.booleans()), min_size=2, max_size=9),
    st.sampled_from(["dot", "sum", "prod", "mean", "max", "logsumexp", "norm"]),
)
def test_constants_may_stand_anywhere_in_a_sequence(
    numbers: list[tuple[float, bool]], name: str
) -> None:
    operands = [Value(x) if is_value else x for x, is_value in numbers]
    leaves = [x for x in operands if isinstance(x, Value)]
    if not leaves:
        return
    result = TABLE[name].apply(tuple(operands))
    result.backward()
    assert [x.grad for x in leaves] == gradients(result, leaves)
    recorded = gradients(result, leaves, create_graph=True)
    assert [x.grad for x in leaves] == pytest.approx([g.data for g in recorded], rel=1e-15)


def test_a_dot_with_a_pair_of_constants() -> None:
    x = Value(5.0)
    ops.dot([x, 2.0], [3.0, 4.0]).backward()
    assert x.grad == 3.0


# --- a gradient of 0 that was recorded ------------------------------------------------------------


def test_a_recorded_gradient_of_zero_counts_when_another_is_added() -> None:
    w = Value(1.0)
    a, b = (w - 1) ** 2, 5 * w
    a.backward(create_graph=True)
    assert float(w.grad) == 0.0
    b.backward(create_graph=True)
    assert float(w.grad) == 5.0
    assert gradients(w.grad, [w]) == [2.0]  # type: ignore[call-overload]


def test_a_second_recorded_pass_doubles_a_recorded_zero() -> None:
    x = Value(0.0)
    y = x * x
    y.backward(create_graph=True)
    y.backward(create_graph=True)
    assert gradients(x.grad, [x]) == [4.0]  # type: ignore[call-overload]


@pytest.mark.parametrize("recording", [True, False])
def test_a_plain_pass_after_a_recorded_one_keeps_the_record(recording: bool) -> None:
    w = Value(1.0)
    h = (w - 1) * 1.0
    y = 3 * h
    (h**2).backward(create_graph=True)
    with contextlib.nullcontext() if recording else no_grad():
        y.backward()
    assert (float(w.grad), float(h.grad)) == (3.0, 3.0)
    assert gradients(w.grad, [w]) == [2.0]  # type: ignore[call-overload]
    assert gradients(h.grad, [h]) == [2.0]  # type: ignore[call-overload]


def test_a_pass_that_fails_keeps_a_recorded_zero() -> None:
    failing = op("backward_failing", lambda x: x, vjp=lambda g, y, x: 1 / 0 * g)
    w = Value(1.0)
    ((w - 1) ** 2).backward(create_graph=True)
    record = w.grad
    with pytest.raises(ZeroDivisionError):
        failing(w * 1.0).backward()
    assert w.grad is record


def test_gradients_leave_recorded_and_missing_grads_alone() -> None:
    x, y, z = Value(0.0), Value(2.0), Value(3.0)
    (x * x).backward(create_graph=True)
    record = x.grad
    y.grad, z.grad = None, 7.0  # type: ignore[assignment]
    h = x * y + z
    h.backward()
    kept = [x.grad, y.grad, z.grad, h.grad]
    unused = Value(1.0)
    unused.grad = 5.0
    assert gradients(h * h, [x, y, z, h, unused]) == [12.0, 0.0, 6.0, 6.0, 0.0]
    assert [id(v.grad) for v in (x, y, z, h)] == [id(g) for g in kept]
    assert record is not x.grad  # a plain pass has added to it since


def test_gradients_need_no_rule_that_the_inputs_have_no_part_in() -> None:
    failing = op("backward_undefined", lambda x: x, vjp=lambda g, y, x: math.log(-1.0))
    x, z = Value(2.0), Value(3.0)
    y = x * 2 + failing(z)
    assert gradients(y, [x]) == [2.0]
    with pytest.raises(ValueError, match=r"math domain|positive input"):
        gradients(y, [z])
    assert (x.grad, z.grad, y.grad) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("old", "new"), [(0.0, -0.0), (-0.0, 0.0)])
def test_the_sign_of_a_zero_is_part_of_a_leaf_s_data(old: float, new: float) -> None:
    x = Value(old)
    y = ops.atan2(x, -1.0)
    x.data = new
    assert math.copysign(1.0, x.data) == math.copysign(1.0, new)
    assert ops.atan2(x, -1.0).data == -y.data
    with pytest.raises(StaleError):
        y.backward()


def test_data_set_to_what_it_is_changes_nothing() -> None:
    for number in (3.0, 0.0, -0.0):
        x = Value(number)
        y = x * 2
        x.data = number
        y.backward()
        assert x.grad == 2.0


# --- stale graphs ---------------------------------------------------------------------------------


def test_every_stale_use_of_a_leaf_stays_stale() -> None:
    x, w = Value(1.0), Value(2.0)
    uses = [x * 2, x * w, ops.sum([x, w, x]), w * 3]
    total = ops.sum(uses)
    x.data = 5.0
    w.data = 6.0
    for _ in range(3):
        for root in (total, *uses):
            with pytest.raises(StaleError):
                root.backward()
            with pytest.raises(StaleError):
                gradients(root, [x])
    assert [v.grad for v in (x, w, total, *uses)] == [0.0] * 7


def test_a_result_made_at_the_time_of_its_leaf_is_not_stale_once_another_leaf_is_set() -> None:
    x, other = Value(1.0), Value(3.0)
    y = x * 2
    other.data = 4.0
    x.data = 2.0
    z = x * 3  # made at the very time that x was set
    other.data = 5.0
    z.backward()
    assert x.grad == 3.0
    with pytest.raises(StaleError):
        y.backward()


def test_a_rule_may_differentiate_what_shares_a_leaf_with_the_graph() -> None:
    w, x = Value(3.0), Value(2.0)
    half_square = op("backward_inner", lambda a: a * a / 2,
                     vjp=lambda g, y, a: g * gradients(Value(a) * w, [w])[0])  # fmt: skip
    assert gradients(w * x + half_square(x), [w, x]) == [2.0, 5.0]


@pytest.mark.parametrize("error", [KeyError, NotImplementedError])
def test_whatever_a_rule_without_part_raises_is_no_matter(error: type[Exception]) -> None:
    def failing(g: Any, y: Any, x: Any) -> Any:
        raise error

    x, z = Value(2.0), Value(3.0)
    y = x * x + op("backward_raising", lambda x: x, vjp=failing)(z)
    assert gradients(y, [x]) == [4.0]
    with pytest.raises(error):
        gradients(y, [z])


def test_a_block_that_ends_in_another_task_ends_where_it_began() -> None:
    block = no_grad()
    block.__enter__()
    assert (Value(2.0) * 3).operands == ()
    contextvars.copy_context().run(block.__exit__)
    with detect_anomaly():  # any block, so that the mode is looked at
        assert (Value(2.0) * 3).operands != ()
    assert modes.current() == modes.Mode()


def test_a_generator_that_asyncio_closes_in_a_task_of_its_own_leaves_recording_on() -> None:
    async def batches() -> AsyncGenerator[int, None]:
        with no_grad():
            for i in range(3):
                yield i

    async def main() -> float:
        generator = batches()
        await anext(generator)
        await asyncio.create_task(generator.aclose())
        x = Value(2.0)
        with detect_anomaly():
            (x * x).backward()
        return x.grad

    assert asyncio.run(main()) == 4.0


def test_a_task_made_inside_a_transform_is_not_inside_it_for_ever() -> None:
    contexts = []

    def f(x: Any) -> Any:
        contexts.append(contextvars.copy_context())
        return x * x

    assert grad(f)(3.0) == 6.0
    assert type(contexts[0].run(grad(f), 3.0)) is float
