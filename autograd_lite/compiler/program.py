"""A program: a function of numbers in a row, compiled path by path as its branches are taken.

Its paths are a tree. Each shares the first guards with the one that it left, and has the other
outcome at the next. A call runs the path that the last one took; where a guard fails there, it goes
on to the path that has left there, or traces it.
"""

from __future__ import annotations

import inspect
import operator
import random
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from threading import RLock
from time import perf_counter
from typing import Any, TypeVar

from .. import backprop, modes, ops
from ..errors import DomainError
from ..operation import Operation, primal
from ..transforms.functional import pull
from ..value import Value, recorded
from .lanes import Tracer, Way
from .passes import simplified
from .recording import lower
from .stand_ins import ArrayStand, Lanes, LanesShape, Load, values
from .tape import Input, Tape

Traced = Callable[[list[Value]], tuple[list[Any], Any]]  # Values to outputs, and what else
Compile = Callable[[Tape], Callable[..., Any]]
Explored = Sequence[list[list[Way]]]  # of each function that is mapped, in rounds
T = TypeVar("T")


class Unfit(Exception):  # noqa: N818  no error: it says that the function is to run eagerly
    """Raised where a call cannot be answered by compiled code; `told` where a user is to know."""

    def __init__(self, reason: str, told: bool = False) -> None:
        super().__init__(reason)
        self.told = told


FAILED = (Unfit, ArithmeticError, ValueError)  # the function is to run eagerly, and to say why


class Path:
    """One way through the function's branches: its tape, compiled."""

    def __init__(
        self, tape: Tape, outside: list[Value], aux: Any, backend: Compile, values: list[bool],
        loads: list[Load] | None, sources: Sequence[random.Random],
    ) -> None:  # fmt: skip
        self.sources = tuple(sources)  # what a call draws from
        self.lanes: list[LanesShape | None] = []  # the outputs that are in lanes, where any is
        self.tape, self.outside, self.aux, self.loads = tape, outside, aux, loads
        self.values = values  # which outputs are Values, where any is
        self.backend = backend
        self.explored: Explored = []  # ways through what is mapped
        self.parent: Path | None = None
        self.at = -1  # the number of the guard where it leaves its parent
        self.branches: dict[int, Path] = {}
        self.known: tuple[Any, Any] | None = None  # the outputs for the numbers it was traced with
        self.direct: Callable[..., Any] | None = None  # a whole call as one function
        self.seconds = 0.0  # that compiling took
        self.states: Sequence[Any] = [source.getstate() for source in self.sources]  # before a call
        self._derivatives: dict[int, Program] = {}

    @cached_property
    def kernel(self) -> Callable[..., Any]:
        """The tape as a function, compiled where it is first needed."""
        return self.timed(lambda: self.backend(self.tape))

    def timed(self, compiled: Callable[[], T]) -> T:
        """Compile, and add up how long that takes."""
        before, began = self.seconds, perf_counter()
        with modes.no_gc():
            made = compiled()
        self.seconds = before + perf_counter() - began  # what it compiled on the way included
        return made

    def __call__(self, leaves: Sequence[Any]) -> Any:
        """Return the outputs, or the number of the guard that does not hold.

        Where there are no outputs, nothing is drawn: whoever answers instead draws the same.
        """
        known, self.known = self.known, None
        if known is not None and known[0] is leaves:  # it need not be compiled to be called once
            return known[1]
        if not (self.sources or self.lanes):
            return self.kernel(*self.all_numbers(leaves))
        states, result = [source.getstate() for source in self.sources], None
        try:
            result = self.kernel(*self.all_numbers(leaves))
            if self.lanes and result.__class__ is not int:
                pairs = zip(result, self.lanes, strict=True)
                result = tuple([y if lanes is None else lanes.nested(y) for y, lanes in pairs])
        finally:
            if result is None or result.__class__ is int:
                self.set_back(states)
            self.states = states
        return result

    def set_back(self, states: Sequence[Any]) -> None:
        """Let what is drawn from be as it was."""
        for source, state in zip(self.sources, states, strict=True):
            source.setstate(state)

    def all_numbers(self, leaves: Sequence[Any], outside: bool = True) -> Sequence[Any]:
        """Return the inputs of the tape: from a call's, and the Values outside as they are now."""
        numbers = leaves if self.loads is None else [load(leaves) for load in self.loads]
        if not (self.outside and outside):
            return numbers
        return [*numbers, *[x._data for x in self.outside]]

    def numbers_again(self, leaves: Sequence[Any]) -> list[Any]:
        """Return the inputs of the last call as they are, Values too; it draws what that drew."""
        self.set_back(self.states)
        return [*self.all_numbers(leaves, outside=False), *self.outside]

    def nodes(self, leaves: Sequence[Any], results: Sequence[Any], wanted: Sequence[bool]) -> Any:
        """Return results with nodes of a graph for the wanted ones, whose derivative is compiled.

        Raises Unfit where one of these is in lanes.
        """
        recording, chosen = modes.current().recording, zip(results, wanted, strict=True)
        if not recording:  # these are leaves, those in lanes too
            return [values(y) if asked else y for y, asked in chosen]
        if any(y.__class__ is not float for y, asked in chosen if asked):
            raise Unfit("results in lanes are no nodes")
        numbers = self.numbers_again(leaves)
        arrays = {i: x for i, x in enumerate(numbers) if not isinstance(x, Value | float)}
        operands = tuple([x for i, x in enumerate(numbers) if i not in arrays])
        made = list(results)
        for i, asked in enumerate(wanted):
            if asked:
                made[i] = node = Value(results[i])
                op = Compiled(self, i, arrays)
                node._restore(results[i], backprop.ZERO, None, op, operands)
        return made

    def derivative(self, output: int) -> Program:
        """Return the program of the cotangents for one output: of its seed, then the inputs.

        Others have no part in it: 0 times a slope of theirs may be nan.
        """
        if output not in self._derivatives:
            inputs = [Input("g"), *self.tape.inputs]
            pulled = partial(self._pulled, output)
            self._derivatives[output] = Program(pulled, inputs, self.backend, all_values=True)
        return self._derivatives[output]

    def _pulled(self, output: int, values: list[Any]) -> tuple[list[Any], Any]:
        seed, *given = values
        xs = [x.column() if isinstance(x, ArrayStand) else x for x in given]
        y = recorded(self.tape.evaluate(xs)[output])
        wrt = [x for x in given if isinstance(x, Value)]  # not by numbers in lanes
        return pull(y, seed, wrt, create_graph=True), None

    def __reduce__(self) -> Any:
        return Path, (self.tape, [], None, self.backend, [], None, ())  # as results of it need it


