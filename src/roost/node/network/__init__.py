"""``roost-node network``: can this node talk to every node that it must talk to?

``contact`` reads what daemons say of where they are, ``peers`` who has to talk to whom, ``road`` goes there
as any program would, and ``exchange`` as HTCondor does.
"""
