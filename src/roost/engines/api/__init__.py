"""The Docker Engine API, as far as Roost needs it, over the ``docker`` SDK.

One small class for each kind of thing (``containers``, ``commands``, ``networks``, ``images``,
``builds``), put together by :mod:`roost.engines.sdk`. The pure parts have modules of their own:
``failures`` (what an engine says, as errors), ``payload`` and ``parse`` (our data as the API's and
back), ``frames`` (multiplexed output), ``tarring`` (archives).
"""
