"""Attacks, for real: HTCondor's own tools with a credential that should not be enough.

An attack is a shell script that runs in a node of the pool under attack, as root, with a credential of one's
choice (:mod:`~tests.e2e.attacks.credentials`) and with all the client's own cautions switched off
(:meth:`~tests.e2e.attacks.arena.Arena.attempt`). A test asserts on two things, and never on what the tools
say, which print "Sent" also when they are denied: on the state that the attack was after, and on the line in
which the daemon that was attacked denies it (:class:`~tests.e2e.attacks.arena.Denial`).

The fixture ``arena`` comes twice: first as a pool with the weakness put back (``arena.weak``), where the
attack has to succeed, so that the test can fail; then as a pool as Roost makes it. One of them is up at a
time, shared by all files in this directory. The usual test is ``arena.judge(attack)``.
"""
