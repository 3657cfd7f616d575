"""A name server on the loopback interface that knows a few records."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@contextmanager
def dns_serving(records: Mapping[str, Sequence[str]]) -> Iterator[int]:
    """Answer for *records*, TXT by name, others as "A name"; no other exists. Yield the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    query, sender = listening.recvfrom(4096)
                except TimeoutError:
                    continue
                listening.sendto(_answer(query, records), sender)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def _answer(query: bytes, records: Mapping[str, Sequence[str]]) -> bytes:
    asked = dns.message.from_wire(query)
    answer = dns.message.make_response(asked)
    answer.flags |= dns.flags.RA
    name = asked.question[0].name
    kind, text = dns.rdatatype.to_text(asked.question[0].rdtype), name.to_text(omit_final_dot=True)
    found = records.get(text if kind == "TXT" else f"{kind} {text}")
    if found is None and not any(key.split()[-1] == text for key in records):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif found:
        values = [f'"{one}"' for one in found] if kind == "TXT" else found
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
    return answer.to_wire()
