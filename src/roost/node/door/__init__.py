"""The pool's door, on the master: who asks for a token of its own, and who gets one.

A node without a credential makes one of HTCondor's token requests ("Token Authentication" in the security
chapter of its manual). ``bell`` notices it, ``answer`` puts it to ``policy``, which approves what an invite,
the node's own older token or an opened network range vouches for. The rest waits for a person.
"""
