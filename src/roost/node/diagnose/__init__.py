"""What a node tells ``roost doctor`` (:mod:`roost.nodefacts`): what is, never what is wrong.

``node`` is asked on every node, ``pool`` on the master, ``jobs`` on the submit node. Each has a
deadline of its own, since nobody else can end it, and leaves everything as it is.
"""
