"""Data sets, and what is done to data before training: checks, parts, batches and scales."""

from __future__ import annotations

import math
import pickle
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import DataError, ShapeError, Value
from autograd_lite.nn import Neuron, Sequential
from autograd_lite.train import (
    Dataset,
    Rescaler,
    Standardizer,
    batches,
    blobs,
    circles,
    logical_and,
    logical_or,
    moons,
    one_hot,
    sine,
    spirals,
    split,
    standardise,
    standardize,
    xor,
)
from autograd_lite.train.data.preparation import as_dataset

Make = Callable[..., Dataset]

NAN, INF = math.nan, math.inf


# --- toy data sets ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        (logical_and, lambda a, b: a and b),
        (logical_or, lambda a, b: a or b),
        (xor, lambda a, b: a ^ b),
    ],
)
def test_truth_tables(table: Make, rule: Callable[[int, int], int]) -> None:
    inputs, targets = table()
    assert inputs == [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    assert targets == [rule(int(a), int(b)) for a, b in inputs]


def _on_a_moon(x: float, y: float, k: int) -> float:
    middle, up = ((0.0, 0.0), 1) if k == 0 else ((1.0, 0.5), -1)
    assert up * (y - middle[1]) >= -1e-12  # the half of the circle that is meant
    return math.hypot(x - middle[0], y - middle[1]) - 1


def _on_a_circle(x: float, y: float, k: int) -> float:
    return math.hypot(x, y) - (1.0 if k == 0 else 0.5)


def _on_a_spiral(x: float, y: float, k: int) -> float:
    radius = math.hypot(x, y)
    return math.hypot(
        x - radius * math.cos(math.tau * (3 * radius + k / 2)),
        y - radius * math.sin(math.tau * (3 * radius + k / 2)),
    )


@pytest.mark.parametrize(
    ("make", "options", "distance"),
    [(moons, {}, _on_a_moon), (circles, {}, _on_a_circle), (spirals, {"turns": 3}, _on_a_spiral)],
)
@pytest.mark.parametrize("n", [2, 3, 101])
def test_without_noise_the_points_lie_on_their_curves(
    make: Make, options: Any, distance: Callable[[float, float, int], float], n: int
) -> None:
    data = make(n, noise=0.0, seed=1, **options)
    off = [distance(x, y, k) for (x, y), k in zip(*data, strict=True)]
    assert off == pytest.approx([0.0] * n, abs=1e-12)
    assert len({(round(x, 9), round(y, 9)) for x, y in data.inputs}) == n  # no two in one place


CLASSES: list[tuple[Make, dict[str, Any], int]] = [
    (moons, {}, 2),
    (circles, {}, 2),
    (spirals, {"noise": 0.1}, 2),
    (spirals, {"classes": 5}, 5),
    (blobs, {}, 3),
    (blobs, {"centers": [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]}, 2),
]


@pytest.mark.parametrize(("make", "options", "classes"), CLASSES)
def test_classes_are_even_mixed_and_the_same_from_the_same_seed(
    make: Make, options: dict[str, Any], classes: int
) -> None:
    data = make(101, seed=3, **options)
    shares = Counter(data.targets)
    assert sorted(shares) == list(range(classes))
    assert set(map(type, data.targets)) == {int}
    assert max(shares.values()) - min(shares.values()) <= 1
    assert data.targets != sorted(data.targets)
    assert data.features == ("x1", "x2", "x3")[: len(data.inputs[0])]
    assert data == make(101, seed=3, **options) == make(101, seed=random.Random(3), **options)
    assert data != make(101, seed=4, **options)
    assert data != make(101, **options)


@pytest.mark.parametrize(("make", "larger"), [(moons, 1), (circles, 1), (spirals, 0), (blobs, 0)])
def test_one_class_has_the_sample_that_is_left_over(make: Make, larger: int) -> None:
    assert Counter(make(7).targets).most_common(1)[0][0] == larger


def test_every_process_draws_the_same_bits() -> None:
    program = "from autograd_lite.train import *; print(moons(9, seed=1), blobs(9, seed=1).inputs)"
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert repr(blobs(9, seed=1).inputs) in runs[0].decode()


def test_no_seed_draws_from_pythons_own_source() -> None:
    random.seed(5)
    drawn = moons(10)
    assert drawn == moons(10, seed=5)


def test_blobs_are_normal_about_their_centers() -> None:
    data = blobs(4000, centers=[[10.0, -5.0]], spread=2.0, seed=0)
    scale = Standardizer.of(data.inputs)
    assert scale.means == pytest.approx((10.0, -5.0), abs=0.15)  # 4.7 standard errors
    assert scale.deviations == pytest.approx((2.0, 2.0), abs=0.11)
    drawn = blobs(300, centers=300, spread=0.0, seed=0).inputs
    assert max(abs(x) for point in drawn for x in point) <= 10.0


def test_sine_is_one_period_in_order() -> None:
    data = sine(101, noise=0.0)
    assert [x for [x] in data.inputs] == pytest.approx(np.linspace(-np.pi, np.pi, 101), abs=1e-12)
    assert data.targets == [math.sin(x) for [x] in data.inputs]
    assert (data.features, data.target) == (("x",), "y")
    assert sine(5, seed=1) == sine(5, seed=1) != sine(5, seed=2)


@pytest.mark.parametrize(
    ("make", "arguments", "said"),
    [
        (moons, {"n": 1}, "moons expects a whole number of samples, 2 or more, got 1"),
        (moons, {"n": 2.5}, "2 or more, got 2.5"),
        (moons, {"noise": -0.1}, "0 or more, got -0.1"),
        (moons, {"noise": NAN}, "0 or more, got nan"),
        (circles, {"factor": 1.0}, "factor from 0 up to, not including, 1, got 1.0"),
        (circles, {"factor": -0.5}, "got -0.5"),
        (circles, {"noise": INF}, "finite standard deviation"),
        (spirals, {"classes": 0}, "classes, 1 or more, got 0"),
        (spirals, {"classes": 4, "n": 3}, "samples, 4 or more, got 3"),
        (spirals, {"turns": INF}, "finite number of turns, got inf"),
        (blobs, {"centers": 0}, "centers, 1 or more, got 0"),
        (blobs, {"centers": []}, "centers of one dimension"),
        (blobs, {"centers": [[0.0], [1.0, 2.0]]}, "centers of one dimension"),
        (blobs, {"n": 2}, "samples, 3 or more, got 2"),
        (blobs, {"spread": -1.0}, "got -1.0"),
        (sine, {"n": 1}, "2 or more, got 1"),
        (sine, {"noise": -1}, "got -1"),
    ],
)
def test_what_no_data_set_can_be(make: Make, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as caught:
        make(**arguments)
    assert said in str(caught.value)


@pytest.mark.parametrize("make", [moons, circles, spirals, blobs, sine])
def test_a_seed_is_a_whole_number_or_a_source(make: Make) -> None:
    with pytest.raises(TypeError, match="a seed is a whole number"):
        make(seed="1")


# --- data checked -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "inputs", "targets"),
    [
        (([[1, 2]], [3]), [[1, 2]], [3]),
        ([[[1, 2]], [3]], [[1, 2]], [3]),
        ((((1, 2),), (3,)), [[1, 2]], [3]),
        (([1.0, 2.0], [3.0, 4.0]), [1.0, 2.0], [3.0, 4.0]),
        ((range(2), range(2)), [0, 1], [0, 1]),
        (([[[1], [2]], [[3]]], [[0, 1], [1, 0]]), [[[1], [2]], [[3]]], [[0, 1], [1, 0]]),
        ((np.array([[1.5, 2.0]]), np.array([1])), [[1.5, 2.0]], [1]),
        (([np.array([1.0]), np.array([2.0])], [np.int64(1), 0]), [[1.0], [2.0]], [1, 0]),
        (([[True]], [False]), [[True]], [False]),
    ],
)
def test_as_dataset(data: Any, inputs: Any, targets: Any) -> None:
    assert as_dataset(data) == Dataset(inputs, targets)


def test_as_dataset_keeps_what_is_known_and_leaves_what_was_given() -> None:
    rows = [(1.0,), (2.0,)]
    data = Dataset(rows, (0, 1), ("a",), "y", ("cat", "dog"))
    checked = as_dataset(data)
    assert checked == Dataset([[1.0], [2.0]], [0, 1], ("a",), "y", ("cat", "dog"))
    checked.inputs[0][0] = 7.0
    assert (rows, data.targets) == ([(1.0,), (2.0,)], (0, 1))


def test_the_numbers_of_arrays_become_pythons() -> None:
    data = as_dataset(([np.array([1.5, 2.0]), [np.float64(3.0), np.int64(4)]], np.array([1, 0])))
    assert repr(tuple(data)) == "([[1.5, 2.0], [3.0, 4]], [1, 0])"


def test_values_are_numbers() -> None:
    x = Value(2.0)
    assert as_dataset(([[x]], [1])).inputs[0][0] is x


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (([], []), DataError, "one sample at least, got none"),
        (([[1], [2]], [1]), DataError, "got 2 inputs, 1 targets"),
        (([[1], [2, 3], [4], [5, NAN]], [1] * 4), DataError, "inputs[3][1] is nan"),
        (([[[1], [INF]]], [1]), DataError, "inputs[0][1][0] is inf"),
        (([1.0], [-INF]), DataError, "targets[0] is -inf"),
        ((np.array([[1.0, NAN]]), [1]), DataError, "inputs[0][1] is nan"),
        (([[Value(NAN)]], [1]), DataError, "inputs[0][0] is nan"),
        (([10**400], [1]), DataError, "inputs[0] is 1000"),
        (([["a"]], [1]), TypeError, "inputs[0][0] is 'a', expected a number"),
        (([1], [None]), TypeError, "targets[0] is None, expected a number"),
        (([1], [1j]), TypeError, "targets[0] is 1j, expected a number"),
        ((["ab"], [1]), TypeError, "inputs[0] is 'ab', expected a number"),
        (("ab", [1, 2]), TypeError, "got 'ab' as the inputs"),
        (([1], 1), TypeError, "got 1 as the targets"),
        (([[0], 1], [[1], 0], [[1], 1]), TypeError, "a tuple of 3; if these are pairs, pass tuple"),
        (None, TypeError, "expected (inputs, targets), both lists or arrays, got None"),
        (np.zeros((2, 2)), TypeError, "expected (inputs, targets)"),
        ({"inputs": [1], "targets": [1]}, TypeError, "expected (inputs, targets)"),
    ],
)
def test_what_is_no_data(data: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        as_dataset(data)
    assert said in str(caught.value)


# --- parts --------------------------------------------------------------------------------------

COUNTS = st.integers(2, 60)
FRACTIONS = st.floats(0.01, 0.99)


def _numbered(n: int, classes: int = 1) -> Dataset:
    return Dataset([[float(i)] for i in range(n)], [i % classes for i in range(n)], ("a",), "y")


@given(n=COUNTS, fraction=FRACTIONS, seed=st.integers(), stratify=st.booleans())
def test_split_gives_every_sample_to_one_part(
    n: int, fraction: float, seed: int, stratify: bool
) -> None:
    tested = round(fraction * n)
    if not 0 < tested < n:
        with pytest.raises(DataError, match="leaves one part empty"):
            split(_numbered(n), fraction)
        return
    train, test = split(_numbered(n), fraction, seed=seed, stratify=stratify)
    assert (len(train.targets), len(test.targets)) == (n - tested, tested)
    assert sorted([*train.inputs, *test.inputs]) == _numbered(n).inputs
    assert (train.features, test.target) == (("a",), "y")


@given(n=st.integers(10, 60), fraction=st.floats(0.1, 0.9), seed=st.integers())
def test_a_stratified_split_divides_each_class_alike(n: int, fraction: float, seed: int) -> None:
    data = _numbered(n, classes=3)
    _, test = split(data, fraction, seed=seed, stratify=True)
    tested, whole = Counter(test.targets), Counter(data.targets)
    for k in range(3):
        assert abs(tested[k] - whole[k] * len(test.targets) / n) < 1 + 1e-9


@pytest.mark.parametrize("stratify", [False, True])
def test_split_is_shuffled_and_the_same_from_the_same_seed(stratify: bool) -> None:
    data = _numbered(40, classes=2)
    parts = split(data, seed=1, stratify=stratify)
    assert parts == split(data, seed=1, stratify=stratify)
    assert parts != split(data, seed=2, stratify=stratify)
    for part in parts:
        assert part.inputs != sorted(part.inputs)
        assert part.targets != sorted(part.targets)


@pytest.mark.parametrize(
    ("stratify", "parts"),
    [
        (False, ([5, 3, 0, 4, 1, 2], [6, 8, 9, 7])),
        (True, ([6, 8, 9, 7, 3, 4], [5, 0, 1, 2])),
    ],
)
def test_a_seed_gives_these_parts_for_good(stratify: bool, parts: Any) -> None:
    found = split(_numbered(10, classes=2), 0.4, seed=1, stratify=stratify)
    assert tuple([x for [x] in part.inputs] for part in found) == parts


@pytest.mark.parametrize(
    ("targets", "fraction", "stratify", "said"),
    [
        ([0, 1], 0.0, False, "between 0 and 1, got 0.0"),
        ([0, 1], 1, False, "between 0 and 1, got 1"),
        ([0, 1], NAN, False, "between 0 and 1, got nan"),
        ([0, 1, 2], 0.1, False, "0.1 of 3 samples leaves one part empty"),
        ([0], 0.5, False, "leaves one part empty"),
        ([0, 0, 1], 0.5, True, "class 1 has 1 sample"),
        ([0.5, 0.5], 0.5, True, "targets[0] is 0.5, expected the index of a class"),
        ([[0, 1], [1, 0]], 0.5, True, "targets[0] is [0, 1], expected the index of a class"),
    ],
)
def test_what_cannot_be_split(
    targets: list[Any], fraction: float, stratify: bool, said: str
) -> None:
    with pytest.raises(DataError) as caught:
        split(([[0.0]] * len(targets), targets), fraction, stratify=stratify)
    assert said in str(caught.value)


@given(n=COUNTS, size=st.integers(1, 70), seed=st.none() | st.integers())
def test_batches_are_the_samples_in_pieces(n: int, size: int, seed: int | None) -> None:
    data = _numbered(n)
    parts = list(batches(data, size, seed=seed))
    assert [len(part.targets) for part in parts[:-1]] == [size] * (math.ceil(n / size) - 1)
    rows = [row for part in parts for row in part.inputs]
    assert (rows if seed is None else sorted(rows)) == data.inputs


def test_batches_are_shuffled_where_a_seed_is_given() -> None:
    whole = next(batches(_numbered(40), 40, seed=1))
    assert whole.inputs != _numbered(40).inputs
    source = random.Random(1)
    assert next(batches(_numbered(40), 40, seed=source)) == whole
    assert next(batches(_numbered(40), 40, seed=source)) != whole  # another order each epoch


@pytest.mark.parametrize(
    ("data", "size"), [(([1], [1]), 0), (([1], [1]), 1.5), (([], []), 1), (Dataset([1], [1, 2]), 1)]
)
def test_mistakes_with_batches_show_before_the_first(data: Any, size: Any) -> None:
    with pytest.raises(ValueError, match=r"expected .*, got"):
        batches(data, size)


# --- classes as rows ----------------------------------------------------------------------------


@pytest.mark.parametrize("targets", [[2, 0], [2.0, 0.0], (2, 0), np.array([2, 0]), [2, False]])
def test_one_hot(targets: Any) -> None:
    rows = one_hot(targets, 3)
    assert rows == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert {type(x) for row in rows for x in row} == {float}


@pytest.mark.parametrize("target", [3, -1, 0.5, NAN, INF, "1", None, [1]])
def test_what_is_no_index_of_a_class(target: Any) -> None:
    with pytest.raises(DataError, match=r"targets\[1\] is .*, a whole number from 0 to 2"):
        one_hot([0, target], 3)


def test_one_hot_needs_a_class() -> None:
    with pytest.raises(ShapeError, match="classes, 1 or more, got 0"):
        one_hot([], 0)


# --- one scale ----------------------------------------------------------------------------------

NUMBERS = st.floats(-1e6, 1e6).map(lambda x: round(x, 9))  # squares of less may underflow
NO_ROW: Any = 1.0


@given(rows=st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1))
def test_the_moments_are_numpys(rows: list[list[float]]) -> None:
    scale = Standardizer.of(iter(rows))
    assert scale.means == pytest.approx(np.mean(rows, axis=0), rel=1e-9, abs=1e-6)
    assert scale.deviations == pytest.approx(np.std(rows, axis=0), rel=1e-6, abs=1e-5)
    for row in rows:
        assert scale.inverse(scale(row)) == pytest.approx(row, rel=1e-9, abs=1e-6)


