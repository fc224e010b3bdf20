"""Many datagrams per system call: recvmmsg(2) and sendmmsg(2), which the socket module lacks.

A batch is a block of memory that the kernel reads and writes: slots for datagrams, the peers'
addresses beside them, and the headers that point to both. They are laid out once; per packet
nothing is allocated but the query itself, and a peer's address is never turned into text and
back. Linux; the layouts are those of the C library for the machine that runs this.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket

from dnscore.wire.const import UDP_RECEIVE

SLOTS = 64
"""Datagrams per system call."""
SLOT_SIZE = UDP_RECEIVE
"""Octets of a slot: the longest datagram that is received whole, and the longest sent."""
STARTS = tuple(range(0, SLOTS * SLOT_SIZE, SLOT_SIZE))
"""Where the slots begin in their memory. A tuple, as a range makes each of its numbers anew."""
NAME_SIZE = 28
"""Octets of a sockaddr_in6, the longer of the two."""


class _IoVec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("len", ctypes.c_size_t))


class _Message(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("namelen", ctypes.c_uint32),
        ("iov", ctypes.c_void_p),
        ("iovlen", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("controllen", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Header(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("message", _Message), ("len", ctypes.c_uint32))


_HEADER_SIZE = ctypes.sizeof(_Header)
_HEADER_WORDS = _HEADER_SIZE // 4
"""32-bit words from one received length to the next."""
LENGTH_WORD = _Header.len.offset // 4
"""The word of a header that holds the received length."""
ROWS = tuple(
    (start, start + 2, slot * _HEADER_WORDS + LENGTH_WORD, 2 * slot + 1)
    for slot, start in enumerate(STARTS)
)
"""Of each slot: where it begins, where its message goes on behind the ID, and the words of
`Headers.lengths` and `Headers.sizes` that tell how long it is."""
_LONG = ctypes.sizeof(ctypes.c_ulong)
_CONTROLLEN_LONG = _Message.controllen.offset // _LONG

# PyDLL, as these calls never wait: a listener that let the other threads in at each of them might
# wait for milliseconds to go on, and to ask for that costs a seventh of a call.
_libc = ctypes.PyDLL(None, use_errno=True)
# Without argtypes: to convert each argument by them costs as much as the rest of the call. So an
# argument is None, an int that fits a C int, or made by byref.
_recvmmsg = _libc.recvmmsg
_sendmmsg = _libc.sendmmsg
_DONTWAIT = int(socket.MSG_DONTWAIT)


class Slots:
    """Memory for SLOTS datagrams, and one set of headers that points to it."""

    def __init__(self, *, name_size: int, control_size: int) -> None:
        """`name_size` 0 is for connected sockets; `control_size` 0 asks for no control data.

        Those of a slot stand right behind those of the slot before it.
        """
        self.name_size = name_size
        self.control_size = control_size
        # mmap, as slices of it are bytes at once, and slices can be assigned.
        self.data = mmap.mmap(-1, SLOTS * SLOT_SIZE)
        self.names = mmap.mmap(-1, max(1, SLOTS * name_size))
        self.control = mmap.mmap(-1, max(1, SLOTS * control_size))
        self._addresses = [_address(block) for block in (self.data, self.names, self.control)]

    def headers(self) -> Headers:
        """A set of headers for these slots."""
        return Headers(self, self._addresses)


class Headers:
    """One header per slot, as the kernel reads them."""

    def __init__(self, slots: Slots, addresses: list[int]) -> None:
        data, names, control = addresses
        self._vectors = (_IoVec * SLOTS)()
        self._array = (_Header * SLOTS)()
        self.starts = tuple(ctypes.byref(self._array, slot * _HEADER_SIZE) for slot in range(SLOTS))
        """Where the header of each slot begins, as the system calls take it."""
        base = ctypes.addressof(self._vectors)
        for slot in range(SLOTS):
            self._vectors[slot] = _IoVec(data + slot * SLOT_SIZE, SLOT_SIZE)
            header = self._array[slot].message
            header.iov = base + slot * ctypes.sizeof(_IoVec)
            header.iovlen = 1
            if slots.name_size:
                header.name = names + slot * slots.name_size
                header.namelen = slots.name_size
            if slots.control_size:
                header.control = control + slot * slots.control_size
                header.controllen = slots.control_size
        self.lengths = memoryview(self._array).cast("B").cast("I")
        """What was received in each slot, in the words that ROWS tells."""
        self.sizes = memoryview(self._vectors).cast("B").cast("L")
        """What is to be sent of each slot, in the words that ROWS tells; the one before each tells
        from where."""
        self.base = data
        """Where the slots begin."""
        self._longs = memoryview(self._array).cast("B").cast("L")
        self._control_size = slots.control_size

    def renew_control(self, count: int) -> None:
        """Give back the room for control data, of which the kernel has noted what it used."""
        longs, size = self._longs, self._control_size
        step = _HEADER_SIZE // _LONG
        for at in range(_CONTROLLEN_LONG, count * step, step):
            longs[at] = size


def receive(fd: int, headers: Headers) -> int:
    """Fill slots from the socket; how many, 0 when it is empty. OSError for its errors."""
    count: int = _recvmmsg(fd, headers.starts[0], SLOTS, _DONTWAIT, None)
    if count < 0:
        number = ctypes.get_errno()
        if number in (errno.EAGAIN, errno.EINTR):
            return 0
        raise OSError(number, os.strerror(number))
    return count


def send(fd: int, headers: Headers, first: int, count: int) -> int:
    """Send `count` slots from `first` on; how many the kernel would not take.

    A full socket loses the rest, as UDP may; a slot that cannot be sent (its peer has port 0, no
    route) is passed over.
    """
    lost = 0
    refused = -1
    while count > 0:
        sent: int = _sendmmsg(fd, headers.starts[first], count, _DONTWAIT)
        if sent < 0:
            number = ctypes.get_errno()
            if number == errno.EAGAIN:
                return lost + count
            if number == errno.ECONNREFUSED and refused != first:
                # The error of an earlier datagram: this one has not been tried yet.
                refused = first
                continue
            lost += 1
            sent = 1
        first += sent
        count -= sent
    return lost


def _address(block: mmap.mmap) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(block))
