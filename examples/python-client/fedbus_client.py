"""A client of fedbus in one file: publishes with acknowledgements, reads history, and subscribes without gaps.

Needs Python 3.8 and pyzmq (Debian: python3-zmq). Written from docs/wire.md alone. Not for several threads at once.

    from fedbus_client import Bus

    with Bus() as bus:
        offset = bus.publish("shop.order.created", {"id": 1})   # on disk when it returns
        for event in bus.subscribe(["shop.#"], start=offset):
            print(event.offset, event.topic, event.msg)
"""
import itertools
import json
import re
import struct
import time
import uuid
import zlib
from collections import namedtuple

import zmq

DEFAULT_URL = "tcp://127.0.0.1:9950"
PROTOCOL_VERSION = 1
LOGGED, SPARSE = 1, 2
HEADER = struct.Struct("<4sBBHIIIIQQQ32sII")
# What may pass by waiting and sending again; everything else is the caller's.
RETRYABLE = {"HUB_UNREACHABLE", "LOG_WRITE_FAILED", "LOG_DISK_LOW", "SEQUENCE_GAP", "HUB_BUSY"}

Event = namedtuple("Event", "offset recorded_at epoch topic msg envelope bytes")


class FedbusError(Exception):
    """What the hub says, or that it says nothing (HUB_UNREACHABLE). `code` is one of docs/errors.md."""

    def __init__(self, code, message, details=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.details = details or {}


# Blocks


def encode_block(events):
    """A publisher's block of events, each the bytes of its envelope."""
    payload = b"[" + b",".join(events) + b"]"
    lengths = [len(event) for event in events]
    ends = list(itertools.accumulate(lengths, lambda end, length: end + 1 + length))
    ends = [end + 1 for end in ends]
    body = struct.pack(f"<{len(ends)}I", *ends) + payload
    fields = (b"FBLK", 1, 0, 0, len(events), 0, len(payload), zlib.crc32(body), 0, 0, 0, bytes(32))
    start = HEADER.pack(*fields, 0, 0)[:80]
    return start + struct.pack("<II", zlib.crc32(start), 0) + body


def decode_block(block):
    """The events of a hub's block. Raises FedbusError BLOCK_INVALID, BLOCK_VERSION or BLOCK_CORRUPT."""
    if len(block) < HEADER.size or block[:4] != b"FBLK":
        raise FedbusError("BLOCK_INVALID", "not a block")
    (_, version, flags, _, count, meta_bytes, payload_bytes, body_crc, first_offset, recorded_at, epoch, _,
     header_crc, _) = HEADER.unpack_from(block)
    if version != 1:
        raise FedbusError("BLOCK_VERSION", f"version {version}")
    topic_ids_bytes = (2 * count + 3) // 4 * 4 if flags & LOGGED else 0
    deltas_at = HEADER.size + meta_bytes + topic_ids_bytes
    ends_at = deltas_at + (4 * count if flags & SPARSE else 0)
    payload_at = ends_at + 4 * count
    if len(block) != payload_at + payload_bytes:
        raise FedbusError("BLOCK_INVALID", "the lengths do not fit")
    if zlib.crc32(block[HEADER.size:ends_at], zlib.crc32(block[:80])) != header_crc:
        raise FedbusError("BLOCK_CORRUPT", "the header's checksum does not match")
    if zlib.crc32(block[ends_at:]) != body_crc:
        raise FedbusError("BLOCK_CORRUPT", "the body's checksum does not match")
    deltas = struct.unpack_from(f"<{count}I", block, deltas_at) if flags & SPARSE else range(count)
    ends = struct.unpack_from(f"<{count}I", block, ends_at)
    events, start = [], 1
    for delta, end in zip(deltas, ends):
        raw = block[payload_at + start:payload_at + end]
        envelope = json.loads(raw)
        events.append(Event(first_offset + delta, recorded_at, epoch, envelope["topic"], envelope["msg"], envelope, raw))
        start = end + 1
    return events


# Patterns


def covers(a, b):
    """Whether pattern `a` matches every topic that `b` matches."""
    a, b = a.split("."), b.split(".")
    for index, left in enumerate(a):
        if left == "#":
            return True
        right = b[index] if index < len(b) else None
        if right is None or right == "#" or (left != "*" and left != right):
            return False
    return len(a) == len(b)


def key_of(patterns):
    """The key that broadcasts of these patterns go by."""
    patterns = sorted({"#" if pattern == "*.#" else pattern for pattern in patterns})
    kept = [p for p in patterns if not any(other != p and covers(other, p) for other in patterns)]
    return json.dumps(kept, separators=(",", ":")).encode()


class Bus:
    """A connection to a hub. `timeout`: seconds until an answer counts as lost; `patience`: until calls give up."""

    def __init__(self, url=DEFAULT_URL, producer=None, timeout=5.0, patience=60.0):
        self._url = url
        self._timeout = timeout
        self._patience = patience
        self._context = zmq.Context()
        self._ids = itertools.count(1)
        self._i = itertools.count(1)
        self._producer = producer or f"python-{uuid.uuid4()}"
        self._epoch = None
        self._seq = 0
        self._socket = None
        try:
            self.hello = self.request("hello", {"version": PROTOCOL_VERSION})[0]
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._socket is not None:
            self._socket.close(linger=0)
        self._context.destroy(linger=0)

    # Requests

    def request(self, op, params=None, *blocks):
        """The result and the blocks of one request; asked again while the hub is away or busy."""
        deadline = time.monotonic() + self._patience
        for pause in backoff():
            try:
                return self._ask(op, params or {}, blocks)
            except FedbusError as error:
                if error.code not in ("HUB_UNREACHABLE", "HUB_BUSY") or time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause)

    def _ask(self, op, params, blocks=()):
        if self._socket is None:
            self._socket = self._open(zmq.DEALER)
            # Nothing is queued for a hub that is not there.
            self._socket.setsockopt(zmq.IMMEDIATE, 1)
            self._socket.setsockopt(zmq.SNDTIMEO, int(self._timeout * 1000))
            self._socket.connect(self._url)
        request_id = next(self._ids)
        control = json.dumps({"id": request_id, "op": op, "params": params}).encode()
        deadline = time.monotonic() + self._timeout
        try:
            self._socket.send_multipart([control, *blocks])
        except zmq.Again:
            raise FedbusError("HUB_UNREACHABLE", f"no hub at {self._url}") from None
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not self._socket.poll(left * 1000):
                raise FedbusError("HUB_UNREACHABLE", f"no answer from {self._url}")
            control, *frames = self._socket.recv_multipart()
            answer = json.loads(control)
            if answer["id"] != request_id:
                continue  # of a request that was given up
            if "error" in answer:
                raise FedbusError(**answer["error"])
            return answer["result"], frames

    def _open(self, kind):
        socket = self._context.socket(kind)
        for option, value in (
            (zmq.LINGER, 0),
            (zmq.HEARTBEAT_IVL, 1000),
            (zmq.HEARTBEAT_TIMEOUT, 3000),
            (zmq.RECONNECT_IVL, 100),
            (zmq.RECONNECT_IVL_MAX, 2000),
            (zmq.MAXMSGSIZE, 8 * 1024 * 1024),
            (zmq.RCVHWM, 48),
        ):
            socket.setsockopt(option, value)
        return socket

    # Publishing

    def publish(self, topic, msg, headers=None):
        """Publishes one event; its offset once it is on disk. Raises FedbusError if it is refused."""
        outcome = self.publish_many([(topic, msg, headers)])[0]
        if isinstance(outcome, FedbusError):
            raise outcome
        return outcome

    def publish_many(self, events):
        """Publishes `(topic, msg)` or `(topic, msg, headers)` each; for each its offset, or a FedbusError."""
        return self.publish_envelopes([self._envelope(*event) for event in events])

    def publish_envelopes(self, envelopes):
        """Publishes whole envelopes, their bytes kept; for each its offset, or a FedbusError."""
        limits = self.hello["limits"]
        outcomes, batch, size = [], [], 0
        for envelope in envelopes:
            room = limits["batchBytesMax"] - 1024
            if batch and (len(batch) >= limits["batchEventsMax"] or size + len(envelope) + 5 > room):
                outcomes += self._publish_batch(batch)
                batch, size = [], 0
            batch.append(envelope)
            size += len(envelope) + 5
        return outcomes + (self._publish_batch(batch) if batch else [])

    def _envelope(self, topic, msg, headers=None):
        envelope = {
            "topic": topic,
            "msg_id": f"{time.gmtime().tm_year}-{uuid.uuid4()}",
            "timestamp": round(time.time(), 3),
            "i": next(self._i),
            "source_name": "fedbus-python",
        }
        if headers is not None:
            envelope["headers"] = headers
        envelope["msg"] = msg
        return json.dumps(envelope, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    def _publish_batch(self, batch):
        """One batch at a time is under way, and is sent until it is answered: what is stored is stored once."""
        block = encode_block(batch)
        deadline = time.monotonic() + self._patience
        is_first = True
        for pause in backoff():
            try:
                if self._epoch is None:
                    opened = self._ask("open-producer", {"producer": self._producer})[0]
                    self._epoch, self._seq = opened["epoch"], opened["nextSeq"]
                elif not is_first:
                    params = {"producer": self._producer, "epoch": self._epoch, "nextSeq": self._seq}
                    self._ask("open-producer", params)
                params = {"producer": self._producer, "epoch": self._epoch, "seq": self._seq}
                answer = self._ask("publish", params, [block])[0]
                self._seq += len(batch)
                return outcomes_of(answer)
            except FedbusError as error:
                if error.code == "PRODUCER_UNKNOWN":
                    self._epoch = None
                elif error.code not in RETRYABLE or time.monotonic() + pause > deadline:
                    raise
                is_first = False
            time.sleep(pause)

    # Reading

    def read(self, start, to=None, patterns=("#",)):
        """Stored events from offset `start` up to before `to`; None is the head of the moment."""
        if to is None:
            to = self.request("info")[0]["head"]
        while start < to:
            result, blocks = self.request("read", {"from": start, "to": to, "patterns": list(patterns)})
            for block in blocks:
                yield from decode_block(block)
            if result["done"]:
                return
            start = result["next"]

    def subscribe(self, patterns=("#",), start="live"):
        """Each matching event once, in order, for ever. `start`: "live", "earliest" or an offset."""
        key = key_of(patterns)
        place = None if start == "live" else start
        if start == "earliest":
            place = self.request("info")[0]["first"]
        host = re.match(r"tcp://(.+):\d+$", self._url)
        port = re.match(r"tcp://.+:(\d+)$", self.hello["broadcast"])
        address = f"tcp://{host[1]}:{port[1]}" if host and port else self.hello["broadcast"]
        socket = self._open(zmq.SUB)
        try:
            socket.setsockopt(zmq.RCVHWM, 32)
            socket.setsockopt(zmq.SUBSCRIBE, key)
            socket.connect(address)
            yield from self._frames(socket, key, patterns, place)
        finally:
            socket.close(linger=0)

    def _frames(self, socket, key, patterns, place):
        epoch = last = None
        while True:
            got, header, *blocks = socket.recv_multipart()
            if got != key:
                continue  # another key that begins so
            header = json.loads(header)
            if "error" in header:
                raise FedbusError(**header["error"])
            if place is None:
                place = header["prev"]
            if epoch not in (None, header["epoch"]):
                self._check_same_log(place, last)
            epoch = header["epoch"]
            if header["next"] <= place:
                continue
            if header["prev"] > place:
                for event in self.read(place, header["prev"], patterns):
                    last = event
                    yield event
                place = header["prev"]
            for event in itertools.chain.from_iterable(map(decode_block, blocks)):
                if event.offset >= place:
                    last = event
                    yield event
            place = header["next"]

    def _check_same_log(self, place, last):
        """The hub was restarted: raises LOG_DIVERGED if its log is not the one that was read before."""
        if self.request("info")[0]["head"] < place:
            raise FedbusError("LOG_DIVERGED", "the log ends before what was read from it")
        if last is not None:
            after = last.offset + 1
            self.request("read", {"from": after, "to": after, "epoch": last.epoch})


def outcomes_of(answer):
    refused = {error.pop("index"): FedbusError(**error) for error in answer["refused"]}
    offsets = itertools.count(answer["firstOffset"])
    return [refused[index] if index in refused else next(offsets) for index in range(answer["count"])]


def backoff():
    """Pauses in seconds, longer each time."""
    pause = 0.05
    while True:
        yield pause
        pause = min(pause * 2, 2.0)
