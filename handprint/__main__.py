"""``python -m handprint`` is the command ``handprint``."""

from handprint.cli import main

if __name__ == "__main__":
    main()
