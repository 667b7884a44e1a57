"""The accounts of slots, and what of a node is closed to them.

Jobs run under accounts that nobody else has, one for each slot. What a job leaves behind is found by its
account, and removed before the next job of that account starts.
"""
