"""CSV files: what is read, and what is said where a file is not right."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd_lite import DataError
from autograd_lite.train import Dataset, load_csv, load_inputs

Write = Any  # text or bytes to the path of a file that holds them


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: str | bytes) -> Path:
        path = tmp_path / "data.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "data"),
    [
        ("a,b,y\n1,2,3\n", {}, Dataset([[1.0, 2.0]], [3.0], ("a", "b"), "y")),
        ("y,a,b\n3,1,2\n", {}, Dataset([[1.0, 2.0]], [3.0], ("a", "b"), "y")),
        ("a,b,y\n1,2,3\n", {"features": ["b"]}, Dataset([[2.0]], [3.0], ("b",), "y")),
        ("a,b,y\n1,2,3\n", {"features": ["b", "a"]}, Dataset([[2.0, 1.0]], [3.0], ("b", "a"), "y")),
        ("a,b,y\n1,2,3\n", {"features": [1, 0]}, Dataset([[2.0, 1.0]], [3.0], ("b", "a"), "y")),
        ("a,b,y\nx,2,3\n", {"features": ["b"]}, Dataset([[2.0]], [3.0], ("b",), "y")),
        ("a,b,y\nx,2,3\n", {"exclude": ["a"]}, Dataset([[2.0]], [3.0], ("b",), "y")),
        ("a,b,y\n1,2,3\n", {"features": [-3]}, Dataset([[1.0]], [3.0], ("a",), "y")),
        ("a,b,y\nx,2,3\n", {"exclude": [0, -1]}, Dataset([[2.0]], [3.0], ("b",), "y")),
        ("a,b,y\n1,2,3\n", {"exclude": []}, Dataset([[1.0, 2.0]], [3.0], ("a", "b"), "y")),
        ("a;y\n1;2\n", {"delimiter": ";"}, Dataset([[1.0]], [2.0], ("a",), "y")),
        ("a\ty\n1\t2\n", {"delimiter": "\t"}, Dataset([[1.0]], [2.0], ("a",), "y")),
        ("a y\n1 2\n", {"delimiter": " "}, Dataset([[1.0]], [2.0], ("a",), "y")),
        ("\n a , y \n\n 1 , -2e-3 \n   \n", {}, Dataset([[1.0]], [-0.002], ("a",), "y")),
        ("a,y\r\n1,2\r\n", {}, Dataset([[1.0]], [2.0], ("a",), "y")),
        ("a,y\r1,2\r", {}, Dataset([[1.0]], [2.0], ("a",), "y")),
        ("a,y\n1,2", {}, Dataset([[1.0]], [2.0], ("a",), "y")),
        ('"a, b",y\n"1", "2"\n', {}, Dataset([[1.0]], [2.0], ("a, b",), "y")),
        ('"a\n""b""",y\n1,2\n', {}, Dataset([[1.0]], [2.0], ('a\n"b"',), "y")),
        ("\ufeffa,y\n1,2\n", {}, Dataset([[1.0]], [2.0], ("a",), "y")),
        ("a;b,y\n1,2\n", {}, Dataset([[1.0]], [2.0], ("a;b",), "y")),
        ("7,y\n1,2\n", {}, Dataset([[1.0]], [2.0], ("7",), "y")),
        ("a,y\n1e308,1e308\n", {}, Dataset([[1e308]], [1e308], ("a",), "y")),
    ],
)
def test_numbers(write: Write, text: str, options: dict[str, Any], data: Dataset) -> None:
    assert load_csv(write(text), "y", **options) == data


