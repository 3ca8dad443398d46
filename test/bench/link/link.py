"""A link between two TUN devices, with a rate, a delay, a queue and random loss in each direction.

User space, so that it is the same on every kernel (netem is a module that small virtual machines leave out), and Python
because Node cannot ask for a TUN device. What is counted and what takes time on the wire is the IP packet, whole.

As with a network card that segments and coalesces, the kernels at both ends handle a train of packets as one, which costs
them and this program a fraction of the processor. On the wire each is a packet of its own: it takes its own headers and
time, finds its own place in the queue and is lost by itself. A train is as long as the device's `gso_max_segs` has it, and
arrives when its last packet does.

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
TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x0001, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4 = 0x01, 0x02
# linux/virtio_net.h, struct virtio_net_hdr: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset; native order.
OFFLOAD = struct.Struct("=BBHHHH")
ONE_PACKET, TCP_OVER_IPV4 = 0, 1
LARGEST = OFFLOAD.size + 65536
BATCH = 32
# RFC 9293, 3.1. Only the last packet of a train has them.
FIN, PSH = 0x01, 0x08


def open_tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
    fcntl.ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)
    return fd


def folded(data):
    """The ones' complement sum of 16-bit words (RFC 1071), not inverted."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Train:
    """Packets of one TCP connection that follow each other: their common headers, and the payload of all of them."""

    def __init__(self, frame):
        self.flags, kind, _, self.size, self.start, self.offset = OFFLOAD.unpack_from(frame)
        self.frame = frame
        if kind == ONE_PACKET:
            self.lengths = [len(frame) - OFFLOAD.size]
            return
        if kind != TCP_OVER_IPV4:
            raise ValueError(f"a train of another kind: {kind}")
        self.headers = self.start + (frame[OFFLOAD.size + self.start + 12] >> 4) * 4
        payload = len(frame) - OFFLOAD.size - self.headers
        self.lengths = [self.headers + min(self.size, payload - at) for at in range(0, payload, self.size)]

    def part(self, first, end):
        """The packets first..end-1 as a train by themselves."""
        if first == 0 and end == len(self.lengths):
            return self.frame
        whole = self.frame[OFFLOAD.size :]
        payload = whole[self.headers + first * self.size : self.headers + end * self.size]
        head = bytearray(whole[: self.headers])
        tcp = self.start
        struct.pack_into("!H", head, 2, len(head) + len(payload))
        struct.pack_into("!H", head, 4, (struct.unpack_from("!H", head, 4)[0] + first) & 0xFFFF)
        struct.pack_into("!H", head, 10, 0)
        struct.pack_into("!H", head, 10, folded(head[:tcp]) ^ 0xFFFF)
        sequence = struct.unpack_from("!I", head, tcp + 4)[0] + first * self.size
        struct.pack_into("!I", head, tcp + 4, sequence & 0xFFFFFFFF)
        if end < len(self.lengths):
            head[tcp + 13] &= ~(FIN | PSH)
        # Whoever completes the checksum expects the sum of the pseudo header in its place.
        length = len(head) - tcp + len(payload)
        struct.pack_into("!H", head, tcp + self.offset, folded(bytes(head[12:20]) + struct.pack("!HH", 6, length)))
        kind, size = (TCP_OVER_IPV4, self.size) if end - first > 1 else (ONE_PACKET, 0)
        return OFFLOAD.pack(self.flags, kind, self.headers, size, tcp, self.offset) + head + payload


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
                frame = os.read(self.source, LARGEST)
            except BlockingIOError:
                return
            self.carry(Train(frame), now)

    def carry(self, train, now):
        """Each packet for itself; what arrives in one piece flies on in one piece."""
        first = None
        for index, length in enumerate(train.lengths):
            if self.arrives(length, now):
                first = index if first is None else first
                last = self.free
            elif first is not None:
                self.flying.append((last + self.delay, train.part(first, index)))
                first = None
        if first is not None:
            self.flying.append((last + self.delay, train.part(first, len(train.lengths))))

    def arrives(self, length, now):
        begin = max(now, self.free)
        if (begin - now) * self.rate + length > self.queue:
            self.dropped += 1
            return False
        self.free = begin + length / self.rate
        self.bytes += length
        self.packets += 1
        lost = self.chance.random() < self.loss
        self.lost += lost
        return not lost

    def deliver(self, now):
        while self.flying and self.flying[0][0] <= now:
            frame = self.flying.popleft()[1]
            try:
                os.write(self.sink, frame)
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
