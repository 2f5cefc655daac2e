"""A name server that answers every question with one address: `nameserver.py ADDRESS`."""

from __future__ import annotations

import socket
import sys


def main(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((address, 53))
        while True:
            question, client = udp.recvfrom(512)
            answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton(address)
            udp.sendto(question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question[12:] + answer, client)


main(sys.argv[1])
