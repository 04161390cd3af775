"""The lecture's worked example: two inputs, two hidden and two output neurons, linear, without biases.

Every weight is 1 and the memory starts at 0; the network is Elman's with f and g the identity.

Reference: Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network, the worked example.
"""

from fractions import Fraction

CITATION = "Hung-yi Lee, Machine Learning (2020), Recurrent Neural Network, the worked example"
NETWORK = "elman:activation=identity,readout=identity,bias=false"
WEIGHT = Fraction(1)
SEQUENCE = ((1, 1), (1, 1), (2, 2))
ORDER = (3, 2, 1)  # the steps of SEQUENCE in the order in which the second run reads them
REORDERED = tuple(SEQUENCE[step - 1] for step in ORDER)
