# Software for jobs, on top of the execute image.
ARG BASE
FROM ${BASE} AS system
ARG HTCONDOR
ARG APT_OPTIONS=""
ARG PACKAGES_AS_OF
COPY root/ /
RUN set -eu; \
    touch /tmp/began; \
    export DEBIAN_FRONTEND=noninteractive; \
    if [ -s /usr/share/roost/build/apt.txt ]; then \
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; \
        apt-get $APT_OPTIONS -o APT::Update::Error-Mode=any update; \
        xargs -a /usr/share/roost/build/apt.txt \
            apt-get $APT_OPTIONS install --yes --no-install-recommends --; \
    fi; \
    case "$(dpkg-query -W -f '${Version}' condor)" in \
        "$HTCONDOR"[!0-9.]*) ;; \
        *) echo "E: these packages do not leave HTCondor $HTCONDOR as it is"; exit 1 ;; \
    esac; \
    exec /usr/bin/python3 -I /usr/share/roost/build/finish.py /tmp/began

# pip works in a stage of its own: neither pip nor the host's settings for it reach the image. With
# SOURCE_DATE_EPOCH (1980, from when on archives have dates) bytecode names its source's hash, no time.
FROM system AS pip
ARG APT_OPTIONS=""
ARG TEMPORARY
LABEL roost.temporary=${TEMPORARY}
COPY requirements.txt pip.conf cert.pem /tmp/roost/
RUN set -eu; \
    if [ -s /tmp/roost/requirements.txt ]; then \
        export DEBIAN_FRONTEND=noninteractive; \
        apt-get $APT_OPTIONS -o APT::Update::Error-Mode=any update; \
        apt-get $APT_OPTIONS install --yes --no-install-recommends python3-pip; \
        export PIP_CONFIG_FILE=/tmp/roost/pip.conf; \
        export SOURCE_DATE_EPOCH=315532800; \
        xargs -d '\n' -a /tmp/roost/requirements.txt \
            python3 -m pip install --break-system-packages --root-user-action=ignore \
            --no-cache-dir --disable-pip-version-check --no-input --; \
    fi; \
    mkdir -p /roost-pip/usr; cp -a /usr/local /roost-pip/usr/; \
    find /roost-pip -exec touch --no-dereference --date @315532800 {} +

FROM system
COPY --from=pip /roost-pip/ /
RUN roost-node write-sbom && exec /usr/bin/python3 -I /usr/share/roost/build/finish.py
