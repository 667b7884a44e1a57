"""The log forwarder: every line of every daemon of a node, on the container's standard output.

HTCondor's daemons write files, which rotate. One small process follows them all, makes of each event one
line as :mod:`roost.logline` has it, and says which job and slot it is of where the daemon does not.

A line goes out at least once: what was read is noted after it was written, so that a killed forwarder
repeats the last moment. Its position, which names file and byte, is the same each time.
"""