def test_a_large_mean_does_not_hide_the_deviation() -> None:
    scale = Standardizer.of([[1e9 + x] for x in (4.0, 7.0, 13.0, 16.0)])
    assert scale.deviations == [math.sqrt(22.5)]


@given(x=NUMBERS, n=st.integers(1, 20))
def test_a_column_that_does_not_vary_is_only_shifted(x: float, n: int) -> None:
    scale = Standardizer.of([[x]] * n)
    assert scale.state_dict() == {"means.0": x, "deviations.0": 0.0}
    assert (scale([x]), scale([x + 1.0])) == ([0.0], [x + 1.0 - x])
    assert scale.inverse(scale([x])) == [x]


@pytest.mark.parametrize(
    ("kept", "blank"),
    [(Standardizer((1.0, 2.0), (3.0, 0.0)), Standardizer(2)), (Rescaler(5.0, 0.5), Rescaler())],
)
def test_its_numbers_are_kept_with_the_model_and_never_trained(kept: Any, blank: Any) -> None:
    assert pickle.loads(pickle.dumps(kept)).state_dict() == kept.state_dict()
    blank.load_state_dict(kept.state_dict())
    assert blank.state_dict() == kept.state_dict()
    model = Sequential(kept, Neuron(2, None)).unfreeze()
    assert len(model.parameters()) == 3
    assert len(model.state_dict()) == 3 + len(kept.state_dict())


