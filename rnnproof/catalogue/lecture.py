"""The lecture's worked example: two inputs, two hidden and two output neurons, linear, without biases.

Reference: Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network, the worked example;
the network is Elman's with f and g the identity.
"""

from fractions import Fraction

SEQUENCE = ((1, 1), (1, 1), (2, 2))
REORDERED = ((2, 2), (1, 1), (1, 1))
WEIGHT = Fraction(1)
NETWORK = "elman:activation=identity,readout=identity,bias=false"
