"""sweep: a training for each point of a grid, compared in a table, a plot and a CSV file."""

from __future__ import annotations

import csv
import io
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.commands import main
from autograd_lite.errors import DataError
from autograd_lite.nn import MLP, mse
from autograd_lite.optim import SGD
from autograd_lite.train import EarlyStopping, History, Sweep, fit, load_csv, sweep, xor
from autograd_lite.train.sweeping import Trained


def build(seed: int | None = 0, hidden: int = 3) -> MLP:
    return MLP(2, [hidden, 1], "tanh", seed=seed)


GRID = {"lr": [0.05, 0.2], "seed": [0, 1]}
OPTIONS: dict[str, Any] = {"optimizer": "sgd", "epochs": 4}


def _losses(found: Sweep) -> list[list[float]]:
    return [trained.history["loss"] for trained in found]


def test_every_combination_is_trained_in_order() -> None:
    found = sweep(build, GRID, xor(), **OPTIONS)
    assert [trained.point for trained in found] == [
        {"lr": 0.05, "seed": 0}, {"lr": 0.05, "seed": 1},
        {"lr": 0.2, "seed": 0}, {"lr": 0.2, "seed": 1},
    ]  # fmt: skip
    for trained in found:
        history = fit(
            alone := build(trained.point["seed"]), xor(), lr=trained.point["lr"], **OPTIONS
        )
        assert trained.history["loss"] == history["loss"]
        assert trained.model.state_dict() == alone.state_dict()


def test_a_grid_may_be_a_list_of_points() -> None:
    points = [{"hidden": 2, "lr": 0.1}, {"hidden": 4, "lr": 0.2}]
    found = sweep(build, points, xor(), **OPTIONS)
    assert [trained.point for trained in found] == points
    assert [len(trained.model.parameters()) for trained in found] == [9, 17]


class OnAThread(Executor):
    """An executor with no more than the interface promises, as other libraries have."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)

    def submit(self, call: Any, /, *arguments: Any, **options: Any) -> Any:
        return self._pool.submit(call, *arguments, **options)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)


EXECUTORS: dict[str, Callable[[], Executor]] = {
    "one thread": partial(ThreadPoolExecutor, 1),
    "three threads": partial(ThreadPoolExecutor, 3),
    "one process": partial(ProcessPoolExecutor, 1),
    "two processes": partial(ProcessPoolExecutor, 2),
    "no more than the interface": OnAThread,
}


@pytest.mark.parametrize("executor", EXECUTORS)
def test_an_executor_gives_the_same(executor: str) -> None:
    with EXECUTORS[executor]() as pool:
        found = sweep(build, GRID, xor(), executor=pool, **OPTIONS)
    alone = sweep(build, GRID, xor(), **OPTIONS)
    assert _losses(found) == _losses(alone)
    assert [trained.point for trained in found] == [trained.point for trained in alone]
    for one, other in zip(found, alone, strict=True):
        assert one.model.state_dict() == other.model.state_dict()


@pytest.mark.parametrize("executor", EXECUTORS)
def test_equal_points_are_trained_each(executor: str) -> None:
    with EXECUTORS[executor]() as pool:
        found = sweep(build, {"seed": [None] * 3}, xor(), executor=pool, **OPTIONS)
    assert len({losses[0] for losses in _losses(found)}) == 3  # each from weights of its own


WITH_DASK = """
import distributed
from autograd_lite.nn import MLP
from autograd_lite.train import sweep, xor

def build(seed):
    return MLP(2, [3, 1], "tanh", seed=seed)

def losses(grid, executor):
    return [t.history["loss"] for t in sweep(build, grid, xor(), executor=executor, epochs=4)]

grid = {"lr": [0.05, 0.2], "seed": [0, 1, 2]}
with distributed.Client(processes=False, threads_per_worker=2, dashboard_address=None) as client:
    assert losses(grid, client.get_executor()) == losses(grid, None)
    assert len(set(map(tuple, losses({"seed": [None] * 3}, client.get_executor())))) == 3
