"""The program inside the containers.

It stands alone: the standard library, ``roost.contract``, supervisor and HTCondor's own bindings, all of
them Debian packages. ``boot`` is what a container starts with; the other commands are called by the host
through the engine's exec.
"""
