"""A whole use case in a child process, so that what a target does to its process stays there."""

from rnnproof.isolate.calibrate import calibrate as calibrate
from rnnproof.isolate.course import verify as verify
from rnnproof.isolate.gradient import check_gradient as check_gradient
from rnnproof.isolate.infer import infer as infer
from rnnproof.isolate.request import Place as Place
from rnnproof.isolate.request import Request as Request
from rnnproof.isolate.rerun import replay as replay
from rnnproof.isolate.rerun import script as script
from rnnproof.isolate.score import score as score
from rnnproof.isolate.together import verify_everything as verify_everything
from rnnproof.isolate.together import verify_target as verify_target