"""


def test_dask_gives_the_same() -> None:
    pytest.importorskip("distributed")  # in a process of its own, for it leaves threads behind
    command = [sys.executable, "-W", "error", "-c", WITH_DASK]
    assert subprocess.run(command, capture_output=True, check=False).stderr == b""


def test_what_diverges_is_kept() -> None:
    found = sweep(build, {"lr": [0.1, 1e300]}, xor(), **OPTIONS)
    assert found[1].history.stopped.startswith("diverged in epoch")
    assert found.best().point == {"lr": 0.1}
    with pytest.raises(ValueError, match="smaller learning rates"):
        sweep(build, {"lr": [1e300]}, xor(), **OPTIONS).best()


def test_the_table() -> None:
    found = sweep(build, {"lr": [0.05, 1e300], "hidden": [2]}, xor(), metrics="accuracy", **OPTIONS)
    head, first, second = str(found).splitlines()
    assert head.split() == ["lr", "hidden", "epochs", "loss", "accuracy", "seconds"]
    assert first.split()[:3] == ["0.05", "2", "4"]
    assert "diverged in epoch" in second
    assert repr(found) == "<sweep of 2 trainings>"


def test_the_curves() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    axes = sweep(build, {"lr": [0.05, 0.2]}, xor(), **OPTIONS).plot()
    assert [line.get_label() for line in axes.get_lines()][:2] == ["lr = 0.05", "lr = 0.2"]
    pyplot.close("all")


def test_ctrl_c_returns_what_there_is() -> None:
    calls: list[None] = []

    def loss(predictions: Any, targets: Any) -> Any:
        calls.append(None)
        if len(calls) == 6:
            signal.raise_signal(signal.SIGINT)
        return mse(predictions, targets)

    found = sweep(build, GRID, xor(), loss=loss, **OPTIONS)
    assert [len(trained.history) for trained in found] == [4, 2]
    assert found[1].history.stopped == "interrupted, after epoch 2"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("grid", "options", "error", "message"),
    [
        ({}, {}, ValueError, "sweep expects a grid"),
        ([], {}, ValueError, "sweep expects a grid"),
        ({"lr": []}, {}, ValueError, "sweep expects a grid"),
        ({"lr": 0.1}, {}, TypeError, "a list of values for lr"),
        ({"optimizer": "adam"}, {}, TypeError, "a list of values for optimizer"),
        ({"lrr": [0.1]}, {}, TypeError, "did you mean 'lr'"),
        ({"hiden": [1]}, {}, TypeError, "did you mean 'hidden'"),
        ({"lr": [0.1]}, {"epoch": 3}, TypeError, "did you mean 'epochs'"),
        ({"lr": [0.1]}, {"optimizer": SGD(build().parameters())}, TypeError, "for one model"),
        ({"lr": [-1.0]}, {}, ValueError, "learning rate"),
        ({"lr": [0.1, 0.2]}, {"checkpoint": "c.json"}, TypeError, "list one for each in the grid"),
    ],
)
@pytest.mark.parametrize("pooled", [False, True])
def test_refused(
    grid: Any, options: dict[str, Any], error: type[Exception], message: str, pooled: bool
) -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(error, match=message):
        sweep(build, grid, xor(), executor=pool if pooled else None, **options)


# --- points that differ in their names ------------------------------------------------------------

UNEVEN: list[dict[str, Any]] = [
    {"lr": 0.1, "seed": 7},
    {"seed": 5, "lr": 0.25, "hidden": 2},
    {"seed": 6},
]


def _rows(found: Sweep) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.to_csv()), strict=True))


def test_cells_go_by_name() -> None:
    found = sweep(build, UNEVEN, xor(), **OPTIONS)
    rows = _rows(found)[:: OPTIONS["epochs"]]
    assert [[row["lr"], row["seed"], row["hidden"]] for row in rows] == [
        ["0.1", "7", ""], ["0.25", "5", "2"], ["", "6", ""],
    ]  # fmt: skip
    assert [float(row["loss"]) for row in rows] == [t.history["loss"][0] for t in found]
    head, *lines = str(found).splitlines()
    assert head.split()[:4] == ["lr", "seed", "hidden", "epochs"]
    ends = [head.index(name) + len(name) for name in ("lr", "seed", "hidden")]
    cells = [[line[:end].rpartition(" ")[2] for end in ends] for line in lines]
    assert cells == [["0.1", "7", ""], ["0.25", "5", "2"], ["", "6", ""]]


def test_what_was_measured_may_differ_too() -> None:
    points: list[dict[str, Any]] = [{"lr": 0.1}, {"metrics": "mae"}]
    rows = _rows(sweep(build, points, xor(), **OPTIONS))
    assert [row["mae"] != "" for row in rows] == [False] * 4 + [True] * 4
    assert len({len(row) for row in rows}) == 1


def test_the_csv_can_be_loaded(tmp_path: Path) -> None:
    found = sweep(build, {"lr": [0.1, 1 / 3]}, xor(), schedule=halved, **OPTIONS)
    found.to_csv(tmp_path / "sweep.csv")
    data = load_csv(tmp_path / "sweep.csv", target="loss", features=["lr", "measured_lr"])
    rates = [0.1, 1 / 3]
    assert data.inputs == [[lr, halved(epoch, lr)] for lr in rates for epoch in range(4)]


@pytest.mark.parametrize("name", ["loss", "epochs"])
def test_no_two_columns_have_one_name(name: str) -> None:
    grid = {name: {"loss": ["mse", "mae"], "epochs": [1, 2]}[name]}
    found = sweep(build, grid, xor(), optimizer="sgd")
    for head in (found.to_csv().splitlines()[0].split(","), str(found).splitlines()[0].split()):
        assert len(head) == len(set(head))
        assert name in head
    assert str(found).splitlines()[0].split().count(f"measured_{name}") == 1


def halved(epoch: int, lr: float) -> float:
    return lr * math.pow(0.5, epoch)


# --- curves ---------------------------------------------------------------------------------------


def trained(
    losses: list[float], stopped: str = "", /, column: str = "loss", **point: Any
) -> Trained:
    rows = [{"epoch": i, "loss": x, column: x} for i, x in enumerate(losses, 1)]
    return Trained(point, History(rows, stopped=stopped), None)


def _curves(found: Sweep, column: str = "loss") -> dict[str, list[float]]:
    """Return what is drawn of each training, and leave out the marks of what diverged."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    lines = found.plot(column).get_lines()
    pyplot.close("all")
    drawn = {str(x.get_label()): list(x.get_ydata()) for x in lines}
    return {label: [y for y in ys if math.isfinite(y)] for label, ys in drawn.items()
            if not label.startswith("_")}  # fmt: skip


