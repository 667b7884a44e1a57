"""Jobs on the submit node: the commands that ``roost`` on the host calls through the engine.

They run as the account that owns the jobs, in the directory of one submission, and tell what
happens as JSON lines on standard output (:class:`roost.contract.JobFrame`).
"""
