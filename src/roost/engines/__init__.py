"""Everything that knows containers and nothing of HTCondor.

``protocol`` is the seam; ``sdk`` the implementation shared by Docker and Podman; ``docker`` and
``podman`` hold what differs; ``fake`` keeps containers in memory; ``detect`` chooses one.
"""
