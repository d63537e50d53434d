"""Optimizer applies an update rule, a pure function, to parameters in groups, and remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar, TypeAlias

from .._support.remedies import add_foreign, helpful
from .._support.validation import as_float, number, unknown
from .._support.wording import printable
from ..value import Value, set_data
from .rules import Rule, State

Group: TypeAlias = dict[str, Any]
Parameters: TypeAlias = Iterable[Value] | Iterable[Mapping[str, Any]]


class Optimizer:
    """The base of all optimizers: holds the parameters that `step` updates.

    `parameters` are leaf Values, or groups of them as in PyTorch: dicts with "params" and whichever
    options the group has for itself. `param_groups` holds the groups with all their options, to
    read and to write. An optimizer of one's own has a `rule`, a pure function as those of
    `autograd_lite.optim.rules`, and the number of 0s that the rule's state starts with.

    Raises ValueError where an option is out of range or unknown, where there are no parameters or
    one comes twice; TypeError where an option has the wrong type or a parameter is no leaf Value.

    >>> class Halving(Optimizer):
    ...     @staticmethod
    ...     def rule(parameter, gradient, state, *, lr):
    ...         (step,) = state
    ...         return parameter - lr * gradient * 0.5**step, (step + 1,)
    ...     state_size = 1
    >>> x = Value(1.0)
    >>> x.grad = 1.0
    >>> optimizer = Halving([x], lr=0.5)
    >>> optimizer.step(); optimizer.step()
    >>> x.data
    0.25
    """

    rule: ClassVar[Rule]
    state_size: ClassVar[int] = 0

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            helpful(cls)

    def __init__(self, parameters: Parameters, lr: float, **options: Any) -> None:
        if not hasattr(self, "rule"):
            raise TypeError(f"{type(self).__name__} has no update rule; use SGD")
        groups = _grouped(parameters)
        self.defaults = {"lr": lr, **options}
        checked(self.defaults)
        self.param_groups: list[Group] = []
        self._states: list[State] = []
        for group in groups:
            self.add_param_group(group)

    @property
    def parameters(self) -> list[Value]:
        """The parameters of all groups, in order."""
        return [p for group in self.param_groups for p in group["params"]]

    @property
    def lr(self) -> float:
        """The learning rate of the first group; assigning one sets that of every group."""
        rate: float = self.param_groups[0]["lr"]
        return rate

    @lr.setter
    def lr(self, lr: float) -> None:
        rate = checked_option("lr", lr)
        for group in self.param_groups:
            group["lr"] = rate

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Take in more parameters, a dict with "params" and options of their own; raise as above.

        >>> from autograd_lite.optim import SGD
        >>> optimizer = SGD([Value(1.0)], lr=0.1)
        >>> optimizer.add_param_group({"params": [Value(2.0)], "lr": 0.5})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.1, 0.5]
        """
        for name in group:
            if name != "params" and name not in self.defaults:
                complaint = f"{type(self).__name__} has no option {name!r}"
                raise unknown(ValueError, complaint, str(name), ["params", *self.defaults])
        own = {name: value for name, value in group.items() if name != "params"}
        parameters = _checked_parameters(group.get("params", ()), self.parameters)
        self.param_groups.append({"params": parameters, **checked({**self.defaults, **own})})
        self._states += [(0,) * self.state_size for _ in parameters]

    def step(self) -> None:
        """Update every parameter by its `.grad`; one of which that is None is left alone.

        Raises TypeError for a `.grad` that is no number; nothing is changed then.
        """
        before, states = iter(self._states), []
        moved, numbers = [], []
        for group in self.param_groups:
            rule = partial(self.rule, **{name: group[name] for name in self.defaults})
            for p, state in zip(group["params"], before, strict=False):  # each takes its own
                grad = p.grad
                if grad is not None:
                    if grad.__class__ is not float:
                        # it may be a Value, of create_graph: the state is not to hold its graph
                        grad = as_float(grad.data if isinstance(grad, Value) else grad)
                    data, state = rule(p.data, grad, state)
                    moved.append(p)
                    numbers.append(data)
                states.append(state)
        set_data(moved, numbers)
        self._states = states

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Set the `.grad` of every parameter to 0, or to None.

        A step still decays a parameter of gradient 0 and moves it by its momentum; one of gradient
        None, which no backward pass has reached, it leaves alone.
        """
        grad: Any = None if set_to_none else 0.0
        for p in self.parameters:
            p.grad = grad

    def state_dict(self) -> dict[str, Any]:
        """Return all but the parameters' data as plain lists, dicts and numbers, fit for JSON.

        >>> from autograd_lite.optim import SGD
        >>> SGD([Value(1.0)], lr=0.5, momentum=0.9).state_dict()["state"]
        [[0]]
        """
        groups = []
        for group in self.param_groups:
            options = {name: group[name] for name in self.defaults}
            plain = {k: list(x) if isinstance(x, tuple) else x for k, x in options.items()}
            groups.append({"params": len(group["params"]), **plain})
        states = [list(state) for state in self._states]
        return {"optimizer": type(self).__name__, "param_groups": groups, "state": states}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned; the parameters' data is loaded elsewhere.

        Raises ValueError where it is another optimizer's or does not fit the parameters, TypeError
        where something in it has the wrong type; nothing is changed then.
        """
        kind, mine = entry(state_dict, "optimizer", str), type(self).__name__
        if kind != mine:
            raise ValueError(f"expected the state of {mine}, got that of {printable(kind)}")
        groups = entry(state_dict, "param_groups", list)
        sizes = [entry(group, "params", int) for group in groups]
        expected = [len(group["params"]) for group in self.param_groups]
        if sizes != expected:
            raise ValueError(f"expected groups of {expected} parameters, got groups of {sizes}")
        options = [self._loaded_options(group) for group in groups]
        states = [self._loaded_state(state) for state in entry(state_dict, "state", list)]
        if len(states) != len(self._states):
            raise ValueError(f"expected {len(self._states)} states, got {len(states)}")
        each = [own for own, size in zip(options, sizes, strict=True) for _ in range(size)]
        for own, state in zip(each, states, strict=True):
            if not self._can_go_on(own, state):
                raise ValueError(f"no step of {mine} leaves {list(state)!r:.80}")
        for group, own in zip(self.param_groups, options, strict=True):
            group.update(own)
        self._states = states

    def _loaded_options(self, group: Mapping[str, Any]) -> Group:
        if set(group) != {"params", *self.defaults}:
            raise ValueError(f"expected the options {list(self.defaults)}, got {sorted(group)}")
        options = {name: group[name] for name in self.defaults}
        # schedules may have brought the rate to 0, which is no rate to begin with
        rate = checked_option("scheduled lr", options["lr"])
        return {**checked({**options, "lr": 1.0}), "lr": rate}

    def _loaded_state(self, state: Any) -> State:
        if not isinstance(state, list) or len(state) != self.state_size:
            raise ValueError(f"a state is a list of {self.state_size} numbers, got {state!r}")
        if any(isinstance(x, int) and (x < 0 or isinstance(x, bool)) for x in state):
            raise ValueError(f"a count of steps is 0 or more, got a state of {state!r}")
        # a whole number is a count of steps, and stays one
        return tuple(x if type(x) is int else as_float(x) for x in state)

    def _can_go_on(self, options: Group, state: State) -> bool:
        """Tell whether the rule can go on from a state, as it can from any that it leaves."""
        rule = partial(self.rule, **options)
        try:
            _, first = rule(0.0, 0.0, (0,) * self.state_size)
        except ArithmeticError:  # a rule of one's own need not bear a gradient of 0
            return True
        try:
            rule(0.0, 0.0, state)
        except (ArithmeticError, ValueError):
            return False
        counted = [type(x) is int and x > 0 for x in first]  # by a step, so they stay whole
        return all(type(x) is int for x, whole in zip(state, counted, strict=False) if whole)


