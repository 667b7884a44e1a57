"""A client of HTCondor's token authentication that sends what an honest one keeps to itself.

HTCondor's own client does not offer a token that it takes for useless (of another key or domain), and gives
up when the server cannot prove that it knows the token. This one goes on, up to the message in which it would
have to prove that it knows the token's signature, and sends noise there. Messages as in HTCondor's CEDAR
(reli_sock.cpp, condor_auth_passwd.cpp): packets with a header of five bytes, integers of eight.
"""

from __future__ import annotations

SCRIPT = r"""python3 - <<'END'
import os, socket, struct

def integer(number):
    return struct.pack('>q', number)

def text(what):
    return what.encode() + b'\0'

def send(message):
    peer.sendall(struct.pack('>BI', 1, len(message)) + message)

def exactly(size):
    data = b''
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise SystemExit('the daemon hung up')
        data += more
    return data

def receive():
    message, last = b'', 0
    while not last:
        last, size = struct.unpack('>BI', exactly(5))
        message += exactly(size)
    return message

def take_integer():
    global answer
    number, answer = struct.unpack('>q', answer[:8])[0], answer[8:]
    return number

def take_text():
    global answer
    what, _, answer = answer.partition(b'\0')
    return what.decode()

def take_bytes():
    global answer
    size = take_integer()
    data, answer = answer[:size], answer[size:]
    return data

token = open(os.environ['_CONDOR_SEC_TOKEN_DIRECTORY'] + '/token').read().strip()
claims, _, _signature = token.rpartition('.')
host, _, port = os.environ['MASTER'].rpartition(':')
peer = socket.create_connection((host, int(port)), timeout=20)
policy = {
    'AuthMethods': '"TOKEN"', 'AuthMethodsList': '"TOKEN"', 'CryptoMethods': '"AES"',
    'Authentication': '"REQUIRED"', 'Encryption': '"REQUIRED"', 'Integrity': '"REQUIRED"',
    'Enact': '"NO"', 'NewSession': '"YES"', 'OutgoingNegotiation': '"PREFERRED"', 'Command': '5',
    'Subsystem': '"TOOL"', 'SessionDuration': '"60"', 'SessionLease': '3600', 'ServerPid': '1',
    'RemoteVersion': '"$CondorVersion: 23.9.6 2026-07-12 BuildID: 1 $"',
}
lines = b''.join(text(key + ' = ' + value) for key, value in policy.items())
send(integer(60010) + integer(len(policy)) + lines + text('') + text(''))
receive()  # the policy that the daemon has chosen
send(integer(2048))  # TOKEN, among the methods
receive()
import base64, json
who = json.loads(base64.urlsafe_b64decode(claims.split('.')[1] + '=='))['sub']
nonce = os.urandom(256)
send(integer(0) + integer(len(who)) + text(who) + text(claims) + integer(len(nonce)) + nonce)
answer = receive()
status = take_integer()
take_integer(); take_text(); take_integer(); take_text()
take_bytes()
theirs = take_bytes()
proof = os.urandom(32)
send(integer(0) + integer(len(who)) + text(who) + integer(len(theirs)) + theirs + integer(len(proof)) + proof)
try:
    send(integer(0))  # no other method
    receive()
except OSError as error:
    print(error)
END
"""
