"""The same pool elsewhere: its plan as files that other programs bring up."""
