"""`python -m compression_sim` is the command `compression-sim`."""

from .cli import main

if __name__ == "__main__":
    main()
