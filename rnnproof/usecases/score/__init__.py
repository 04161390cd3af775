"""How good is a test suite: single faults are put in the place of what it tests, and it is counted which it lets pass.

``looks`` says what a test can look at, and what comes out; ``classes`` picks one fault of each behaviour; ``needs``
finds out what a test needs to see a fault, by taking each thing away; ``standin`` is an object that behaves as a
planted reference does, ``placed`` puts it where the suite imports the target from; ``suites`` runs the suite.
"""
