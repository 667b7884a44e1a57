"""HTCondor on the host's side: its words and formats, and nothing of containers."""
