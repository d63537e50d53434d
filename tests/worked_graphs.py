"""Graphs that the tests of explanations share."""

from __future__ import annotations

from typing import Any

from autograd_lite import Value


def named(label: str, value: Any) -> Value:
    value.name = label
    result: Value = value
    return result


def two_paths() -> tuple[Value, Value]:
    a = Value(3.0, name="a")
    b, c = named("b", a**2), named("c", -7 * a)
    return named("d", b * c), a
