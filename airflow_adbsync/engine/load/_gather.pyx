# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`gathering.pure_gather`, compiled: rows from libpq to one piece of memory, without a Python object a row.

libpq's functions are called by their addresses, so that they are those of the very library that psycopg uses.
"""

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

ctypedef int (*get_copy_data)(void* conn, char** row, int is_async) noexcept nogil
ctypedef void (*free_memory)(void* row) noexcept nogil


cdef class _Row:
    """A row that is handed on where it lies, for it is long."""

    cdef char* data
    cdef Py_ssize_t size
    cdef free_memory release

    def __getbuffer__(self, Py_buffer* view, int flags):
        PyBuffer_FillInfo(view, self, self.data, self.size, 1, flags)

    def __dealloc__(self):
        if self.data != NULL:
            self.release(self.data)


cdef class Gatherer:
    """Takes rows from a connection that is given by its address, up to ``most`` bytes at a time."""

    cdef get_copy_data take
    cdef free_memory release
    cdef char* room
    cdef Py_ssize_t most

    def __cinit__(self, uintptr_t take, uintptr_t release, Py_ssize_t most):
        self.take = <get_copy_data> take
        self.release = <free_memory> release
        self.most = most
        self.room = <char*> malloc(most)
        if self.room == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.room)

    def gather(self, uintptr_t conn):
        """Return the number of rows, how it ended (as libpq says it, or 1), and what was taken, in parts."""
        cdef void* there = <void*> conn
        cdef char* row = NULL
        cdef int length = 1
        cdef Py_ssize_t size = 0
        cdef int rows = 0
        cdef _Row long_row
        with nogil:
            while True:
                length = self.take(there, &row, 1)
                if length <= 0:
                    break
                rows += 1
                if size + length > self.most:
                    break
                memcpy(self.room + size, row, length)
                size += length
                self.release(row)
                row = NULL
        parts = [PyBytes_FromStringAndSize(self.room, size)] if size else []
        if length > 0:
            long_row = _Row.__new__(_Row)
            long_row.data, long_row.size, long_row.release = row, length, self.release
            parts.append(memoryview(long_row))
        return rows, min(length, 1), parts
