"""Somebody who has recorded what a node sent, and sends it again."""

from __future__ import annotations

import pytest

from roost.waiting import wait_for
from tests.e2e.attacks import scripts
from tests.e2e.attacks.arena import UNAUTHENTICATED, Arena, Attack, Denial
from tests.e2e.attacks.credentials import Credential

pytestmark = pytest.mark.engine

_RECORD = r"""
cat >/tmp/recorder.py <<'END'
import os, socket, subprocess, threading
host, _, port = os.environ['MASTER'].rpartition(':')
door = socket.create_server(('127.0.0.1', 0))
last = socket.socket()
last.bind(('127.0.0.1', 0))

def copy(source, sink, record):
    with open(record, 'wb') if record else open(os.devnull, 'wb') as file:
        while data := source.recv(65536):
            file.write(data)
            file.flush()
            sink.sendall(data)

def advertise():
    pool = f'127.0.0.1:{door.getsockname()[1]}'
    command = ['condor_advertise', '-tcp', '-pool', pool, 'UPDATE_STARTD_AD', '-']
    subprocess.run(command, stdin=open('/tmp/ad'), check=False)
    last.connect(door.getsockname())

threading.Thread(target=advertise).start()
sent = []
while True:
    client, peer = door.accept()
    if peer == last.getsockname():
        break
    server = socket.create_connection((host, int(port)))
    record = f'/tmp/recorded.{len(sent)}'
    sent.append(threading.Thread(target=copy, args=(client, server, record), daemon=True))
    sent[-1].start()
    threading.Thread(target=copy, args=(server, client, ''), daemon=True).start()
# Who advertises does not wait for an answer: what it said may be on its way still.
for thread in sent:
    thread.join()
END
rm -f /tmp/recorded.*
"""
_REPLAY = r"""python3 - <<'END'
import glob, os, socket
host, _, port = os.environ['MASTER'].rpartition(':')
for record in sorted(glob.glob('/tmp/recorded.*')):
    with socket.create_connection((host, int(port)), timeout=5) as peer:
        peer.sendall(open(record, 'rb').read())
        try:
            while peer.recv(65536):
                pass
        except OSError as error:
            print(error)
END
"""


def test_a_recorded_session_is_worth_nothing(arena: Arena) -> None:
    """What an executor sent to advertise a slot, sent again when the slot is gone."""
    name = f"slot5@execute-2.{arena.domain}"
    ad = scripts.ad("Machine", name, f"execute-2.{arena.domain}")
    # On the weak pool nothing has to be negotiated. 25.14 would agree on a new secret even there.
    plain = {"SEC_CLIENT_NEGOTIATION": "NEVER"} if arena.weak else {}
    recording = f"{_RECORD}{ad} >/tmp/ad\npython3 /tmp/recorder.py"
    said = arena.attempt(recording, Credential.EXECUTE, **plain)
    wait_for(
        "the slot is there",
        lambda: f"Machine {name}" in arena.ads() or None,
        timeout_s=30,
        last_seen=lambda: said,
    )
    arena.gone(name)
    replay = Attack(
        "a replay",
        Credential.NONE,
        _REPLAY,
        lambda arena: f"Machine {name}" in arena.ads(),
        Denial(UNAUTHENTICATED),
        lambda arena: arena.gone(name),
    )
    why = Denial("Received inconsistent data|Hash supplied by client", log="CollectorSecurityLog")
    reasons = None if arena.weak else arena.log_since(why)
    arena.judge(replay)
    if reasons:
        arena.sees(why, reasons, "")
