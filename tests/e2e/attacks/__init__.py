"""Attacks on real pools: each is first shown to succeed where the weakness is put back."""