add_foreign(
    Optimizer,
    {
        "minimize apply_gradients update apply": "write loss.backward(), then optimizer.step()",
        "learning_rate": "write optimizer.lr",
        "get_last_lr": "write optimizer.lr",
    },
)


def entry(state: Any, key: str, kind: type) -> Any:
    """Return what a dict holds under a key; raise TypeError or ValueError where it does not."""
    if not isinstance(state, Mapping):
        raise TypeError(f"expected a dict with {key!r}, got {type(state).__name__}")
    if key not in state:
        raise ValueError(f"expected a dict with {key!r}, got one with {list(state)}")
    if not isinstance(state[key], kind):
        raise TypeError(f"{key!r} is of type {kind.__name__}, got {state[key]!r}")
    return state[key]


def _grouped(parameters: Any) -> list[Mapping[str, Any]]:
    """Return the groups; plain parameters are one group."""
    remedy = "pass model.parameters()"
    if not isinstance(parameters, Iterable) or isinstance(parameters, (str, Mapping)):
        raise TypeError(f"an optimiser expects a list of parameters, got {parameters!r}; {remedy}")
    listed = list(parameters)
    groups: list[Any] = [x for x in listed if isinstance(x, Mapping)]
    if groups and len(groups) < len(listed):
        raise TypeError("an optimiser expects parameters or groups of them, got a mixture")
    return groups or [{"params": listed}]