class Program:
    """A function of Values in a row, compiled; called with floats, or with Values among them."""

    def __init__(
        self, function: Traced, inputs: Sequence[Input], backend: Compile, limit: int = 64,
        values: Sequence[int] = (), all_values: bool = False,
    ) -> None:  # fmt: skip
        self.values = values  # inputs that are Values, where it is called
        self.all_values = all_values  # whether its results are to be differentiated in any case
        self.function, self.inputs = function, inputs
        self.backend, self.limit = backend, limit
        self.root: Path | None = None
        self.last: Path | None = None
        self.failures = 0  # traces that came to nothing
        self.warned = False  # that it draws random numbers
        self.seconds = 0.0
        self._lock = RLock()

    def paths(self) -> Iterator[Path]:
        """Yield the paths, each after the one that it left."""
        stack = [self.root] if self.root else []
        while stack:
            path = stack.pop()
            yield path
            stack += [path.branches[k] for k in sorted(path.branches, reverse=True)]

    def run(
        self, numbers: Sequence[Any], answer: Callable[[Path], Any] | None = None
    ) -> tuple[Any, Path]:
        """Return the outputs for plain floats, and the path that gave them.

        `answer` runs a path in another way than on these numbers.

        Raises Unfit where the function should run eagerly, and what its operations raise.
        """
        path = self.last
        if path is None:
            path = self._extended(None, 0, numbers)
        failed = -1
        while True:
            try:
                result = path(numbers) if answer is None else answer(path)
            except Unfit:
                path.set_back(path.states)  # called eagerly, the function draws the same
                raise
            if result.__class__ is not int:
                self.last = path
                return result, path
            if result <= failed:  # what holds before a guard is the same on both sides of it
                raise self._inconsistent()
            failed = result
            path = self._other(path, result, numbers)

    def _other(self, path: Path, failed: int, numbers: Sequence[float]) -> Path:
        """Return the path that has the other outcome at a guard, having agreed until there."""
        while path.parent is not None and path.at >= failed:
            if path.at == failed:
                return path.parent
            path = path.parent
        return path.branches.get(failed) or self._extended(path, failed, numbers)

    def _extended(self, parent: Path | None, at: int, numbers: Sequence[float]) -> Path:
        with self._lock:  # threads may come here at once
            there = self.root if parent is None else parent.branches.get(at)
            if there is not None:
                return there
            if self.failures + sum(1 for _ in self.paths()) >= self.limit:
                raise self._too_many()
            path = self.traced(numbers, parent.explored if parent else ())
            if parent is None:
                self.root = path
                return path
            *before, (line, outcome) = parent.tape.guards()[: at + 1]
            if path.tape.guards()[: at + 1] != [*before, (line, not outcome)]:
                raise self._inconsistent()
            path.parent, path.at = parent, at
            parent.branches[at] = path
            return path

    def traced(self, leaves: Sequence[Any], explored: Explored = ()) -> Path:
        """Run the function on Values at some numbers, and lay out what it does there."""
        began = perf_counter()
        try:
            with modes.no_gc():
                return self._laid_out(leaves, explored)
        except FAILED as error:
            self.failures += 1
            if isinstance(error, Unfit):
                raise
            raise Unfit(str(error)) from error
        finally:
            self.seconds += perf_counter() - began

    def _laid_out(self, leaves: Sequence[Any], explored: Explored) -> Path:
        recorder, drawn = Tracer(leaves, self.inputs, self.backend, explored), _random_states()
        recorder.all_values = self.all_values
        recorder.values.update({id(recorder.stands[i]): True for i in self.values})
        with modes.compiling(recorder):
            outputs, aux = self.function(recorder.stands)
            lanes = [x._returned if isinstance(x, Lanes) else None for x in outputs]
            outputs = [x.nodes[0] if isinstance(x, Lanes) else x for x in outputs]
        if not self.warned and any(map(operator.ne, drawn, _random_states())):
            self.warned = True
            warnings.warn(
                "a jitted function drew random numbers while it was traced: they are constants "
                "from now on; draw them outside, and pass them as arguments",
                stacklevel=2,
            )
        values = [isinstance(x, Value) and recorder.is_value(x) for x in outputs]
        tape, outside = lower(recorder, outputs)
        path = Path(
            simplified(tape), outside, aux, self.backend, values if any(values) else [],
            None if recorder.plain else recorder.loads, list(recorder.sources),
        )  # fmt: skip
        path.lanes, path.explored = lanes if any(lanes) else [], recorder.explored
        recorder.stands.clear()  # those for arrays refer to the recorder
        if not (path.sources or path.lanes or any(tape.lanes())):
            path.known = leaves, [x._data if isinstance(x, Value) else x for x in outputs]
        return path

    def _inconsistent(self) -> Unfit:
        self.failures += 1
        return Unfit("does not do the same each time that it is called")

    def _too_many(self) -> Unfit:
        left = [path for path in self.paths() if path.parent is not None]
        places = Counter(path.tape.guards()[path.at][0] for path in left)
        if self.failures > places.total():
            return self.given_up(
                f"raised an error, or caught one, in {self.failures} of the calls that traced it; "
                "leave out jit, or choose by where so that nothing raises"
            )
        where = f", most of them at {places.most_common(1)[0][0]}" if places else ""
        return self.given_up(
            f"takes more than {self.limit} paths through its branches{where}; choose by where, "
            "maximum or minimum there, which take no path of their own, or raise max_paths"
        )

    def given_up(self, reason: str) -> Unfit:
        """Trace no more from now on, and return what tells why, the first time."""
        told, self.limit = self.limit > 0, 0
        return Unfit(reason, told)


