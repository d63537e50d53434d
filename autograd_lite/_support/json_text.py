"""JSON proper has no inf and no nan: here they are the texts "inf", "-inf" and "nan"."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from .wording import UNPRINTABLE


def json_text(x: Any, indent: int | None = None) -> str:
    """Return lists, dicts, strings and numbers as JSON, floats so that they come back bit for bit.

    What a terminal should not be given is escaped, which is the same string to who reads it.

    >>> json_text({"loss": [0.1, float("inf")]})
    '{"loss": [0.1, "inf"]}'
    """
    text = json.dumps(_finite(x), indent=indent, ensure_ascii=False, allow_nan=False)
    return UNPRINTABLE.sub(_escaped, text)


def parsed_json(text: str | bytes) -> Any:
    """Return what JSON text says; what is no JSON raises ValueError, however hostile it is.

    A number too large for a float, or a nesting too deep to read, is refused as well.

    >>> parsed_json('{"loss": [0.1, "inf"]}')
    {'loss': [0.1, 'inf']}
    >>> parsed_json("[1e999]")
    Traceback (most recent call last):
    ValueError: the number 1e999 is too large
    """
    try:
        return json.loads(text, parse_float=_float, parse_int=_int, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def numbers_in_json(x: Any) -> Any:
    """Return lists and dicts in which json_text's three texts are the numbers they stand for.

    >>> numbers_in_json({"loss": ["-inf", 2.0], "name": "two"})
    {'loss': [-inf, 2.0], 'name': 'two'}
    """
    if isinstance(x, dict):
        return {name: numbers_in_json(part) for name, part in x.items()}
    if isinstance(x, list):
        return [numbers_in_json(part) for part in x]
    return float(x) if isinstance(x, str) and x in ("inf", "-inf", "nan") else x


def _escaped(sign: re.Match[str]) -> str:
    return "\n" if sign[0] == "\n" else json.dumps(sign[0])[1:-1]


def _finite(x: Any) -> Any:
    if isinstance(x, float):
        return x if math.isfinite(x) else str(x)
    if isinstance(x, dict):
        return {key: _finite(part) for key, part in x.items()}
    return [_finite(part) for part in x] if isinstance(x, (list, tuple)) else x


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def _int(digits: str) -> int:
    if len(digits) > 19:  # no count is of more digits, and reading them takes time
        raise ValueError(f"the number {digits[:20]}... is too large")
    return int(digits)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")
