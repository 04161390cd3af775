"""What an array of the ring never becomes: a float, an integer, an array of floats, a key. Text it may become."""

from __future__ import annotations

import math
from typing import Any, NoReturn

from rnnproof.domains.place import formatting, wanting
from rnnproof.domains.ring import Ring


def _by() -> str:
    told = wanting()
    return "" if told == " by float" else told


class Refusing:
    """The ways out of the ring, closed by name."""

    __slots__ = ()

    @property
    def ring(self) -> Ring:
        """Where it was made."""
        raise NotImplementedError

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        del dtype, copy
        self.ring.refuse(f"an exact number is wanted as an ordinary array{wanting()}")

    def __float__(self) -> float:
        """NaN for a text such as "%.3f" % x: read back, it is refused as a number that is not finite."""
        return math.nan if formatting() else self.ring.refuse(f"a number is taken out as a float{_by()}")

    def __int__(self) -> int:
        return self.ring.refuse("a number is taken out as an integer")

    def __index__(self) -> int:
        return self.ring.refuse("a number is used as an index")

    def __complex__(self) -> complex:
        return self.ring.refuse("a number is taken out as a complex number")

    def __bool__(self) -> bool:
        return self.ring.refuse("the truth of a number")

    def __hash__(self) -> int:
        return self.ring.refuse("a number is used as a key")

    def __round__(self, digits: Any = None) -> NoReturn:
        self.ring.refuse("a number is rounded")

    def __contains__(self, value: object) -> bool:
        return self.ring.refuse("a search for a number in an array")