def _plain(x: Any) -> float:
    return x._data if isinstance(x, Value) else primal(x)


def _random_states() -> list[Any]:
    """Return the states of the generators that all share: Python's, and NumPy's if it is used."""
    states: list[Any] = [random.getstate()]
    if "numpy" in sys.modules:  # which imports numpy.random where it is first asked for
        name, key, *rest = sys.modules["numpy"].random.get_state()
        states += [name, key.tobytes(), *rest]
    return states


class Compiled(Operation):
    """One output of a path, as an operation on its inputs."""

    def __init__(self, path: Path, output: int, arrays: dict[int, Any]) -> None:
        super().__init__(
            "jit", forward=self._forward, vjps=(self._cotangents,), formula=None, arity=None,
            symbol="jit", latex=r"\operatorname{{jit}}({args})", kinks={}, domain="its domain",
            defaults=(), doc="A compiled function.", signature=inspect.Signature(),
        )  # fmt: skip
        self.path, self.output = path, output
        self.arrays = arrays  # inputs in lanes, by their places: there is no derivative by them

    def _all(self, operands: Sequence[Any]) -> list[Any]:
        rest, count = iter(operands), len(operands) + len(self.arrays)
        return [self.arrays[i] if i in self.arrays else next(rest) for i in range(count)]

    def _forward(self, *numbers: float) -> float:
        results = self.path.kernel(*self._all(numbers))
        if results.__class__ is int:
            line, outcome = self.path.tape.guards()[results]
            raise DomainError(
                f"a jitted function was recorded where {line} is {outcome}, got numbers for which "
                f"it is {not outcome}; call the function itself with them"
            )
        return float(results[self.output])

    def _cotangents(self, g: Any, y: Any, *operands: Any) -> Sequence[Any]:
        recording = [x for x in (g, *operands) if x.__class__ is not float]
        numbers = [g, *self._all(operands)]
        try:
            return self._replayed(numbers, recording)
        except FAILED:
            if self.arrays:
                raise
        pulled = self.path._pulled(self.output, [ops.pos(recorded(x)) for x in numbers])[0]
        return pulled if recording else [x._data for x in pulled]

    def _replayed(self, numbers: list[Any], recording: list[Any]) -> Sequence[Any]:
        derivative = self.path.derivative(self.output)
        if not recording:
            return derivative.run(numbers)[0]  # type: ignore[no-any-return]
        plain = [x if i in self.arrays else _plain(x) for i, x in enumerate(numbers, -1)]
        results, path = derivative.run(plain)
        if all(isinstance(x, Value) for x in recording) and modes.recorder() is None:
            return path.nodes(numbers, results, [True] * len(results))  # type: ignore[no-any-return]
        return path.tape.evaluate(path.all_numbers(numbers))

    def __reduce__(self) -> Any:
        return Compiled, (self.path, self.output, self.arrays)
