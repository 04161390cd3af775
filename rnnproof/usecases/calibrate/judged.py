"""One case of a calibration judged by the laws that compare with a bound."""

from __future__ import annotations

from dataclasses import dataclass

from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties import forward, long
from rnnproof.properties.laws import BY_ID
from rnnproof.properties.tiers import likely
from rnnproof.properties.trial import start
from rnnproof.usecases.calibrate.drawn import Drawn, draw
from rnnproof.usecases.examine import judge

LAWS = (
    *("forward.values", "forward.step"),
    *("gradient.parameters", "gradient.inputs", "gradient.state", "gradient.ledger"),
)
TUBE = "forward.values in the tube"
GOOD = frozenset({Outcome.PASSED, Outcome.UNDECIDED, Outcome.NOT_APPLICABLE, Outcome.REFUSED})


@dataclass(frozen=True)
class Judged:
    """What one law said of one case; ``two_tiers``: whether what is likely was finer than what is possible."""

    dtype: str
    number: int
    law: str
    verdict: Verdict
    words: str = ""
    two_tiers: bool = False

    @property
    def alarm(self) -> bool:
        """Whether right code was said to be wrong, or suspicious."""
        return self.verdict.outcome not in GOOD


def judged(seed: int, dtype: str, number: int) -> list[Judged]:
    """What each law says of the case of a number."""
    return judge_drawn(draw(seed, dtype, number), number)


def judge_drawn(one: Drawn, number: int) -> list[Judged]:
    """What each law that applies says of a case."""
    trial = start(one.case, one.implementation)
    tiers = likely(trial.bounds) is not None
    claims, network = one.implementation.claims, one.case.network
    laws = [BY_ID[id] for id in LAWS if BY_ID[id].excuse(claims, network) is None]
    said = [(law.id, judge(law, trial)) for law in laws]
    if long.is_long(one.case) and long.has_tube(one.case):  # which verify looks at only where a run is suspicious
        said.append((TUBE, forward.in_tube(trial)))
    words = f"{one.words}, {one.case.regime}"
    return [Judged(one.case.dtype, number, law, verdict, words, tiers) for law, verdict in said]
