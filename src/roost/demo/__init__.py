"""``roost demo``: real work through a pool, from files of this host to figures about them.

``recipe`` is the whole of it. It works through ``roost.Pool``, and so is an example of that as well;
beside it, it takes only types, names and ways to report from the rest of Roost.
``sources`` finds the input and splits it, ``analysis`` is the program that the jobs run,
``figures`` compares what came back with what the host finds itself.
"""

from roost.demo.figures import Comparison, Totals
from roost.demo.recipe import DemoResult, Part, run_demo

__all__ = ["Comparison", "DemoResult", "Part", "Totals", "run_demo"]
