# What the three roles share: Roost's program, the accounts and the directories.
ARG BASE
FROM ${BASE}
# The time of the build: prepare.py tells what is installed, so it has to run.
ARG BUILT_AT
COPY root/ /
RUN python3 -I -B /usr/share/roost/build/prepare.py && \
    exec python3 -I /usr/share/roost/build/finish.py
EXPOSE 9618 9620
# Each time it costs 14 ms of CPU time, and Docker another 50 to 70: hence no more often.
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=2 \
    CMD ["/usr/bin/python3", "-I", "-S", "/usr/lib/roost/roost/node/health/check.py"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/roost-node"]
