"""rnnproof: is this code the network it says it is?"""