def test_an_accuracy_that_rises_has_not_diverged() -> None:
    found = Sweep((trained([0.05, 0.5, 0.95], column="accuracy", lr=0.1),))
    assert _curves(found, "accuracy") == {"lr = 0.1": [0.05, 0.5, 0.95]}


@pytest.mark.parametrize("column", ["loss", "val_loss"])
def test_a_loss_that_runs_away_is_cut(column: str) -> None:
    good, bad = [1.0, 0.5, 0.4, 0.3], [1.0, 20.0, 2.0, 500.0]
    at_once, falling = [1e12, 1e13, 1e13, 1e13], [50.0, 40.0, 30.0, 20.0]
    runs = {1: good, 2: bad, 3: at_once, 4: falling}
    found = Sweep(tuple(trained(ys, column=column, lr=lr) for lr, ys in runs.items()))
    assert _curves(found, column) == {
        "lr = 1": good, "lr = 2": [1.0, 20.0, 2.0], "lr = 3": [], "lr = 4": falling,
    }  # fmt: skip


def test_a_loss_below_0_is_not_cut() -> None:
    found = Sweep((trained([-1.0, -2.0], lr=1), trained([0.1, 5.0], lr=2)))
    assert _curves(found) == {"lr = 1": [-1.0, -2.0], "lr = 2": [0.1, 5.0]}


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([lambda epoch, lr: lr, halved, lambda epoch, lr: lr / 2],
         ["<lambda> (1)", "halved", "<lambda> (2)"]),
        ([0.1, 0.1 + 1e-9, 1 / 3, 1.0], ["0.1", "0.100000001", "0.3333333333333333", "1"]),
        ([partial(SGD, momentum=0.9, weight_decay=x) for x in (0.1, 0.2)], [None, None]),
        ([x + "-" * 100 + y + "-" * 100 for x in "ab" for y in "ab"], [None] * 4),
        (["x", "x", "x (1)"], ["x (2)", "x (3)", "x (1)"]),
    ],
)  # fmt: skip
def test_labels_are_unique(values: list[Any], texts: list[str | None]) -> None:
    curves = _curves(Sweep(tuple(trained([1.0, x / 10], v=v) for x, v in enumerate(values))))
    assert [ys[1] for ys in curves.values()] == [x / 10 for x in range(len(values))]
    for label, text in zip(curves, texts, strict=True):
        assert text is None or label == f"v = {text}"
        assert len(label) < 60