def _checked_parameters(parameters: Any, taken: list[Value]) -> list[Value]:
    listed = [parameters] if isinstance(parameters, Value) else list(parameters)
    if not listed:
        raise ValueError("an optimiser expects parameters, got none; pass model.parameters()")
    seen = set(map(id, taken))
    for p in listed:
        if not isinstance(p, Value) or p.op is not None:
            raise TypeError(f"a parameter is a leaf Value, got {p!r:.60}; pass model.parameters()")
        if id(p) in seen:
            raise ValueError(f"a parameter is updated once a step, got twice: {p!r}")
        seen.add(id(p))
    return listed


# --- what an option may be ------------------------------------------------------------------------


def _betas(value: Any) -> tuple[float, ...]:
    words, hint = "betas are two numbers in [0, 1)", "; try (0.9, 0.99)"
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(f"{words}, got {value!r}{hint}")
    return tuple(number("", x, at_least=0, below=1, saying=words, hint=hint) for x in value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, got {value!r}")
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "lr": partial(number, "a learning rate", above=0, hint="; try 0.1"),
    "scheduled lr": partial(number, "a scheduled learning rate", at_least=0, hint="; try 0.1"),
    "momentum": partial(number, "a momentum", at_least=0, below=1, hint="; try 0.9"),
    "alpha": partial(number, "alpha", at_least=0, below=1, hint="; try 0.99"),
    "betas": _betas,
    "eps": partial(number, "eps", above=0, hint="; try 1e-8"),
    "weight_decay": partial(number, "a weight decay", at_least=0, hint="; try 0.01"),
    "lr_decay": partial(number, "lr_decay", at_least=0, hint="; try 0.01"),
    "initial_accumulator_value": partial(
        number, "initial_accumulator_value", at_least=0, hint="; try 0.1"
    ),
    "nesterov": partial(_flag, "nesterov"),
    "centered": partial(_flag, "centered"),
}


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as plain floats, tuples and flags.

    An option of an optimizer of one's own, which no table here knows, is returned as it is.

    Raises TypeError where one has the wrong type, ValueError where one is out of range.

    >>> checked({"lr": 1, "betas": [0.9, 0.99]})
    {'lr': 1.0, 'betas': (0.9, 0.99)}
    """
    checked = {name: checked_option(name, value) for name, value in options.items()}
    if checked.get("nesterov") and not checked.get("momentum"):
        raise ValueError("nesterov is a kind of momentum, got none; pass momentum=0.9 too")
    return checked


def checked_option(name: str, value: Any) -> Any:
    """Return one option as a plain float, tuple or flag; raise as `checked` does."""
    return _CHECKS[name](value) if name in _CHECKS else value
