"""The version of Roost: read by the wheel's build and by ``roost --version``, so it imports nothing."""

__version__ = "0.1.0"
