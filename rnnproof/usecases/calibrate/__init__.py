"""Are the bounds ever wrong about right code? Many right implementations, each judged as any target is."""

from rnnproof.usecases.calibrate.judged import Judged as Judged
from rnnproof.usecases.calibrate.judged import judged as judged
from rnnproof.usecases.calibrate.plan import Plan as Plan
from rnnproof.usecases.calibrate.plan import plan_of as plan_of
from rnnproof.usecases.calibrate.plan import share as share
from rnnproof.usecases.calibrate.tally import Tally as Tally
