"""Programs for people who change Roost; not part of the wheel."""
