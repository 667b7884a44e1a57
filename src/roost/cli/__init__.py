"""The ``roost`` command: a thin edge over :class:`roost.Pool`.

``main`` is the entry; ``commands`` holds one module for each command, named as the user types it;
``output`` is everything that is shown. Only this package prints and exits.
"""
