"""An autoencoder: eight inputs through three hidden neurons, which find a code for them.

Each input has a 1 in one of eight places, and the outputs are to be the same as the inputs. Three
hidden neurons are all that comes between, so they must tell the eight apart: nobody says how. The
task is the encoding problem of Rumelhart, Hinton and Williams, "Learning internal representations
by error propagation" (1986); Mitchell's "Machine Learning" (1997, section 4.6) shows such a code.

Run it: python examples/autoencoder.py
"""

from autograd_lite.nn import MLP
from autograd_lite.train import fit, one_hot

TOLERANCE = 0.05  # so close to 0 or 1 each of the 64 outputs is to be

places = range(8)
inputs = one_hot(places, classes=8)
model = MLP(8, [3, 8], ["sigmoid", "sigmoid"], seed=0)
encoder, decoder = model.layers

# The targets are the inputs. Each output is the probability that its place has the 1: cross-entropy
# measures those. On squared errors a sigmoid that is quite wrong has almost no slope to learn by.
history = fit(model, (inputs, inputs), loss="binary_cross_entropy", lr=0.1, epochs=1000)
losses = history["loss"]
print(f"loss {losses[0]:.4f} in the first epoch, {losses[-1]:.4f} in epoch {len(losses)}\n")

print("place  code            bits  largest output  furthest off")
codes, furthest = set(), 0.0
for place in places:
    code = [hidden.data for hidden in encoder(inputs[place])]
    outputs = [output.data for output in decoder(code)]
    largest = max(places, key=lambda i: outputs[i])
    off = max(abs(output - x) for output, x in zip(outputs, inputs[place], strict=True))
    shown = " ".join(f"{hidden:.2f}" for hidden in code)
    bits = "".join(str(round(hidden)) for hidden in code)
    print(f"{place:5}  {shown}  {bits:>4}  {largest:14}  {off:12.3f}")
    codes.add(bits)
    furthest = max(furthest, off)

# The network learns from each of 20 seeds (0 to 19). From 5 of them the codes, rounded, are what a
# person would take, the eight numbers of three bits. A code need not be bits, though: half on is as
# good where the decoder tells it from the others.
learnt = "Learnt" if furthest < TOLERANCE else "Not learnt"
print(f"\n{learnt} within {TOLERANCE}: no output is more than {furthest:.3f} off.")
print(f"Rounded to bits, {len(codes)} of 8 codes differ.")
