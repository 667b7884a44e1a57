"""The pool: what a user asks of it, as readable recipes of small steps.

``up`` makes a pool what it should be, ``down`` takes it away, ``status`` looks at it, ``jobs`` puts work
through it. :class:`Pool` offers all of that as one object.
"""

from roost.pool.api import Pool

__all__ = ["Pool"]
