"""Two small engines to compare with, in the styles of micrograd and of microgpt.

Own wordings of the ideas of https://github.com/karpathy/micrograd (a closure a node, which holds
the derivative) and of its author's microgpt (a node holds its operands' local derivatives).
"""

from __future__ import annotations

import math


class MicrogradStyle:
    def __init__(self, data, operands=(), op=""):
        self.data = data
        self.grad = 0.0
        self._prev = set(operands)
        self._op = op
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, MicrogradStyle) else MicrogradStyle(other)
        out = MicrogradStyle(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, MicrogradStyle) else MicrogradStyle(other)
        out = MicrogradStyle(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        out = MicrogradStyle(math.tanh(self.data), (self,), "tanh")

        def _backward():
            self.grad += (1 - out.data * out.data) * out.grad

        out._backward = _backward
        return out

    def exp(self):
        out = MicrogradStyle(math.exp(self.data), (self,), "exp")

        def _backward():
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def relu(self):
        out = MicrogradStyle(0 if self.data < 0 else self.data, (self,), "ReLU")

        def _backward():
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for operand in node._prev:
                    visit(operand)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            node._backward()


class MicrogptStyle:
    __slots__ = ("_children", "_local_grads", "data", "grad")

    def __init__(self, data, children=(), local_grads=()):
        self.data = data
        self.grad = 0.0
        self._children = children
        self._local_grads = local_grads

    def __add__(self, other):
        other = other if isinstance(other, MicrogptStyle) else MicrogptStyle(other)
        return MicrogptStyle(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        other = other if isinstance(other, MicrogptStyle) else MicrogptStyle(other)
        return MicrogptStyle(self.data * other.data, (self, other), (other.data, self.data))

    def tanh(self):
        t = math.tanh(self.data)
        return MicrogptStyle(t, (self,), (1 - t * t,))

    def exp(self):
        e = math.exp(self.data)
        return MicrogptStyle(e, (self,), (e,))

    def relu(self):
        return MicrogptStyle(max(0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node._children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            for child, local_grad in zip(node._children, node._local_grads):
                child.grad += local_grad * node.grad