def test_names_that_are_numbers_are_names_where_one_of_them_is_asked_for(write: Write) -> None:
    assert load_csv(write("0,1\n5,6\n"), "1") == Dataset([[5.0]], [6.0], ("0",), "1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "latin-1", "utf-8-sig"])
def test_encodings(write: Write, encoding: str) -> None:
    data = load_csv(write("größe,y\n1,é\n".encode(encoding)), "y", encoding=encoding)
    assert (data.features, data.classes) == (("größe",), ("é",))


@pytest.mark.parametrize(
    ("column", "classes", "targets", "labels"),
    [
        ("cat dog cat", None, [0, 1, 0], ("cat", "dog")),
        ("dog cat cat", None, [1, 0, 0], ("cat", "dog")),
        ("dog 7 cat", None, [2, 0, 1], ("7", "cat", "dog")),
        ("dog cat dog", ["dog", "cat"], [0, 1, 0], ("dog", "cat")),
        ("dog dog dog", ["cat", "dog"], [1, 1, 1], ("cat", "dog")),
        ("2 10 1", None, [2.0, 10.0, 1.0], ()),
        ("2 10 1", False, [2.0, 10.0, 1.0], ()),
        ("2 10 1", True, [1, 2, 0], ("1", "2", "10")),
        ("2 1.0 1", True, [2, 1, 0], ("1", "1.0", "2")),
        ("1 0 1", [0, 1], [1, 0, 1], ("0", "1")),
        ("nan 1 inf", True, [2, 0, 1], ("1", "inf", "nan")),
    ],
)
def test_targets_are_numbers_or_the_indices_of_labels(
    write: Write, column: str, classes: Any, targets: list[Any], labels: Any
) -> None:
    path = write("\n".join(["a,kind", *(f"1,{label}" for label in column.split())]))
    data = load_csv(path, "kind", classes=classes)
    assert (data.targets, data.classes) == (targets, labels)
    assert set(map(type, data.targets)) == {int if labels else float}


@pytest.mark.parametrize(
    ("target", "features", "name"),
    [(-1, ("x1", "x2"), "x3"), (0, ("x2", "x3"), "x1"), ("x2", ("x1", "x3"), "x2")],
)
def test_columns_without_names_are_found_by_position(
    write: Write, target: Any, features: tuple[str, ...], name: str
) -> None:
    row = {"x1": 1.0, "x2": 2.0, "x3": 3.0}
    data = load_csv(write("1,2,3\n"), target, header=False)
    assert data == Dataset([[row[x] for x in features]], [row[name]], features, name)


# --- mistakes -----------------------------------------------------------------------------------

TARGET_Y: dict[str, Any] = {"target": "y"}


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        # cells
        ("a,y\n1,2\n,4\n", {}, ["line 3, column 'a'", "empty"]),
        ("a,y\n1,2\n3,  \n", {}, ["line 3, column 'y'", "empty"]),
        ("a,y\n1,cat\n3,\n", {}, ["line 3, column 'y'", "empty", "label"]),
        ("a,y\n1,2\n,\n", {}, ["line 3, column 'a'", "empty"]),
        ("a y\n1  2\n", {"delimiter": " "}, ["line 2", "got 3 cells, expected 2"]),
        ("a,y\n1,2\n3\n", {}, ["line 3:", "got 1 cell, expected 2"]),
        ("a,y\n1,2\n3,4,\n", {}, ["line 3:", "got 3 cells, expected 2 as in line 1", "quotes"]),
        ("a,y\n1,2,3\n", {}, ["line 2:", "got 3 cells, expected 2"]),
        (
            "a,y\n1,2\nx,2\n",
            {},
            [
                "line 3, column 'a'",
                "got 'x', expected a number; correct it, or leave the column out: exclude=['a']",
            ],
        ),
        ("a,b,y\n1,x,2\n", {"features": ["b"]}, ["leave the column out of the features"]),
        ("i,b,y\n1,x,2\n", {"exclude": ["i"]}, ["leave the column out: exclude=['i', 'b']"]),
        (f"{'i' * 200},b,y\n1,x,2\n", {"exclude": [0]}, ["leave the column out by exclude"]),
        (f"{'i' * 200},b,y\nx,1,2\n", {}, ["leave the column out by exclude"]),
        ("a,y\n\n1,2\n\n\nx,2\n", {}, ["line 6, column 'a'"]),
        ('a,b,y\n1,"2\n",3\nx,2,3\n', {}, ["line 4, column 'a'"]),
        ('a,t,y\n1,"u\nv",3\nx,2,3\n', {"features": ["a"]}, ["line 4, column 'a'"]),
        ("a,y\r1,2\rx,4\r", {}, ["line 3, column 'a'"]),
        ("a,y\n1,2\nnan,2\n", {}, ["line 3, column 'a'", "'nan'", "finite"]),
        ("a,y\n1,-Infinity\n", {}, ["line 2, column 'y'", "'-Infinity'", "finite"]),
        ("a,y\n1e999,2\n", {}, ["line 2, column 'a'", "'1e999'", "scale"]),
        ("a,y\n1_000,2\n", {}, ["line 2, column 'a'", "'1_000'", "digits 0 to 9"]),
        ("a,y\n１２,2\n", {}, ["line 2, column 'a'", "'１２'", "digits 0 to 9"]),
        ("a;y\n1,5;2\n", {"delimiter": ";"}, ["column 'a'", "'1,5'", "a decimal point"]),
        ("a,y\n0x10,2\n", {}, ["'0x10', expected a number"]),
        ("a,y\n1\x00,2\n", {}, ["line 2, column 'a'", "null byte", "utf-16"]),
        ("a,y\n1,c\x00t\n", {}, ["line 2, column 'y'", "null byte", "utf-16"]),
        # targets
        ("a,y\n1,2\n1,cat\n", {}, ["line 3, column 'y'", "'cat'", "classes=True"]),
        ("a,y\n1,cat\n", {"classes": False}, ["line 2, column 'y'", "'cat'", "classes=True"]),
        ("a,y\n1,cta\n", {"classes": ["cat"]}, ["line 2, column 'y'", "'cta'", "mean 'cat'"]),
        ("a,y\n1,2\n", {"classes": []}, ["each label once"]),
        ("a,y\n1,2\n", {"classes": ["1", 1]}, ["each label once"]),
        # columns
        ("a,b,a,y\n1,2,3,4\n", {}, ["line 1", "columns 1 and 3", "'a'", "rename"]),
        (",a,y\n0,1,2\n", {}, ["line 1", "column 1 of 3 has no name"]),
        ("a\x00,y\n1,2\n", {}, ["line 1", "null byte"]),
        ("1,2\n3,4\n", {}, ["line 1", "header=False"]),
        ("1,2\n3,4\n", {"target": -1}, ["line 1", "header=False"]),
        ("a;y\n1;2\n", {}, ["line 1", "delimiter=';'"]),
        ("a\ty\n1\t2\n", {}, ["line 1", r"delimiter='\t'"]),
        ("a,y\n1,2\n", {"delimiter": ";"}, ["line 1", "delimiter=','"]),
        ("1;2\n", {"header": False, "target": 0}, ["line 1", "delimiter=';'"]),
        ("price,y\n1,2\n", {"target": "pirce"}, ["'pirce'", "mean 'price'", "price, y"]),
        ("a,y\n1,2\n", {"target": 2}, ["no column 2", "-2 to 1"]),
        ("a,y\n1,2\n", {"features": ["b"]}, ["no column is named 'b'", "a, y"]),
        ("a,y\n1,2\n", {"features": ["a", 0]}, ["'a'", "twice"]),
        ("a,y\n1,2\n", {"features": ["a", "y"]}, ["'y'", "the target and a feature"]),
        ("a,y\n1,2\n", {"features": []}, ["empty"]),
        ("y\n1\n", {}, ["no features are left"]),
        ("a,y\n1,2\n", {"exclude": ["a"]}, ["no features are left"]),
        ("Price,y\n1,2\n", {"exclude": ["price"]}, ["'price'", "mean 'Price'"]),
        ("a,y\n1,2\n", {"exclude": [2]}, ["no column 2"]),
        ("a,b,y\n1,2,3\n", {"exclude": ["a", 0]}, ["'a'", "twice"]),
        ("a,b,y\n1,2,3\n", {"exclude": ["a"], "features": ["b"]}, ["not both"]),
        ("5.1,cat\n1,2\n", {}, ["no column is named 'y'", "pass header=False"]),
        # files
        ("", {}, ["data.csv: the file is empty"]),
        ("\n \n\n", {}, ["the file is empty"]),
        ("\ufeff", {}, ["the file is empty"]),
        ("", {"header": False}, ["the file is empty, expected rows"]),
        ("a,y\n", {}, ["line 1", "expected rows"]),
        ('a,y\n1,2\n"3,4\n5,6\n', {}, ["line 3", "quote", "never closed"]),
        ('a,y\n1,"2"3\n', {}, ["line 2", "quote", "twice"]),
        ("a,y\n1,2\n" + "9" * 140_000 + ",1\n", {}, ["line 3", "131,072 characters"]),
        (b"a,y\n1,2\n3,\xff\n", {}, ["line 3", "0xff at offset 10", "utf-8", "latin-1"]),
        (b"a,y\r1,2\r\n3,\xc3", {}, ["line 3", "0xc3 at offset 11"]),
        (b"a,y\n" + b"1,2\n" * 40_000 + b"\xc3(", {}, ["line 40002", "0xc3 at offset 160004"]),
        ("a,y\n1,2\n".encode("utf-16"), {}, ["line 1", "0xff at offset 0", "encoding='utf-16'"]),
        ("a,y\n1,2\n".encode("utf-16-le"), {}, ["line 1", "null byte", "encoding='utf-16'"]),
        ("a,y\n1,2\n", {"encoding": "utf-16"}, ["no text in utf-16", "encoding='utf-8'"]),
        ("a,y\n1,2", {"encoding": "utf-16"}, ["does not start with BOM", "encoding='utf-8'"]),
        (b"\xff\xfea\x00,\x00y\x00\n\x00\x00\xdc", {"encoding": "utf-16"}, ["line 2", "offset 10"]),
        ("a,y\n1,é\n", {"encoding": "ascii"}, ["line 2", "0xc3 at offset 6", "ascii"]),
        # options
        ("a,y\n1,2\n", {"encoding": "utf-9"}, ["no encoding is named 'utf-9'"]),
        ("a,y\n1,2\n", {"encoding": "hex"}, ["no encoding is named 'hex'"]),
        ("a,y\n1,2\n", {"delimiter": ", "}, ["one character", "', '"]),
        ("a,y\n1,2\n", {"delimiter": '"'}, ["one character"]),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_to_do(
    write: Write, content: Any, options: dict[str, Any], said: list[str]
) -> None:
    path = write(content)
    with pytest.raises(DataError) as caught:
        load_csv(path, **{**TARGET_Y, **options})
    message = str(caught.value)
    assert [part for part in said if part not in message] == [], message
    assert "\n" not in message
    assert len(message) < 300 + len(str(path))


@pytest.mark.parametrize(
    ("content", "end"),
    [
        ("a,y\n1,2\n,2\n", "is empty, expected a number; fill it in or leave the row out"),
        ("a,y\ninf,2\n", "'inf', expected a finite number; fill it in or leave the row out"),
        ("a\x00,y\n1,2\n", "line 1: got 'a\\x00' with a null byte, expected text; is it a text "
         "file, and the encoding right? Try encoding='utf-16'"),
        ("a,y\n1,2\n1,k\n", "expected a number; where these are labels pass classes=True"),
    ],
)  # fmt: skip
def test_each_mistake_has_one_remedy(write: Write, content: str, end: str) -> None:
    with pytest.raises(DataError) as caught:
        load_csv(write(content), "y")
    assert str(caught.value).endswith(end)


def test_columns_that_are_many_are_not_all_listed(write: Write) -> None:
    for n, end in ((20, "c18, c19"), (21, "c18, c19 ...")):
        names = ",".join(f"c{i}" for i in range(n))
        with pytest.raises(DataError, match=f"no column is named 'y'; there are c0, .*, {end}$"):
            load_csv(write(f"{names}\n{names.replace('c', '')}\n"), "y")


def test_classes_that_are_many_are_not_all_listed(write: Write) -> None:
    path = write("a,y\n1,none\n")
    for n, last in ((10, "c9"), (11, "c9 ...")):
        with pytest.raises(DataError, match=f"expected one of c0, .*, {last}$"):
            load_csv(path, "y", classes=[f"c{i}" for i in range(n)])


def test_a_file_that_cannot_be_opened_is_pythons_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.csv"):
        load_csv(tmp_path / "none.csv", "y")
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        load_csv(tmp_path, "y")


@pytest.mark.parametrize(
    "options",
    [{"features": "ab"}, {"exclude": "ab"}, {"exclude": 0}, {"classes": "ab"}, {"classes": 2}],
)
def test_what_should_be_a_list(write: Write, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="list"):
        load_csv(write("a,b,y\n1,2,3\n"), "y", **options)


@pytest.mark.parametrize("target", [None, True, 1.0, ["y"]])
def test_a_column_is_a_name_or_a_position(write: Write, target: Any) -> None:
    with pytest.raises(TypeError, match="a column is a name or a position"):
        load_csv(write("a,y\n1,2\n"), target)


# --- any table ----------------------------------------------------------------------------------

FINITE = st.floats(allow_nan=False, allow_infinity=False)
TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(FINITE, min_size=width, max_size=width), min_size=1)
)
LABELS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=5
).filter(lambda text: text == text.strip())
EACH_EXAMPLE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def _as_csv(rows: list[list[Any]], dialect: str = "excel") -> str:
    text = io.StringIO()
    csv.writer(text, dialect).writerows(rows)
    return text.getvalue()


