"""A recurrent network learns a rhyme by heart, and recites it from its first letter.

At each letter the network says which one comes next. After an "s" that is "h", "e" or a space; the
letters before it decide, and all that is left of those is the network's state: twelve numbers that
every letter moves on (Elman, "Finding structure in time", 1990).

Run it: python examples/sequence.py
"""

import random
from collections.abc import Sequence
from typing import Any

from autograd_lite import no_grad
from autograd_lite.nn import Embedding, Layer, Module, RNNCell, cross_entropy
from autograd_lite.train import fit

TEXT = "she sells sea shells"
letters = sorted(set(TEXT))
text = [letters.index(letter) for letter in TEXT]


class NextLetter(Module):
    """Letters become points, points move the state on, a state says what the next letter is."""

    def __init__(self, kinds: int, size: int, state: int, seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311  no secrets
        self.embedding = Embedding(kinds, size, seed=rng)
        self.cell = RNNCell(size, state, seed=rng)
        self.scores = Layer(state, kinds, None, seed=rng)
        self.name_parameters()

    def step(self, letter: int, state: Any) -> tuple[Any, Any]:
        """Read a letter; return a score for each that may come next, and the new state."""
        state = self.cell(self.embedding(letter), state)
        return self.scores(state), state

    def __call__(self, text: Sequence[int]) -> list[Any]:
        """Return the scores after each letter of a text."""
        state, scores = None, []
        for letter in text:
            after, state = self.step(letter, state)
            scores.append(after)
        return scores


def loss(predictions: Sequence[Any], targets: Sequence[Any]) -> Any:
    """Return the mean surprise at a letter; a text is one sample, and there is just this one."""
    (scores,), (wanted,) = predictions, targets
    return cross_entropy(scores, wanted)


def recited(model: NextLetter, first: int, length: int) -> str:
    """Return what the model says: each letter it finds most likely is the next one it reads."""
    said, state = [first], None
    with no_grad():
        while len(said) < length:
            scores, state = model.step(said[-1], state)
            said.append(max(range(len(letters)), key=lambda i: scores[i]))
    return "".join(letters[i] for i in said)


model = NextLetter(len(letters), size=4, state=12, seed=0)
print(model.summary())
print(f"\nbefore: {recited(model, text[0], len(text))!r}")

# The gradient of a loss at one letter goes back through the states of all letters before it. On
# that long way it may grow, so its norm is clipped at 1.
data = [text[:-1]], [text[1:]]  # one sample: a text, and the same a letter on
history = fit(model, data, loss=loss, lr=0.02, epochs=200, max_norm=1.0)
for row in history.rows[::40] + history.rows[-1:]:
    print(f"epoch {row['epoch']:3}  loss {row['loss']:.4f}")
print(f"after:  {recited(model, text[0], len(text))!r}")
