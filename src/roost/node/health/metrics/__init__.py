"""Health and ads as Prometheus' metrics.

``catalog`` says which metrics there are, ``node`` and ``pool`` make samples of what was seen, and
``render`` makes text of them.
"""
