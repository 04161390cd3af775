import sys
from pathlib import Path

# The hand-worked vectors are data that several directories of tests read.
sys.path.insert(0, str(Path(__file__).parent.parent / "catalogue"))
