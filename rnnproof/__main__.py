"""``python -m rnnproof`` is ``rnnproof``."""

from rnnproof.cli.start import start

if __name__ == "__main__":
    start()
