"""Layers of column vectors; weights and biases are lists, and so are their gradients."""

import numpy as np

sizes = [3, 4, 2]


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def feedforward(a, biases, weights):
    for b, w in zip(biases, weights):
        a = sigmoid(np.dot(w, a) + b)
    return a


def cost(biases, weights, x, y):
    return 0.5 * np.sum((feedforward(x, biases, weights) - y) ** 2)


def backprop(biases, weights, x, y):
    nabla_b = [np.zeros(b.shape) for b in biases]
    nabla_w = [np.zeros(w.shape) for w in weights]
    activation, activations, zs = x, [x], []
    for b, w in zip(biases, weights):
        z = np.dot(w, activation) + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-2].transpose())
    for layer in range(2, len(sizes)):
        z = zs[-layer]
        delta = np.dot(weights[-layer + 1].transpose(), delta) * sigmoid_prime(z)
        nabla_b[-layer] = delta
        nabla_w[-layer] = np.dot(delta, activations[-layer - 1].transpose())
    return (nabla_b, nabla_w)


def arguments():
    rng = np.random.default_rng(3)
    biases = [rng.normal(size=(n, 1)) for n in sizes[1:]]
    weights = [rng.normal(size=(n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
    return {"biases": biases, "weights": weights, "x": rng.normal(size=(3, 1)), "y": rng.normal(size=(2, 1))}
