"""no_gc: the collector is paused in the block, and is as it was found after every way out."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from autograd_lite import DivergenceError, Value, no_gc
from autograd_lite.nn import Neuron, mse
from autograd_lite.train import Dataset, History, fit, sweep

LINE = Dataset([[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0])


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    assert gc.isenabled()
    yield
    was_left_enabled = gc.isenabled()
    gc.enable()
    assert was_left_enabled


def test_blocks_nest_and_the_outermost_restores() -> None:
    with no_gc():
        with no_gc():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_a_decorator_too() -> None:
    @no_gc()
    def factorial(n: int) -> int:
        assert not gc.isenabled()
        return n * factorial(n - 1) if n else 1

    assert factorial(4) == 24
    assert gc.isenabled()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_raised_inside_restores(error: type[BaseException]) -> None:
    with pytest.raises(error), no_gc():
        raise error
    assert gc.isenabled()


def test_who_had_switched_it_off_finds_it_off() -> None:
    gc.disable()
    with no_gc():
        pass
    assert not gc.isenabled()
    gc.enable()


def test_blocks_may_end_in_any_order() -> None:
    def paused() -> Iterator[None]:
        with no_gc():
            yield

    first, second = paused(), paused()
    next(first)
    next(second)
    first.close()  # type: ignore[attr-defined]
    assert not gc.isenabled()
    second.close()  # type: ignore[attr-defined]
    assert gc.isenabled()


def test_threads_count_together() -> None:
    inside, leave = threading.Barrier(9), threading.Event()

    def work() -> None:
        with no_gc():
            inside.wait(60)
            leave.wait(60)
        for _ in range(500):
            with no_gc():
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    with no_gc():
        inside.wait(60)
    assert not gc.isenabled()  # the threads' blocks are open still
    leave.set()
    for thread in threads:
        thread.join()
    assert gc.isenabled()


# --- in training ----------------------------------------------------------------------------------


def line() -> Neuron:
    return Neuron(1, None, init="zeros")


def test_fit_pauses_it_for_each_batch_and_lets_it_run_between() -> None:
    batches, ends = [], []

    def loss(predictions: Any, targets: Any) -> Any:
        batches.append(gc.isenabled())
        return mse(predictions, targets)

    def callback(history: History) -> None:
        ends.append(gc.isenabled())

    fit(line(), LINE, loss=loss, epochs=2, batch_size=2, validation=LINE, callbacks=callback)
    assert batches == [False] * 8
    assert ends == [True] * 2


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("place", ["loss", "callbacks"])
def test_fit_restores_it_whatever_is_raised(place: str, error: type[BaseException]) -> None:
    def failing(*arguments: Any) -> None:
        raise error

    options: dict[str, Any] = {place: failing}
    with pytest.raises(error):
        fit(line(), LINE, **options)


def test_fit_and_sweep_restore_it_after_a_divergence() -> None:
    with pytest.raises(DivergenceError):
        fit(line(), LINE, optimizer="sgd", lr=1e200)
    assert gc.isenabled()
    sweep(line, {"lr": [1e200, 0.1]}, LINE, optimizer="sgd", epochs=2, progress=False)


def test_inside_a_user_s_own_block_fit_leaves_it_paused() -> None:
    ends = []
    with no_gc():
        fit(line(), LINE, epochs=2, callbacks=lambda history: ends.append(gc.isenabled()))
    assert ends == [False, False]


class Cycle:
    """What only the collector frees; it holds a graph."""

    def __init__(self, graph: Value) -> None:
        self.graph, self.itself = graph, self


@pytest.mark.parametrize(("batch_size", "epochs"), [(1, 20), (None, 80)])
def test_cycles_that_a_loss_makes_do_not_pile_up(batch_size: int | None, epochs: int) -> None:
    alive: list[weakref.ref[Cycle]] = []
    most = 0

    def loss(predictions: Any, targets: Any) -> Any:
        nonlocal most
        total = mse(predictions, targets)
        alive[:] = [ref for ref in alive if ref() is not None]
        alive.extend(weakref.ref(Cycle(total)) for _ in range(100))
        most = max(most, len(alive))
        return total

    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        fit(line(), LINE, loss=loss, epochs=epochs, batch_size=batch_size)
    finally:
        gc.set_threshold(*before)
    assert most < 2000  # of 8,000
