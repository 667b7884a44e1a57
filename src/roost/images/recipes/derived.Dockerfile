# Software for jobs, on top of the execute image.
ARG BASE
FROM ${BASE} AS system
ARG HTCONDOR
ARG APT_OPTIONS=""
ARG PACKAGES_AS_OF
COPY apt.txt requirements.txt /tmp/roost/
RUN set -eu; \
    export DEBIAN_FRONTEND=noninteractive; \
    if [ -s /tmp/roost/apt.txt ]; then \
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; \
        apt-get $APT_OPTIONS -o APT::Update::Error-Mode=any update; \
        xargs -a /tmp/roost/apt.txt \
            apt-get $APT_OPTIONS install --yes --no-install-recommends --; \
        apt-get clean; \
        rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/* /var/cache/apt/*.bin \
            /var/cache/debconf/*-old /var/lib/dpkg/*-old \
            /var/log/apt /var/log/dpkg.log /var/log/alternatives.log; \
    fi; \
    rm -rf /tmp/roost; \
    case "$(dpkg-query -W -f '${Version}' condor)" in \
        "$HTCONDOR"[!0-9.]*) ;; \
        *) echo "E: these packages do not leave HTCondor $HTCONDOR as it is"; exit 1 ;; \
    esac

# pip works in a stage of its own: neither pip nor the host's settings for it reach the image.
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
        xargs -d '\n' -a /tmp/roost/requirements.txt \
            python3 -m pip install --break-system-packages --root-user-action=ignore \
            --no-cache-dir --disable-pip-version-check --no-input --; \
    fi

FROM system
COPY --from=pip /usr/local/ /usr/local/
