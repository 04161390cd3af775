"""Frameworks' conventions as data, importing no framework: which array holds which canonical parameter."""

from rnnproof.dialects.dialect import Dialect as Dialect
from rnnproof.dialects.dialect import Joined as Joined
from rnnproof.dialects.dialect import Stack as Stack
from rnnproof.dialects.named import DIALECTS as DIALECTS
from rnnproof.dialects.named import fitted as fitted
from rnnproof.dialects.named import get as get
