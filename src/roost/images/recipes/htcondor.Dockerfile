# HTCondor and supervisor as Debian ships them, with one uid and gid of `condor` on every suite.
ARG BASE
FROM ${BASE}
ARG CONDOR_UID
ARG CONDOR_GID
ARG PACKAGES
ARG APT_OPTIONS=""
# The time of the build: no cache of the engine may bring back older packages than were asked for.
ARG PACKAGES_AS_OF
COPY root/ /
RUN set -eu; \
    touch /tmp/began; \
    groupadd --gid "$CONDOR_GID" condor; \
    useradd --uid "$CONDOR_UID" --gid condor --home-dir /var/lib/condor --no-create-home \
        --comment 'HTCondor Daemons' --shell /usr/sbin/nologin condor; \
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; \
    export DEBIAN_FRONTEND=noninteractive; \
    apt-get $APT_OPTIONS -o APT::Update::Error-Mode=any update; \
    apt-get $APT_OPTIONS install --yes --no-install-recommends $PACKAGES; \
    exec python3 -I /usr/share/roost/build/finish.py /tmp/began
