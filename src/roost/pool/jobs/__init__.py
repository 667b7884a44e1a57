"""Jobs of a pool: run, submit, list, wait, fetch and remove them.

A submission is a directory of its own on the submit node, named by its id: the submit file, ``work``
(the mirror of the directory it was submitted from: inputs, and outputs once they come), the event log.
Everything about it is found again there and in HTCondor's queue; nothing is kept on the host.
"""
