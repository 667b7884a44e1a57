"""``export logs``: everything that helps to understand a pool from afar, in one file that is safe to mail.

``items`` says what goes into it, ``ask`` gets it from engine and nodes, ``redacted`` takes the secrets out,
``readme`` says what is what, ``archive`` writes the file; ``export`` is the recipe.
"""

from roost.pool.support.export import SupportArchive, export_logs

__all__ = ["SupportArchive", "export_logs"]
