"""Users from outside of the pool: their accounts on the submit node, and their tokens.

The submit node signs them with a key of its own, so that nobody but its schedd takes one, and the pool's key
stays on the master. All of it is files of the node's volume; every change of them is made under one lock
(:func:`roost.node.tokens.files.locked`). See docs/decisions/remote-users.md.
"""
