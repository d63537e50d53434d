"""Module: a thing with parameters, found by walking its attributes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from reprlib import recursive_repr
from typing import Any, Self

from .._support.remedies import add_foreign, helpful
from .._support.validation import as_float, unknown
from .._support.wording import aligned, count, printable, shortened
from ..errors import StateError
from ..value import Value

Inputs = Sequence[Value | float]  # what most modules are called with


class Module:
    """The base of everything that has parameters.

    A parameter is a leaf Value held by an attribute, in however many lists, tuples, dicts and
    Modules; its name is the path to it. `training` tells whether the module is in training, which
    some modules (Dropout) ask.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Value(2.0)
    ...         self.powers = [Value(0.0), Value(1.0)]
    >>> [name for name, _ in Line().named_parameters()]
    ['slope', 'powers.0', 'powers.1']
    """

    training: bool = True
    _frozen: bool = False
    _constant: bool = False  # its numbers are measured, not learnt: frozen, and never unfrozen
    _one_row: bool = False  # in a summary: the modules inside are its units, with no rows of theirs

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            helpful(cls)

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Return what `forward` does: a module has a `__call__` of its own, or PyTorch's word."""
        return self.forward(*inputs, **options)  # type: ignore[attr-defined]

    # --- what it holds --------------------------------------------------------------------------

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter that is not frozen once, with its name, in attribute order."""
        for path, x, frozen in _walk(self):
            if isinstance(x, Value) and not frozen:
                yield path, x

    def _containers(self) -> Iterator[Any]:
        """Yield whatever parameters are found in: attributes, lists, tuples and dicts."""
        pending: list[Any] = [self]
        seen = set[int]()
        while pending:
            x = pending.pop()
            if id(x) not in seen:
                seen.add(id(x))
                container = vars(x) if isinstance(x, Module) else x
                yield container
                parts = container.values() if isinstance(container, Mapping) else container
                pending += [y for y in parts if isinstance(y, Module | Mapping | list | tuple)]

    def parameters(self) -> list[Value]:
        """List the parameters that are not frozen, in the order of the attributes."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Yield this module (its path is "") and each one inside it once, with its path.

        >>> from autograd_lite.nn import Dropout, Layer, Sequential
        >>> [path for path, _ in Sequential(Dropout(0.5), Dropout(0.1)).named_modules()]
        ['', 'steps.0', 'steps.1']
        """
        for path, x, _ in _walk(self):
            if isinstance(x, Module):
                yield path, x

    def name_parameters(self) -> None:
        """Give each parameter its path as its name, for pictures and messages.

        >>> from autograd_lite.nn import Neuron
        >>> Neuron(2, seed=0).bias.name
        'bias'
        """
        for path, parameter in self._all_parameters().items():
            parameter.name = path

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Set the `.grad` of every parameter to 0 (or None, see Optimizer), frozen ones too."""
        grad: Any = None if set_to_none else 0.0
        for parameter in (*self._all_parameters().values(), *self.parameters()):
            parameter.grad = grad  # of a subclass, parameters() may list others

    # --- how it behaves -------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Put this module, and all inside it, in training (or out of it); return the module.

        >>> from autograd_lite.nn import Dropout
        >>> Dropout(0.5).train(False).training
        False
        """
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Put this module, and all inside it, out of training; return the module."""
        return self.train(False)

    def freeze(self) -> Self:
        """Leave the parameters out of `parameters()`, so that no optimizer made later moves them.

        They keep their places in the graph, in `state_dict()` and in `summary()`. A parameter that
        is also held by a module that is not frozen can still be trained there.

        >>> from autograd_lite.nn import MLP
        >>> model = MLP(2, [4, 1], seed=0)
        >>> _ = model.layers[0].freeze()
        >>> len(model.parameters())
        5
        """
        for _, module in self.named_modules():
            module._frozen = True
        return self

    def unfreeze(self) -> Self:
        """List the parameters of this module, and of all inside it, in `parameters()` again."""
        for _, module in self.named_modules():
            module._frozen = module._constant
        return self

    # --- saving and loading ---------------------------------------------------------------------

    def state_values(self) -> list[Value]:
        """Return the Values of which `state_dict` holds the numbers, frozen ones too.

        >>> from autograd_lite.nn import Neuron
        >>> len(Neuron(2).freeze().state_values())
        3
        """
        return list(self._all_parameters().values())

    def state_dict(self) -> dict[str, float]:
        """Return the number of every parameter, frozen ones too, by its name.

        >>> from autograd_lite.nn import Neuron
        >>> Neuron(1, seed=1).state_dict()
        {'weights.0': -0.7312715117751976, 'bias': 0.0}
        """
        return {name: parameter.data for name, parameter in self._all_parameters().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Give every parameter the number that `state` has for its name.

        Whatever `state_dict` returned is accepted, nan and inf too. Raises StateError (a KeyError
        and a ValueError) where a name is missing or unknown, TypeError where a number is none;
        nothing is changed then.

        >>> from autograd_lite.nn import Neuron
        >>> neuron = Neuron(1)
        >>> neuron.load_state_dict({"weights.0": 2.0, "bias": -1.0})
        >>> neuron([3.0]).data
        5.0
        """
        parameters = self._all_parameters()
        numbers = _checked_state(state, parameters, type(self).__name__)
        for name, parameter in parameters.items():
            parameter.data = numbers[name]

    def _all_parameters(self) -> dict[str, Value]:
        walked = reversed(list(_walk(self)))  # of several paths the first one stays
        paths = {x: path for path, x, _ in walked if isinstance(x, Value)}
        return {path: x for x, path in reversed(paths.items())}

    # --- in words -------------------------------------------------------------------------------

    def summary(self) -> str:
        """Describe the modules inside in a table: names, kinds, shapes, numbers of parameters.

        >>> from autograd_lite.nn import MLP
        >>> print(MLP(2, [4, 1], "tanh").summary())
        MLP
        name      kind   shapes               parameters
        layers.0  Layer  weights 4×2, bias 4          12
        layers.1  Layer  weights 1×4, bias 1           5
        total                                         17
        """
        rows = [("name", "kind", "shapes", "parameters", "")]
        inside, counted, trained = set[int](), set[Value](), set[Value]()
        for path, module in self.named_modules():
            if id(module) in inside:
                continue
            held = list(_walk(module, deep=module._one_row))
            parameters = [(name, x, frozen) for name, x, frozen in held if isinstance(x, Value)]
            modules = [id(x) for _, x, _ in held[1:] if isinstance(x, Module)]
            if module._one_row:
                inside.update(modules)
            if parameters or not modules:
                new = {x for _, x, _ in parameters} - counted
                free = {x for _, x, frozen in parameters if not frozen}
                counted |= new
                trained |= free
                shapes = ", ".join(_shapes([name for name, _, _ in parameters])) or "-"
                rows.append((path, type(module).__name__, shapes, *_counts(new, new - free)))
        rows.append(("total", "", "", *_counts(counted, counted - trained)))
        return f"{type(self).__name__}\n{aligned(rows, '<<<><')}"

    @recursive_repr()
    def __repr__(self) -> str:
        kind = type(self).__name__
        inside = [(path, x) for path, x, _ in _walk(self, deep=False) if isinstance(x, Module)][1:]
        if not inside:
            return f"{kind}({count(len(self._all_parameters()), 'parameter')})"
        lines = (f"{printable(path)}: {x!r}".replace("\n", "\n  ") for path, x in inside)
        return "\n  ".join([f"{kind}(", *lines]) + "\n)"


add_foreign(
    Module,
    {
        "forward": "a module is called: model(inputs)",
        "fit compile train_on_batch": "write fit(model, (inputs, targets))",
        "predict evaluate": "write [model(row) for row in inputs]",
        "backward": "write loss.backward()",
        "to cpu cuda float double half": "numbers are Python's floats: leave that out",
        "requires_grad_ requires_grad": "write model.freeze() or model.unfreeze()",
        "save save_weights": "write save_checkpoint(path, model)",
        "load load_weights": "write load_checkpoint(path, model)",
        "apply": "write for module in model.named_modules()",
    },
)


def _checked_state(state: Any, names: Collection[str], kind: str) -> dict[str, float]:
    """Return the numbers of a state, one for each of the names; raise as `load_state_dict` does."""
    if not isinstance(state, Mapping):
        raise TypeError(f"load_state_dict expects a dict of numbers by name, got {state!r:.60}")
    others = [name for name in state if name not in names]
    missing = [name for name in names if name not in state]
    if others:
        name = str(others[0])
        complaint = f"{kind} has no parameter named {shortened(name)}{_more(others)}"
        raise unknown(StateError, complaint, name, missing or names, rest="")
    if missing:
        raise StateError(
            f"the state has no number for {missing[0]!r}{_more(missing)} of {kind}; "
            f"it has {len(state)} of {len(names)}"
        )
    for name, x in state.items():
        if isinstance(x, bool):
            raise TypeError(f"{printable(name)}: expected a number, got {x!r}")
    return {name: as_float(state[name], printable(name)) for name in names}


def _more(names: Sequence[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _walk(root: Module, *, deep: bool = True) -> Iterator[tuple[str, Value | Module, bool]]:
    """Yield modules, the root first, and parameters: their paths, and whether they are frozen.

    What two modules share is yielded twice where one of them is frozen and the other is not.
    Without `deep` the modules inside are yielded, and not what they hold.
    """
    seen = set[tuple[int, bool]]()
    pending: list[tuple[str, Any, Module]] = [("", root, root)]
    while pending:
        path, x, owner = pending.pop()
        if not isinstance(x, (Value, Module, Mapping, list, tuple)):
            continue
        owner = x if isinstance(x, Module) else owner
        if (id(x), owner._frozen) in seen:
            continue
        seen.add((id(x), owner._frozen))
        if isinstance(x, Module) or (isinstance(x, Value) and x.op is None):
            yield path, x, owner._frozen
        if isinstance(x, Value) or (owner is not root and not deep):
            continue
        parts = vars(x) if isinstance(x, Module) else x
        items = list(parts.items() if isinstance(parts, Mapping) else enumerate(parts))
        for name, part in reversed(items):
            pending.append((f"{path}.{name!s}" if path else str(name), part, owner))


def _shapes(paths: Sequence[str]) -> Iterator[str]:
    """Yield the shapes behind paths such as neurons.0.weights.1: how many numbers stand where."""
    groups = defaultdict[str, list[list[str]]](list)
    for path in paths:
        parts = path.split(".")
        words = ".".join(part for part in parts if not part.isdigit())
        groups[words].append([part for part in parts if part.isdigit()])
    last = Counter(words.rpartition(".")[2] for words in groups)
    for words, places in groups.items():
        name = words.rpartition(".")[2]
        sizes = [len(set(column)) for column in zip(*places, strict=False)]
        full = math.prod(sizes) == len(places)  # lists of several lengths have no shape
        shape = "×".join(map(str, sizes)) if full else ""
        yield f"{name if last[name] == 1 else words} {shape or len(places)}"


def _counts(parameters: set[Value], frozen: set[Value]) -> tuple[str, str]:
    return f"{len(parameters):,}", f"{len(frozen):,} frozen" if frozen else ""
