r"""A name of a network as LaTeX: z_i is z_{i}, c[2][0] is c^{(2)}, 0.forward.W_i is W_{i,0\rightarrow}.

``d`` before a name that the network has is a cotangent, the derivative of the loss by it: \mathrm{d}z_{i}.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ARROWS = {"forward": r"\rightarrow", "backward": r"\leftarrow"}
GREEK = {"lambda"}
# layer and direction, the letter(s), what stands below, primes, what stands after it, [step], [entry]
_NAME = re.compile(
    r"(?:(?P<layer>\d+)\.(?P<way>forward|backward)\.)?(?P<base>[^_'\[\].]+)(?P<below>_[^'\[\]]*?)?(?P<prime>'*)"
    r"(?P<after>_[^\[\]]*)?(?P<index>(\[[^\]]*\])*)"
)
_STEP = re.compile(r"\d+|T|[ts]|t-1")
_ENTRY = re.compile(r"[jk]")


@dataclass(frozen=True)
class Names:
    """What is said of a network's names: those known, so that a cotangent is told from another name with a d.

    ``single``: whether every layer has one unit, so that the index of an entry says nothing. ``gates``: what is
    written first in a product.
    ``words``: what is no name in a sentence, though it could be one. ``signals``: what has a step, h_T.
    """

    known: frozenset[str]
    single: bool = True
    gates: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()

    def latex(self, name: str) -> str:
        """The name as LaTeX."""
        if name.startswith("d") and _whole(name[1:]) in self.known and _whole(name) not in self.known:
            return rf"\mathrm{{d}}{self.latex(name[1:])}"
        base, _, step = name.rpartition("_")
        if base in self.signals and name not in self.known and _STEP.fullmatch(step):
            return self.at(base, step)
        if base in self.signals and name not in self.known and _ENTRY.fullmatch(step):
            return _at(self.latex(base), f"_{{{step}}}")
        if name.startswith("J_") and name.count("_") >= 2:
            return rf"J_{{{self._pair(name[2:])}}}"
        found = _NAME.fullmatch(name)
        return _assembled(found, self.single) if found else rf"\text{{{_text(name)}}}"

    def at(self, name: str, step: str) -> str:
        """The name at a step: c'^{(t)}."""
        return _at(self.latex(name), f"^{{({step})}}")

    def of_step(self, name: str, step: str) -> str:
        """The signal as step t has it: [c']_{t}; c^{(t)} is what is stored then."""
        return f"[{self.latex(name)}]_{{{step}}}"

    def _pair(self, text: str) -> str:
        """Which name by which, of two joined by _: a name may have one itself."""
        parts = text.split("_")
        cuts = [("_".join(parts[:k]), "_".join(parts[k:])) for k in range(1, len(parts))]
        one, other = next((pair for pair in cuts if set(pair) <= self.known), cuts[0])
        return f"{self.latex(one)},{self.latex(other)}"


def _whole(name: str) -> str:
    """The name without its entry, and without what tells that it comes from later steps, or is one of two."""
    return re.sub(r"_\d+$", "", name.partition("[")[0].removesuffix("_later"))


def _assembled(found: re.Match[str], single: bool) -> str:
    """The letters, primes, what stands below, the step above, the entry."""
    words = [_below(word) for word in ((found["below"] or "") + (found["after"] or "")).split("_") if word]
    if found["layer"]:
        words.append(f"{found['layer']}{ARROWS[found['way']]}")
    below = f"_{{{','.join(words)}}}" if words else ""
    base = found["base"]
    letters = rf"\{base}" if base in GREEK else base if len(base) == 1 else _word(base)
    whole = f"{letters}{found['prime']}{below}"
    *steps, last = re.findall(r"\[([^\]]*)\]", found["index"]) or [""]
    if not last:
        return whole
    if not steps and found["base"].startswith("sum"):  # one number for the whole row: the index is the step's
        return _at(whole, f"^{{({last})}}")
    above = f"^{{({steps[0]})}}" if steps else ""
    entry = "" if single else f"_{{{_entry(last)}}}"
    return _at(whole, above + entry)


def _at(whole: str, marks: str) -> str:
    """A name with a subscript or a prime of its own is put in brackets before it gets another."""
    bracketed = marks and (("_" in marks and "_{" in whole) or ("^" in marks and "'" in whole))
    return f"({whole}){marks}" if bracketed else f"{whole}{marks}"


def _entry(text: str) -> str:
    """Entries are counted from 1 in mathematics."""
    parts = [str(int(part) + 1) if part.isdigit() else part for part in text.split(",")]
    return "".join(parts) if all(len(part) == 1 for part in parts) else ",".join(parts)


def _below(word: str) -> str:
    """What stands below a name: a letter or two as they are, a name of a layer with its layer, a word as text."""
    inner = _NAME.fullmatch(word)
    if inner and inner["layer"]:
        return f"{inner['base']}{inner['prime']},{inner['layer']}{ARROWS[inner['way']]}"
    return word if len(word) <= 2 or word == "t-1" else rf"\text{{{word}}}"


def _word(text: str) -> str:
    return rf"\mathrm{{{text}}}" if text.isalnum() else rf"\text{{{_text(text)}}}"


def _text(text: str) -> str:
    return text.replace("_", r"\_").replace("#", r"\#").replace("&", r"\&").replace("%", r"\%")
