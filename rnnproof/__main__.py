"""``python -m rnnproof`` is ``rnnproof``."""

from rnnproof.cli.main import main

if __name__ == "__main__":
    main()
