"""The node's health: one process that looks whether the node does its role's work, and tells it.

``main`` is the process, ``daemons`` watches condor_master's children, ``look`` asks HTCondor, ``judge``
makes findings of what was seen, ``report`` writes the state file, ``server`` answers over HTTP and
``check`` is the image's HEALTHCHECK. ``pool`` is what the master knows of every node by the collector's
ads, and ``metrics`` renders all of it for Prometheus.
"""
