"""The `xor` command: train a network on XOR, show what it learnt, draw what it computes."""

from __future__ import annotations

import argparse

from ..nn import MLP, mse
from ..train import History, fit, xor
from ..value import Value
from ..viz import draw
from .usage import add_json, count, rate, say, say_json, whole

TOLERANCE = 0.1  # how close to 0 or 1 each of the four predictions is to be
LEARNT = 1e-4  # the loss at which training ends: all predictions are within 0.02 then
_DRAWN = 1  # the sample whose loss is drawn: (0, 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments to a parser."""
    parser.add_argument("--seed", type=whole, default=0, help="of the first weights (default: 0)")
    parser.add_argument("--epochs", type=count, default=1000, help="(default: %(default)s)")
    parser.add_argument("--lr", type=rate, default=0.2, help="learning rate (default: 0.2)")
    parser.add_argument("-o", "--output", metavar="FILE", dest="picture", default="xor.svg",
                        help="svg, png, pdf or dot (default: %(default)s)")  # fmt: skip
    add_json(parser, '{"seed", "loss", "predictions", "learnt", "picture"}')


def run(options: argparse.Namespace) -> int:
    """Train a network on XOR, and draw the computation graph of its loss on one sample.

    It has 2 inputs, 4 hidden neurons (tanh) and 1 output, and learns by gradient descent.

    For example::

      autograd-lite xor
      autograd-lite xor --seed 7 --epochs 2000 --lr 0.1 -o xor.png

    Training ends early at a loss below 1e-4. The exit code is 1 where a prediction is not within
    0.1 of its target in the end.
    """
    seed, epochs = options.seed, options.epochs
    print(f"training an MLP of 2-4-1 on XOR from seed {seed}, lr {options.lr:g}")
    model, loss = train(seed, epochs, options.lr, shown=True)
    data, rows = xor(), []
    print("\nx1  x2  target  prediction")
    for x, target in zip(data.inputs, data.targets, strict=True):
        rows.append({"inputs": x, "target": target, "prediction": model(x).data})
        print(f"{x[0]:2.0f}  {x[1]:2.0f}  {target:6.0f}  {model(x).data:10.6f}")
    learnt = all(abs(row["prediction"] - row["target"]) < TOLERANCE for row in rows)
    print(f"\nloss {loss:.3e}")
    x = [Value(x, name=f"x{i}") for i, x in enumerate(data.inputs[_DRAWN], 1)]
    sample = mse([model(x)], [data.targets[_DRAWN]])
    sample.name = "loss"
    sample.zero_grad()
    sample.backward()
    path = draw(sample).save(options.picture)
    say(f"the graph of the loss at (0, 1), with its gradients: {path}")
    say_json(options, {"seed": seed, "loss": loss, "predictions": rows, "learnt": learnt,
                       "picture": str(path)})  # fmt: skip
    if not learnt:
        print(f"\nnot learnt: a prediction is more than {TOLERANCE} off; try more --epochs (such "
              f"as {2 * epochs}), --lr 0.2 or another --seed")  # fmt: skip
    return 0 if learnt else 1


def train(seed: int, epochs: int, lr: float, *, shown: bool = False) -> tuple[MLP, float]:
    """Train the network from a seed until it has learnt; return it and its last loss.

    >>> model, loss = train(seed=0, epochs=1000, lr=0.2)
    >>> [round(model(x).data) for x in xor().inputs]
    [0, 1, 1, 0]
    """

    def after(history: History) -> bool:
        epoch, loss = len(history), history.rows[-1]["loss"]
        if shown and (epoch % 25 == 0 or epoch in (1, epochs) or loss < LEARNT):
            number = f"{loss:.6f}" if loss < 1e6 else f"{loss:.3e}"
            print(f"  epoch {epoch:{len(str(epochs))}d}/{epochs}  loss {number}", flush=True)
        return loss < LEARNT

    model = MLP(2, [4, 1], "tanh", seed=seed)
    history = fit(model, xor(), optimizer="sgd", lr=lr, epochs=epochs, callbacks=after,
                  progress=False)  # fmt: skip
    return model, history["loss"][-1]