def test_functions_are_told_apart_in_the_table_and_the_csv() -> None:
    schedules = [lambda epoch, lr: lr, lambda epoch, lr: lr / 2]
    found = sweep(build, {"schedule": schedules}, xor(), **OPTIONS)
    assert [line.split("  ")[0] for line in str(found).splitlines()[1:]] == [
        "<lambda> (1)", "<lambda> (2)",
    ]  # fmt: skip
    assert {row["schedule"] for row in _rows(found)} == {"<lambda> (1)", "<lambda> (2)"}


def test_long_values_are_cut_in_the_table_and_whole_in_the_csv() -> None:
    paths = [f"runs/{'very/' * 20}{name}/{'long/' * 20}model" for name in "ab"]
    found = Sweep(tuple(trained([1.0], path=path) for path in paths))
    first, second = (line.split("  ")[0] for line in str(found).splitlines()[1:])
    assert first != second
    assert len(first) < 50
    assert [row["path"] for row in _rows(found)] == paths


def test_nothing_to_draw() -> None:
    for found in (Sweep(()), Sweep((trained([], "diverged in epoch 1, batch 1 of 1: x", lr=1),))):
        with pytest.raises(DataError, match="no curve to draw"):
            found.plot()


def test_the_command_prints_its_table_where_there_is_nothing_to_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    iris = str(Path(__file__).parents[2] / "examples" / "iris.csv")
    network = ["--target", "species", "--activation", "relu", "--hidden", "8,8"]
    plot = tmp_path / "y.svg"
    assert main(["sweep", iris, *network, "--lr", "1e200,1e201", "--plot", str(plot)]) == 2
    printed = capsys.readouterr()
    assert printed.out.count("diverged in epoch 1, batch 2 of 5\n") == 2
    assert printed.err.startswith("autograd-lite: error: there is no curve to draw")
    assert printed.err.count("\n") == 1
    assert not plot.exists()


# --- the best -------------------------------------------------------------------------------------


def test_nan_is_never_best() -> None:
    nan, good, bad = trained([1.0, math.nan], lr=1), trained([1.0, 0.5]), trained([1.0, 0.7])
    for found in (Sweep((nan, bad, good)), Sweep((good, bad, nan))):
        assert found.best() is good
        assert found.best(largest=True) is bad
    with pytest.raises(ValueError, match="every loss is nan"):
        Sweep((nan,)).best()


@pytest.mark.parametrize("largest", [False, True])
def test_of_equals_the_first_is_best(largest: bool) -> None:
    first, second = trained([0.5], lr=1), trained([0.5], lr=2)
    assert Sweep((first, second)).best(largest=largest) is first


@pytest.mark.parametrize("largest", [False, True])
def test_early_stopping_leaves_the_best_epoch(largest: bool) -> None:
    sign = -1 if largest else 1
    stopped = "no improvement for 2 epochs, after epoch 4"
    early = trained([sign * x for x in (3.0, 1.0, 4.0, 5.0)], stopped)
    full = trained([sign * x for x in (3.0, 0.5, 4.0, 2.0)])
    assert Sweep((full, early)).best(largest=largest) is early


def test_early_stopping_ends_so() -> None:
    found = sweep(build, {"lr": [5.0]}, xor(), epochs=50, early_stopping=EarlyStopping(3))
    assert found[0].history.stopped.startswith("no improvement")


