"""Jobs of a pool: run, submit, list, wait, fetch and remove them.

A submission is a directory of its own on the submit node: what was uploaded, HTCondor's event log,
and what the jobs made. Everything about it is found again there and in the queue; nothing is kept
on the host.
"""
