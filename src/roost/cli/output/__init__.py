"""Everything that ``roost`` shows: progress and errors on stderr, results on stdout."""
