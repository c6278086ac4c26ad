"""struct mmsghdr, for peers that move several messages by one call."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
MSG_WAITFORONE = 0x10000


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class Message(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.POINTER(Iovec)),
        ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
        ("flags", ctypes.c_int), ("pad", ctypes.c_int), ("length", ctypes.c_uint32), ("pad2", ctypes.c_int),
    ]


def messages(buffers):
    """An array of struct mmsghdr, one buffer each; the buffers must outlive it."""
    array = (Message * len(buffers))()
    for message, buffer in zip(array, buffers):
        iov = Iovec(ctypes.addressof(buffer), len(buffer))
        message.iov, message.iovlen = ctypes.pointer(iov), 1
    return array
