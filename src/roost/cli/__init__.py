"""The ``roost`` command: a thin edge over :class:`roost.Pool`.

``enter`` is the entry, and ``main`` what it runs; ``commands`` holds one module for each command, named as
the user types it; ``output`` is everything that is shown. Only this package prints and exits.
"""

from __future__ import annotations

import sys
from typing import NoReturn


def enter() -> NoReturn:
    """What ``roost`` runs. Imports nothing but what Python itself has imported, so that Ctrl-C is answered in
    words from the first moment."""
    try:
        from roost.cli.main import main
    except KeyboardInterrupt:
        sys.exit(_interrupted())
        sys.exit(_interrupted())
    main()


def _interrupted() -> int:
    sys.stderr.write("Interrupted: nothing was changed.\n")
    return 130
