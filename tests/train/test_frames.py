"""Columns of pandas, polars and what is like them: as data to train on, as rows, and at fault."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_lite import DataError
from autograd_lite.nn import MLP, Sequential
from autograd_lite.train import (
    Dataset,
    Rescaler,
    Standardizer,
    batches,
    fit,
    load_csv,
    split,
    standardize,
)
from autograd_lite.train.data.preparation import as_dataset

IRIS = Path(__file__).parents[2] / "examples" / "iris.csv"
NAN = math.nan


class Column:
    """A Series that has no more than is asked of one."""

    def __init__(self, cells: list[Any], name: str | None = None) -> None:
        self.cells, self.name = cells, name

    def to_list(self) -> list[Any]:
        return list(self.cells)

    def to_frame(self, name: str) -> Frame:
        return Frame({name: self.cells})

    def __len__(self) -> int:
        return len(self.cells)


class Frame:
    """A DataFrame that has no more than is asked of one; it cannot be read row by row."""

    def __init__(self, columns: Mapping[str, list[Any]]) -> None:
        self.cells = dict(columns)
        self.columns = list(columns)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self), len(self.columns)

    def __len__(self) -> int:
        return len(next(iter(self.cells.values())))

    def __getitem__(self, names: Any) -> Any:
        if isinstance(names, list):
            return Frame({name: self.cells[name] for name in names})
        return Column(self.cells[names], names)

    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("pandas gives names here, polars columns")


@pytest.fixture(params=["pandas", "polars", "of our own"])
def frame_of(request: pytest.FixtureRequest) -> Callable[[Mapping[str, list[Any]]], Any]:
    """Return what makes a frame of a library of a dict of columns."""
    if request.param == "of our own":
        return Frame
    made: Callable[[Any], Any] = pytest.importorskip(request.param).DataFrame
    return made


Make = Callable[[Mapping[str, list[Any]]], Any]

PETS: dict[str, list[Any]] = {
    "weight": [4.5, 0.5, 3.0],
    "legs": [4, 2, 4],
    "kind": ["dog", "bird", "cat"],
}
ROWS = [[4.5, 4.0], [0.5, 2.0], [3.0, 4.0]]


# --- data to train on -----------------------------------------------------------------------------


def test_columns_become_lists_and_their_names_are_kept(frame_of: Make) -> None:
    frame = frame_of(PETS)
    data = Dataset(frame[["weight", "legs"]], frame["kind"])
    assert data == Dataset(ROWS, [2, 0, 1], ("weight", "legs"), "kind", ("bird", "cat", "dog"))
    assert repr(data) == "Dataset(3 samples of weight, legs; kind is bird, cat or dog)"
    assert {type(x) for row in data.inputs for x in row} == {float}
    assert as_dataset((frame[["weight", "legs"]], frame["kind"])) == data


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_file_read_by_another_library_is_the_same_data(library: str) -> None:
    frame = pytest.importorskip(library).read_csv(IRIS)
    names = list(frame.columns)
    ours = load_csv(IRIS, "species")
    theirs = Dataset(frame[names[:-1]], frame["species"])
    assert vars(theirs) == vars(ours)
    assert repr(theirs.inputs) == repr(ours.inputs)
    assert Dataset(frame[names[1:3]], frame[names[0]]) == load_csv(
        IRIS, names[0], features=names[1:3]
    )


@pytest.mark.parametrize(
    ("cells", "targets", "classes"),
    [
        ([2, 0, 1], [2, 0, 1], ()),
        ([0.5, 1.0, 2.0], [0.5, 1.0, 2.0], ()),
        (["b", "a", "b"], [1, 0, 1], ("a", "b")),
        (["10", "9", "10"], [10.0, 9.0, 10.0], ()),  # as they stand in a CSV file
        ([True, False, True], [1, 0, 1], ("False", "True")),
    ],
)
def test_targets(
    frame_of: Make, cells: list[Any], targets: list[Any], classes: tuple[str, ...]
) -> None:
    frame = frame_of({**PETS, "y": cells})
    data = Dataset(frame[["legs"]], frame["y"])
    assert (data.targets, data.classes) == (targets, classes)
    assert list(map(type, data.targets)) == list(map(type, targets))


def test_labels_are_counted_as_the_classes_given_are(frame_of: Make) -> None:
    frame = frame_of(PETS)
    classes = ("dog", "cat", "bird", "fish")
    assert Dataset(frame[["legs"]], frame["kind"], classes=classes).targets == [0, 2, 1]
    assert Dataset(frame[["weight"]], frame["legs"], classes=classes).targets == [4, 2, 4]
    with pytest.raises(DataError, match=r"row 0, column 'kind': got the label 'dog', expected one"):
        Dataset(frame[["legs"]], frame["kind"], classes=("dig", "cat", "bird"))


def test_several_targets_are_rows(frame_of: Make) -> None:
    frame = frame_of(PETS)
    data = Dataset(frame[["legs"]], frame[["weight", "legs"]])
    assert (data.targets, data.target) == (ROWS, "weight, legs")
    assert Dataset(frame[["legs"]], frame[["kind"]]) == Dataset(frame[["legs"]], frame["kind"])


def test_names_that_are_given_come_first(frame_of: Make) -> None:
    frame = frame_of(PETS)
    data = Dataset(frame[["legs"]], frame["weight"], ("l",), "w")
    assert (data.features, data.target) == (("l",), "w")


def test_one_side_may_be_a_list_or_an_array(frame_of: Make) -> None:
    frame = frame_of(PETS)
    assert as_dataset((frame[["weight", "legs"]], np.array([1, 0, 1]))) == Dataset(
        ROWS, [1, 0, 1], ("weight", "legs")
    )
    assert as_dataset((np.array(ROWS), frame["legs"])) == Dataset(ROWS, [4, 2, 4], (), "legs")
    assert Dataset(frame["legs"], [1, 0, 1]).inputs == [[4.0], [2.0], [4.0]]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_series_without_a_name(library: str) -> None:
    series = pytest.importorskip(library).Series([1.0, 2.0])
    assert Dataset(series, series) == Dataset([[1.0], [2.0]], [1.0, 2.0], ("x",), "y")


def test_whatever_takes_data_takes_columns(frame_of: Make) -> None:
    frame = frame_of({"a": [0.0, 1.0, 2.0, 3.0], "y": [5.0, 7.0, 9.0, 11.0]})
    pair: Any = (frame[["a"]], frame["y"])
    lists = Dataset([[0.0], [1.0], [2.0], [3.0]], [5.0, 7.0, 9.0, 11.0], ("a",), "y")
    assert split(pair, 0.5, seed=1) == split(lists, 0.5, seed=1)
    assert list(batches(pair, 3)) == list(batches(lists, 3))
    assert standardize(pair) == standardize(lists)
    assert Rescaler.of(pair).state_dict() == Rescaler.of(lists).state_dict()
    losses = [
        fit(MLP(1, [2, 1], seed=0), data, epochs=2, validation=0.25, seed=0)["val_loss"]
        for data in (pair, lists)
    ]
    assert losses[0] == losses[1]


def test_a_label_is_one_class_in_training_and_in_validation(frame_of: Make) -> None:
    """Without birds, a dog would be class 1 and not 2."""
    frame = frame_of(PETS)
    fewer = frame_of({"legs": [4, 4], "kind": ["dog", "cat"]})
    model = MLP(1, [3], seed=0)
    train, validation = ((x[["legs"]], x["kind"]) for x in (frame, fewer))
    with pytest.raises(DataError, match=r"'bird, cat, dog', its validation 'cat, dog': the same"):
        fit(model, train, loss="cross_entropy", epochs=1, validation=validation)
    classes = Dataset(*train).classes
    same = Dataset(*validation, classes=classes)
    assert same.targets == [2, 1]
    fit(model, train, loss="cross_entropy", epochs=1, validation=same)
    fit(model, train, loss="cross_entropy", epochs=1, validation=([[4.0]], [2]))


# --- rows -----------------------------------------------------------------------------------------


def test_a_standardizer_of_columns_is_that_of_their_rows(frame_of: Make) -> None:
    frame = frame_of(PETS)[["weight", "legs"]]
    standardizer = Standardizer.of(frame)
    assert standardizer.state_dict() == Standardizer.of(ROWS).state_dict()
    array = np.array(ROWS)
    assert standardizer.state_dict() == Standardizer.of(array).state_dict()
    scaled = [standardizer(row) for row in ROWS]
    assert standardizer(frame) == standardizer(array) == scaled


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_model_takes_a_row_of_a_frame(library: str) -> None:
    frame = pytest.importorskip(library).DataFrame(PETS)[["weight", "legs"]]
    model = Sequential(Standardizer.of(frame), MLP(2, [2, 1], seed=0))
    row = frame.iloc[0] if library == "pandas" else frame.row(0)
    assert model(row) == model(frame.to_numpy()[0]) == model(ROWS[0])
    assert MLP(2, [1], seed=0)(row) == MLP(2, [1], seed=0)(ROWS[0])


# --- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            [1.0, NAN, 2.0],
            "row 1, column 'a': got nan, expected a finite number; fill it in or leav",
        ),
        ([1.0, 2.0, math.inf], "row 2, column 'a': got inf, expected a finite number; fill it in"),
        (
            ["Rome", "Oslo", "Rome"],
            "row 0, column 'a': got 'Rome', expected a number; correct it, ",
        ),
        (["1.5", "2", "1,5"], "row 2, column 'a': got '1,5', expected a number; write a decimal"),
        (["1", "", "2"], "row 1, column 'a': the cell is empty, expected a number; fill it in or"),
    ],
)
def test_what_is_no_number_is_named_with_its_row_and_column(
    frame_of: Make, cells: list[Any], said: str
) -> None:
    frame = frame_of({**PETS, "a": cells})
    for call in (
        lambda: Dataset(frame[["weight", "a"]], frame["legs"]),
        lambda: fit(MLP(2, [1]), (frame[["weight", "a"]], frame["legs"])),
        lambda: Standardizer.of(frame[["weight", "a"]]),
    ):
        with pytest.raises(DataError) as caught:
            call()
        assert str(caught.value).startswith(f"{type(frame).__name__}, {said}")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([1.0, NAN, 2.0], "row 1, column 'y': got nan, expected a finite number"),
        ([1, 2, 10**400], "row 2, column 'y': got 1000"),
        (["cat", "dog", ""], "row 2, column 'y': the cell is empty, expected a label"),
        (["cat", "dog", None], "row 2, column 'y': the cell is empty, expected a label"),
        ([1.0, 2.0, None], "row 2, column 'y': "),  # nan to pandas, nothing to polars
    ],
)
def test_targets_at_fault(frame_of: Make, cells: list[Any], said: str) -> None:
    if frame_of is not Frame and 10**400 in cells:
        pytest.skip("another library has no such numbers")
    frame = frame_of({**PETS, "y": cells})
    with pytest.raises(DataError) as caught:
        Dataset(frame[["legs"]], frame["y"])
    assert said in str(caught.value)


def test_missing_cells_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    numbers = pandas.Series([1, None], dtype="Int64", name="n")
    days = pandas.Series([pandas.NaT, pandas.Timestamp(0)], name="d")
    for series, expected in ((numbers, "row 1, column 'n'"), (days, "row 0, column 'd'")):
        with pytest.raises(DataError, match=f"{expected}: the cell is empty, expected a number"):
            Dataset(series, [1, 2])
    with pytest.raises(DataError, match=r"row 0, column 'd': got 1970-01-01 00:00:00, expected"):
        Dataset(days[1:], [1])


def test_names_of_columns_at_fault() -> None:
    pandas = pytest.importorskip("pandas")
    twice = pandas.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    with pytest.raises(DataError, match="DataFrame: columns 1 and 3 are both named 'a'"):
        Dataset(twice, [1])
    with pytest.raises(DataError, match="column 2 of 2 has no name"):
        Dataset(pandas.DataFrame([[1, 2]], columns=["a", ""]), [1])
    assert Dataset(pandas.DataFrame([[1, 2]]), [1]).features == ("0", "1")


def test_a_frame_alone_is_no_data(frame_of: Make) -> None:
    with pytest.raises(TypeError, match=r"both lists or arrays, got a \w+; pass \(frame\[\['a', "):
        fit(MLP(1, [1]), frame_of(PETS))


def test_a_frame_that_is_not_read_yet_is_no_data() -> None:
    polars = pytest.importorskip("polars")
    with pytest.raises(TypeError, match="as the inputs"):
        as_dataset((polars.LazyFrame(PETS), [1, 2, 3]))


def test_columns_without_rows_are_no_data(frame_of: Make) -> None:
    frame = frame_of({"a": [], "y": []})
    with pytest.raises(DataError, match="one sample at least, got none"):
        fit(MLP(1, [1]), (frame[["a"]], frame["y"]))