def test_a_column_that_none_recorded() -> None:
    found = sweep(build, {"lr": [0.1, 1e300]}, xor(), metrics="accuracy", **OPTIONS)
    for ask in (found.best, found.plot):
        with pytest.raises(KeyError, match="did you mean 'accuracy'"):
            ask("acuracy")
        with pytest.raises(KeyError, match="there are epoch, loss"):
            ask("zzz")
    only = sweep(build, {"lr": [1e300]}, xor(), **{**OPTIONS, "batch_size": 1, "epochs": 1})
    with pytest.raises(ValueError, match="smaller learning rates"):
        only.best("anything")


def test_a_column_that_some_recorded() -> None:
    found = sweep(build, [{"lr": 0.1}, {"metrics": "mae"}], xor(), **OPTIONS)
    assert found.best("mae") is found[1]
    assert list(_curves(found, "mae")) == ["metrics = mae"]


# --- notes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("losses", "stopped", "note"),
    [
        ([1.0, 0.9], "", ""),
        ([1.0], f"diverged in epoch 21, batch 1 of 10: {'exp(1000) is too large ' * 9}",
         "diverged in epoch 21, batch 1 of 10"),
        ([1.0, 1e9], "diverged in epoch 3, batch 1 of 1: x", "diverged in epoch 3, batch 1 of 1"),
        ([1.0, 1e9], "", "ran away"),
        ([1.0, 1e9], "interrupted, after epoch 2", "interrupted, after epoch 2; ran away"),
        ([1e9, 1e8], "", ""),
        ([5.0, 400.0], "", ""),
    ],
)  # fmt: skip
def test_the_note(losses: list[float], stopped: str, note: str) -> None:
    table = str(Sweep((trained([0.5, 0.1], lr=1), trained(losses, stopped, lr=2))))
    first, second = table.splitlines()[1:]
    assert first.endswith("0.00")
    assert second.rpartition("0.00")[2].strip() == note


# --- Ctrl-C and failures --------------------------------------------------------------------------


def interrupting(seed: int, parent: int) -> MLP:
    """Build a model; with the seed 1, Ctrl-C comes meanwhile, to the sweep alone."""
    if seed == 1:
        os.kill(parent, signal.SIGINT)
    return build(seed)


def dying(seed: int, parent: int = 0) -> MLP:
    """Build a model; with the seed 2 the process dies, and before that Ctrl-C comes, if asked."""
    if seed == 2:
        if parent:
            os.kill(parent, signal.SIGINT)
        os._exit(1)
    return build(seed)


def failing(seed: int) -> MLP:
    if seed == 2:
        raise LookupError("no such seed")
    return build(seed)


def _seeds(found: Sweep) -> list[int]:
    return [trained.point["seed"] for trained in found]


def _seeds_of(pool: Executor | None, made_by: Callable[..., MLP], **more: Any) -> list[int]:
    grid = {"seed": range(20), **more}
    return _seeds(sweep(made_by, grid, xor(), executor=pool, **OPTIONS))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_ctrl_c_ends_a_pooled_sweep(executor: Callable[..., Executor], workers: int) -> None:
    with executor(workers) as pool:
        seeds = _seeds_of(pool, interrupting, parent=[os.getpid()])
    assert seeds == list(range(len(seeds)))  # what had begun came to its end
    assert len(seeds) == 2 if workers == 1 else 2 <= len(seeds) < 10
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_takes_back_what_another_executor_has_not_begun() -> None:
    with OnAThread() as pool:  # each of which takes long enough for Ctrl-C to be heard
        seeds = _seeds_of(pool, interrupting, parent=[os.getpid()], epochs=[100])
    assert seeds == list(range(len(seeds)))
    assert 2 <= len(seeds) < 20