def _bits(rows: Any) -> str:
    return repr([[x.hex() for x in row] for row in rows])


@EACH_EXAMPLE
@given(table=TABLES, dialect=st.sampled_from(["excel", "unix"]))
def test_floats_come_back_bit_for_bit(write: Write, table: Any, dialect: str) -> None:
    data = load_csv(write(_as_csv(table, dialect)), -1, header=False)
    rows = [[*row, target] for row, target in zip(*data, strict=True)]
    assert _bits(rows) == _bits(table)


@EACH_EXAMPLE
@given(labels=st.lists(LABELS, min_size=1))
def test_labels_come_back_as_they_were_written(write: Write, labels: list[str]) -> None:
    data = load_csv(write(_as_csv([["a", "y"], *([1, x] for x in labels)])), "y", classes=True)
    assert [data.classes[i] for i in data.targets] == labels


@pytest.mark.parametrize("header", [True, False])
def test_many_columns_take_no_longer_than_their_number(write: Write, header: bool) -> None:
    """Any work for each pair of columns would be 400 million steps, some minutes."""
    n = 20_000
    names = ",".join(f"c{i}" for i in range(n))
    row = ",".join(["1"] * n)
    path = write("\n".join([names if header else row, row, row]))
    clock = time.process_time()
    data = load_csv(path, 5, header=header)
    assert len(data.inputs[0]) == n - 1
    assert load_csv(path, 5, features=data.features, header=header) == data
    assert load_csv(path, 5, exclude=data.features[9:], header=header).features == data.features[:9]
    load_inputs(path, data.features, header=header)
    assert time.process_time() - clock < 3


