"""A link between two TUN devices, with a rate, a delay, a queue and random loss in each direction.

User space, so that it is the same on every kernel (netem is a module that small virtual machines leave out), and Python
because Node cannot ask for a TUN device. What is counted and what takes time on the wire is the IP packet, whole.

argv: one JSON object {names: [a, b], bytesPerSecond, delaySeconds (one way), loss (0..1), queueBytes, seed}.
stdout: `ready`, then for every line on stdin one JSON array of the counts a->b and b->a.
stdin's end ends the link.
"""

import collections
import fcntl
import json
import os
import random
import select
import struct
import sys
import time

# linux/if_tun.h
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
LARGEST = 65536
BATCH = 32


def open_tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


class Direction:
    def __init__(self, source, sink, shape):
        self.source, self.sink = source, sink
        self.rate, self.delay = shape["bytesPerSecond"], shape["delaySeconds"]
        self.loss, self.queue = shape["loss"], shape["queueBytes"]
        self.chance = random.Random(f"{shape['seed']}/{sink}")
        self.free = 0.0
        self.flying = collections.deque()
        self.bytes = self.packets = self.lost = self.dropped = 0

    def accept(self, now):
        for _ in range(BATCH):
            try:
                packet = os.read(self.source, LARGEST)
            except BlockingIOError:
                return
            begin = max(now, self.free)
            if (begin - now) * self.rate + len(packet) > self.queue:
                self.dropped += 1
                continue
            self.free = begin + len(packet) / self.rate
            self.bytes += len(packet)
            self.packets += 1
            if self.chance.random() < self.loss:
                self.lost += 1
            else:
                self.flying.append((self.free + self.delay, packet))

    def deliver(self, now):
        while self.flying and self.flying[0][0] <= now:
            packet = self.flying.popleft()[1]
            try:
                os.write(self.sink, packet)
            except OSError:
                self.dropped += 1

    def due(self):
        return self.flying[0][0] if self.flying else None

    def count(self):
        return {name: getattr(self, name) for name in ("bytes", "packets", "lost", "dropped")}


def main():
    shape = json.loads(sys.argv[1])
    one, other = (open_tun(name) for name in shape["names"])
    ways = [Direction(one, other, shape), Direction(other, one, shape)]
    print("ready", flush=True)
    while True:
        dues = [due for due in (way.due() for way in ways) if due is not None]
        patience = max(0.0, min(dues) - time.monotonic()) if dues else None
        readable = select.select([one, other, 0], [], [], patience)[0]
        if 0 in readable:
            if not os.read(0, 4096):
                return
            print(json.dumps([way.count() for way in ways]), flush=True)
        now = time.monotonic()
        for way in ways:
            if way.source in readable:
                way.accept(now)
        now = time.monotonic()
        for way in ways:
            way.deliver(now)


main()