def test_a_rescaler_undoes_what_a_standardizer_of_targets_does() -> None:
    rescaler = Rescaler.of(([[0.0], [0.0]], [1000.0, 3000.0]))
    assert (rescaler(1.0), rescaler([0.0, -1.0])) == (3000.0, [2000.0, 1000.0])
    assert Rescaler.of(([[0.0]], [7.0]))(2.0) == 9.0
    y = rescaler(x := Value(0.5))
    y.backward()
    assert (y.data, x.grad) == (2500.0, 1000.0)


def test_a_gradient_passes_through_it() -> None:
    x = Value(5.0)
    (y,) = Standardizer((1.0,), (4.0,))([x])
    y.backward()
    assert (y.data, x.grad) == (1.0, 0.25)


def test_standardize() -> None:
    data = Dataset([[1.0, 7.0], [3.0, 7.0]], [0, 1], ("a", "b"), "y", ("cat", "dog"))
    scaled = Dataset([[-1.0, 0.0], [1.0, 0.0]], [0, 1], ("a", "b"), "y", ("cat", "dog"))
    assert standardize(data) == standardise(data) == scaled
    assert data.inputs == [[1.0, 7.0], [3.0, 7.0]]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: Standardizer((0.0,), (1.0,))([1.0, 2.0]), ShapeError, "expects 1 input, got 2"),
        (lambda: Standardizer((0.0,), (1.0,)).inverse([]), ShapeError, "expects 1 input, got 0"),
        (lambda: Standardizer((0.0,), (1.0,))(NO_ROW), TypeError, "a list of 1 number, got 1.0"),
        (lambda: Standardizer((0.0,), ()), DataError, "got 1 means and 0 deviations"),
        (lambda: Standardizer((0.0,), (-1.0,)), DataError, "standard deviation -1.0"),
        (lambda: Standardizer((NAN,), (1.0,)), DataError, "column 0 has mean nan"),
        (lambda: Standardizer.of([]), DataError, "one row at least, got none"),
        (lambda: Standardizer.of([[1.0], [1.0, 2.0]]), ShapeError, "expects 1 input, got 2"),
        (lambda: Standardizer.of([NO_ROW, NO_ROW]), TypeError, "got 1.0"),
        (lambda: Standardizer.of([[1.0], [NAN]]), DataError, "column 0 has mean nan"),
        (
            lambda: Standardizer.of([[1e308], [-1e308]]),
            DataError,
            "scale the column to numbers near 1",
        ),
        (
            lambda: Standardizer.of([[1e200], [-1e200]]),
            DataError,
            "scale the column to numbers near 1",
        ),
        (lambda: Standardizer.of(np.array([[1e308], [-1e308]])), DataError, "to numbers near 1"),
        (lambda: Standardizer.of([[1e-170], [2e-170]]), DataError, "scale the column to numbers"),
        (lambda: Rescaler.of(([[0.0]] * 2, [1e-170, 2e-170])), DataError, "deviation nan"),
        (lambda: standardise(([[NAN]], [1])), DataError, "inputs[0][0] is nan"),
        (lambda: standardise(([1.0], [1])), TypeError, "got 1.0"),
    ],
)
def test_what_has_no_scale(call: Callable[[], Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert said in str(caught.value)


def test_a_standardizer_takes_data_too() -> None:
    data = Dataset([[1.0, 5.0], [3.0, 5.0]], [0, 1], ("a", "b"), "kind", ("x", "y"))
    standardizer = Standardizer.of(data)
    assert standardizer.state_dict() == Standardizer.of(data.inputs).state_dict()
    assert standardizer(data) == replace(data, inputs=[[-1.0, 0.0], [1.0, 0.0]])