# --- inputs to predict from ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "features", "options", "rows"),
    [
        ("a,b\n1,2\n3,4\n", ["a", "b"], {}, [[1.0, 2.0], [3.0, 4.0]]),
        ("b,a\n1,2\n", ["a", "b"], {}, [[2.0, 1.0]]),
        ("b,y,a\n1,cat,2\n", ["a", "b"], {}, [[2.0, 1.0]]),
        ("1,2\n", ["x2", "x1"], {"header": False}, [[2.0, 1.0]]),
        ("1,2,3\n", ["x1", "x3"], {"header": False}, [[1.0, 3.0]]),
        ("1,2,3\n", [-1, 0], {"header": False}, [[3.0, 1.0]]),
        ("1,2\n", [1, 0], {"header": False}, [[2.0, 1.0]]),
        ("a\n1\n\n2\n", ["a"], {}, [[1.0], [2.0]]),
        ("a;b\n1;2\n", ["b"], {"delimiter": ";"}, [[2.0]]),
        ('"a,b"\n1\n', ["a,b"], {}, [[1.0]]),
    ],
)
def test_inputs(write: Write, text: str, features: Any, options: Any, rows: Any) -> None:
    assert load_inputs(write(text), features, **options) == rows


@pytest.mark.parametrize(
    ("text", "features", "options", "said"),
    [
        ("weight,b\n1,2\n", ["wieght"], {}, ["'wieght'", "mean 'weight'"]),
        ("1,2\n3,4\n", ["a"], {}, ["header=False"]),
        ("1,2,3\n", ["a", "b"], {"header": False}, ["'a'", "x1, x2, x3"]),
        ("1,2\n", ["x2", "x3"], {"header": False}, ["'x3'", "x1, x2"]),
        ("a,b\n1,\n", ["a", "b"], {}, ["line 2, column 'b'", "empty"]),
        ("a,b\n", ["a"], {}, ["expected rows"]),
        ("", ["a"], {}, ["empty"]),
        ("a,b\n1,2\n", [], {}, ["empty"]),
    ],
)
def test_inputs_that_are_not_there(
    write: Write, text: str, features: Any, options: Any, said: list[str]
) -> None:
    with pytest.raises(DataError) as caught:
        load_inputs(write(text), features, **options)
    assert [part for part in said if part not in str(caught.value)] == []
