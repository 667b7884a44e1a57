"""Measurements, each beside its floor and in the same run: ``python -m bench --help``."""
