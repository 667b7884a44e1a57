"""The life of tokens and signing keys: issued, renewed, revoked, rotated.

On the master, keys and records are files of its volume, so that everything survives a restart and a
container that is made anew. Every change of them is made under one lock and is followed by the part of
HTCondor's configuration that follows from it (:mod:`roost.node.tokens.access`).
"""