class BeginningMeanwhile(Executor):
    """Begins one call, and one more each time that a call is taken back; Ctrl-C comes soon."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, call: Any, /, *arguments: Any, **options: Any) -> Any:
        future = TakenBack(self)
        self.waiting.append((future, partial(call, *arguments, **options)))
        if len(self.waiting) == 1:
            self.begin()
        elif len(self.waiting) == 3:
            signal.raise_signal(signal.SIGINT)
        return future

    def begin(self) -> None:
        self.waiting = [(future, call) for future, call in self.waiting if not future.done()]
        if self.waiting:
            future, call = self.waiting[0]
            future.set_result(call())


class TakenBack(Future[Any]):
    def __init__(self, owner: BeginningMeanwhile) -> None:
        super().__init__()
        self.owner = owner

    def cancel(self) -> bool:
        is_taken_back = super().cancel()
        self.owner.begin()
        return is_taken_back


def test_what_begins_while_others_are_taken_back_is_the_first_of_them() -> None:
    seeds = _seeds_of(BeginningMeanwhile(), build)
    assert seeds == list(range(len(seeds)))
    assert 2 < len(seeds) < 20


def test_ctrl_c_while_a_model_is_built() -> None:
    assert _seeds_of(None, interrupting, parent=[os.getpid()]) == [0]


def test_ctrl_c_that_ends_a_worker_is_no_failure() -> None:
    with ProcessPoolExecutor(1) as pool:
        assert _seeds_of(pool, dying, parent=[os.getpid()]) == [0, 1]


@pytest.mark.parametrize(
    ("executor", "made_by", "error"),
    [
        (None, failing, LookupError),
        (ThreadPoolExecutor, failing, LookupError),
        (ProcessPoolExecutor, failing, LookupError),
        (ProcessPoolExecutor, dying, BrokenExecutor),
    ],
)
def test_an_error_holds_what_had_ended(
    executor: Callable[..., Executor] | None, made_by: Any, error: type[Exception]
) -> None:
    pool = executor(1) if executor else None
    with pytest.raises(error) as raised:
        _seeds_of(pool, made_by)
    if pool:
        pool.shutdown()
    found = vars(raised.value)["sweep"]
    assert _seeds(found) == [0, 1]
    assert len(found[1].history) == OPTIONS["epochs"]
    note = raised.value.__notes__[-1]
    assert note.startswith("the trainings that had ended: seed = 0; seed = 1 ")


class Failing(Executor):
    """An executor with which every call fails, at once: the first with "0", and so on."""

    def __init__(self) -> None:
        self.calls = 0

    def submit(self, call: Any, /, *arguments: Any, **options: Any) -> Any:
        future: Future[Any] = Future()
        future.set_exception(LookupError(f"{self.calls}"))
        self.calls += 1
        return future


def test_of_several_failures_the_first_is_raised() -> None:
    with pytest.raises(LookupError, match=r"^0$"):
        _seeds_of(Failing(), build)


def test_what_runs_beside_a_failure_comes_to_its_end() -> None:
    with ThreadPoolExecutor(4) as pool, pytest.raises(LookupError) as raised:
        _seeds_of(pool, failing)
    assert {0, 1, 3} <= set(_seeds(vars(raised.value)["sweep"]))


def test_the_command_prints_what_had_ended_where_a_process_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        error: Any = BrokenExecutor("a process died")
        error.sweep = Sweep((trained([1.0, 0.5], lr=0.1),))
        raise error

    monkeypatch.setattr("autograd_lite.commands.sweeps.sweep", broken)
    history = tmp_path / "h.csv"
    assert main(["sweep", "xor", "--jobs", "2", "--history", str(history)]) == 2
    printed = capsys.readouterr()
    assert "0.1       2   0.5" in printed.out
    assert printed.err == (
        "autograd-lite: error: a process was killed as it trained; try fewer --jobs\n"
    )
    assert len(history.read_text().splitlines()) == 3


def test_the_command_says_by_its_code_that_it_was_interrupted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograd_lite.commands.sweeps.sweep", lambda *_, **__: Sweep(()))
    assert main(["sweep", "xor", "--lr", "0.1,0.2", "--plot", "none.svg"]) == 130
    assert "no training ended" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("made_by", "options", "message"),
    [
        (lambda: build(), {}, "^build is to be a function at the top of a module for a Process"),
        (build, {"loss": lambda ps, ts: mse(ps, ts)}, "^loss is to be a function at the top"),
        (build, {"extra": {"file": memoryview(b"")}}, "^extra is to be picklable"),
    ],
)
def test_what_no_process_can_be_sent(made_by: Any, options: Any, message: str) -> None:
    with ProcessPoolExecutor(1) as pool, pytest.raises(TypeError, match=message):
        sweep(made_by, {"lr": [0.1]}, xor(), executor=pool, **options)
