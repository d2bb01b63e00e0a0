"""``python -m idp.cli`` is the command ``idp``."""

from idp.cli.program import main

if __name__ == "__main__":
    main(prog_name="idp")
