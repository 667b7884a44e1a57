"""``roost doctor``: why is nothing running?

``gather`` asks engine and nodes once; ``checks`` are pure functions over the facts; ``consequences``
leaves out what another finding explains; ``causes`` is the list of everything that can be found.
"""

from roost.pool.doctor.causes import Cause, Severity
from roost.pool.doctor.diagnose import diagnose
from roost.pool.doctor.finding import Diagnosis, Finding

__all__ = ["Cause", "Diagnosis", "Finding", "Severity", "diagnose"]
