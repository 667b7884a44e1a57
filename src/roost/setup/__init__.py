"""``roost setup``: a container engine, found, or installed and started from the distribution.

``ensure`` is the recipe: ``facts`` and ``probe`` look at the host, ``plan`` decides (pure;
``managers`` knows the distributions), ``perform`` does it with the commands of ``run``.
"""

from roost.setup.ensure import SetupResult, ensure_engine

__all__ = ["SetupResult", "ensure_engine"]
