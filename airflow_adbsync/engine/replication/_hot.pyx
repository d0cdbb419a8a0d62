# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`folding.PureChanges` and `folding.pure_drain`, compiled: from pgoutput's bytes to COPY's without a Python object a value.

Rows stay as they came: a kind (t or b, n, u), and for t and b a length and that many bytes. They lie one behind the
other in one piece of memory, and are found through a hash table of their keys.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.stdio cimport snprintf
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy

cimport cython

import os

from airflow_adbsync.engine.errors import ProtocolViolation
from airflow_adbsync.engine.replication.decoder import decode, text_needed
from airflow_adbsync.engine.replication.encoding import Census
from airflow_adbsync.engine.replication.messages import UNCHANGED

# What `folding` asks for.
INTERFACE = 2

ctypedef const uint8_t* Bytes
ctypedef int (*get_copy_data)(void* conn, char** row, int is_async) noexcept nogil
ctypedef void (*free_memory)(void* row) noexcept nogil

cdef enum:
    LIVE = 1
    ORIGIN = 2
    IMAGE = 4
    MASKED = 8
    BLOCK = 1 << 18
    HEADER = 25
    BEGIN_MESSAGE = 21
    COMMIT_MESSAGE = 26

# A piece of a table's memory; ``room`` is how much may be written over it.
cdef struct Piece:
    size_t at
    size_t size
    size_t room

cdef struct Row:
    Piece key
    Piece origin
    Piece image
    uint64_t hash
    int64_t count
    int32_t mask
    int32_t flags

cdef struct Buffer:
    uint8_t* data
    size_t room

# Where a tuple's values begin, and (the last) where it ends.
cdef struct Spots:
    Bytes data
    size_t* at
    bint masked

# What begins and ends COPY's binary format, and is a NULL in it (PostgreSQL doc: COPY, Binary Format).
cdef const char* BEGIN = b"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
cdef const char* END = b"\377\377"
cdef const char* NONE = b"\377\377\377\377"
cdef enum:
    BEGIN_SIZE = 19
    ARRAY_HEAD = 20

cdef uint64_t SEED = int.from_bytes(os.urandom(8), "little") | 1


cdef inline uint32_t be32(Bytes p) noexcept nogil:
    return (<uint32_t>p[0] << 24) | (<uint32_t>p[1] << 16) | (<uint32_t>p[2] << 8) | p[3]


cdef inline uint64_t be64(Bytes p) noexcept nogil:
    return (<uint64_t>be32(p) << 32) | be32(p + 4)


cdef inline void write32(uint8_t* p, uint32_t number) noexcept nogil:
    p[0], p[1], p[2], p[3] = number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255


cdef uint64_t hash_of(Bytes p, size_t size) noexcept nogil:
    cdef uint64_t found = SEED ^ (size * <uint64_t>0x9E3779B97F4A7C15)
    cdef uint64_t word
    while size >= 8:
        memcpy(&word, p, 8)
        found = (found ^ word) * <uint64_t>0xFF51AFD7ED558CCD
        found ^= found >> 32
        p += 8
        size -= 8
    word = 0
    memcpy(&word, p, size)
    found = (found ^ word) * <uint64_t>0xC4CEB9FE1A85EC53
    return found ^ (found >> 29)


cdef int reserve(Buffer* buffer, size_t size) except -1:
    cdef uint8_t* grown
    if size > buffer.room:
        grown = <uint8_t*>realloc(buffer.data, size * 2)
        if grown == NULL:
            raise MemoryError
        buffer.data, buffer.room = grown, size * 2
    return 0


@cython.final
cdef class Changes:
    """One table's net changes: by key, or where ``key`` is empty by whole rows."""

    cdef readonly tuple key
    cdef readonly bint binary
    cdef readonly int weight
    cdef object table
    cdef uint8_t form
    cdef bint full
    cdef int width, keys
    cdef int* places
    cdef Spots old, new, held
    cdef uint8_t* memory
    cdef size_t used, room
    cdef Buffer keyed, filled, spare
    cdef Row* rows
    cdef Py_ssize_t made, rows_room, live
    cdef int32_t* slots
    cdef size_t slots_size, slots_used

    def __cinit__(self, table, int width, tuple key, bint full, bint binary=False):
        self.table, self.width, self.key, self.full, self.binary = table, width, key, full, binary
        self.form = c"b" if binary else c"t"
        self.keys = len(key)
        self.weight = sizeof(Row) + 2 * sizeof(int32_t)
        self.places = <int*>malloc((self.keys + 1) * sizeof(int))
        self.old.at = <size_t*>malloc((width + 1) * sizeof(size_t))
        self.new.at = <size_t*>malloc((width + 1) * sizeof(size_t))
        self.held.at = <size_t*>malloc((width + 1) * sizeof(size_t))
        self.slots_size = 64
        self.slots = <int32_t*>calloc(self.slots_size, sizeof(int32_t))
        if not (self.places and self.old.at and self.new.at and self.held.at and self.slots):
            raise MemoryError
        for number, place in enumerate(key):
            self.places[number] = place

    def __dealloc__(self):
        free(self.places)
        free(self.old.at)
        free(self.new.at)
        free(self.held.at)
        free(self.memory)
        free(self.keyed.data)
        free(self.filled.data)
        free(self.spare.data)
        free(self.rows)
        free(self.slots)

    def __len__(self):
        return self.live

    def fold(self, data, Py_ssize_t at=0):
        """Take an Insert, an Update or a Delete in, which starts at an offset."""
        cdef Py_buffer view
        PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
        try:
            self.take(<Bytes>view.buf + at, view.len - at)
        finally:
            PyBuffer_Release(&view)

    cdef int take(self, Bytes p, Py_ssize_t size) except -1:
        cdef Py_ssize_t at = 6
        cdef bint has_old = False
        if size < 8:
            self.malformed(p, size, "it is too short")
        if p[5] == c"K" or p[5] == c"O":
            if p[0] == c"I":
                self.malformed(p, size, f"expected 'N', found {p[5:6]!r}")
            has_old = True
            at = self.walk(&self.old, p, size, at)
            if p[0] == c"D":
                return self.delete()
            if at >= size:
                self.malformed(p, size, "it is too short")
            at += 1
        elif p[0] == c"D":
            self.malformed(p, size, "a delete without the old tuple")
        if p[at - 1] != c"N":
            self.malformed(p, size, f"expected 'N', found {p[at - 1:at]!r}")
        self.walk(&self.new, p, size, at)
        return self.insert() if p[0] == c"I" else self.update(has_old)

    cdef int malformed(self, Bytes p, Py_ssize_t size, how) except -1:
        raise ProtocolViolation(f"The source sent a malformed message of kind {p[:min(size, 1)]!r}: {how}.")

    cdef Py_ssize_t walk(self, Spots* spots, Bytes p, Py_ssize_t size, Py_ssize_t at) except -1:
        """Find a tuple's values; return where it ends."""
        cdef int number, count
        cdef uint8_t kind
        if at + 2 > size:
            self.malformed(p, size, "it is too short")
        count = (p[at] << 8) | p[at + 1]
        if count != self.width:
            raise ProtocolViolation(
                f"The source sent {count} values for the {self.width} columns of table {self.table}."
            )
        at += 2
        spots.data = p
        spots.masked = False
        for number in range(count):
            if at >= size:
                self.malformed(p, size, "it is too short")
            spots.at[number] = at
            kind = p[at]
            at += 1
            if kind == self.form:
                if at + 4 > size or at + 4 + <Py_ssize_t>be32(p + at) > size:
                    self.malformed(p, size, "a value runs past the end")
                at += 4 + <Py_ssize_t>be32(p + at)
            elif kind == c"u":
                spots.masked = True
            elif kind == c"t":
                raise text_needed(f"Table {self.table}")
            elif kind != c"n":
                self.malformed(p, size, f"a value of the unknown kind {p[at - 1:at]!r}")
        spots.at[count] = at
        return at

    cdef int look(self, Spots* spots, Bytes p) except -1:
        """Find the values of a row that lies in memory."""
        cdef int number
        cdef size_t at = 0
        spots.data = p
        spots.masked = False
        for number in range(self.width):
            spots.at[number] = at
            spots.masked |= p[at] == c"u"
            at += 5 + be32(p + at + 1) if p[at] == self.form else 1
        spots.at[self.width] = at
        return 0

    # Folding, as `net_change` describes it.

    cdef int insert(self) except -1:
        cdef Py_ssize_t row
        cdef size_t size
        if not self.keys:
            return self.add_copies(&self.new, 1)
        size = self.key_of(&self.new, 0)
        row = self.find(self.keyed.data, size)
        if row < 0:
            row = self.make(self.keyed.data, size)
        elif self.rows[row].flags & IMAGE:
            raise ProtocolViolation(f"The source inserted the row {self.show(0, size)} twice.")
        return self.put(row)

    cdef int update(self, bint has_old) except -1:
        cdef Py_ssize_t row
        cdef size_t size, old, old_size
        if has_old and self.new.masked:
            # Under a key identity the rest of the old tuple is NULL, and says nothing.
            self.fill(&self.old, self.keys > 0 and not self.full)
        if not self.keys:
            if not has_old:
                raise ProtocolViolation(
                    "The source sent an update of a keyless table without the old row."
                )
            self.add_copies(&self.old, -1)
            return self.add_copies(&self.new, 1)
        old, old_size = 0, self.key_of(&self.new, 0)
        size = old_size
        if has_old:
            old, old_size = size, self.key_of(&self.old, size)
        row = self.find(self.keyed.data + old, old_size)
        if row < 0:
            row = self.make(self.keyed.data + old, old_size)
            self.rows[row].origin = self.rows[row].key
            self.rows[row].flags |= ORIGIN
        elif not self.rows[row].flags & IMAGE:
            raise ProtocolViolation(
                f"The source updated the row {self.show(old, old_size)} after its deletion."
            )
        elif self.new.masked:
            self.look(&self.held, self.memory + self.rows[row].image.at)
            self.fill(&self.held, False)
        if size != old_size or memcmp(self.keyed.data, self.keyed.data + old, size):
            self.move(row, size)
        return self.put(row)

    cdef int move(self, Py_ssize_t row, size_t size) except -1:
        """Give the row the key that begins the buffer of keys."""
        cdef Py_ssize_t displaced
        self.forget(row)
        displaced = self.find(self.keyed.data, size)
        if displaced >= 0:
            if self.rows[displaced].flags & IMAGE:
                raise ProtocolViolation(
                    f"The source moved a row onto the key {self.show(0, size)}, which another row holds."
                )
            self.forget(displaced)
        self.rows[row].key = self.keep(self.keyed.data, size)
        self.rows[row].hash = hash_of(self.keyed.data, size)
        self.enter(row)
        return 0

    cdef int delete(self) except -1:
        cdef Py_ssize_t row
        cdef size_t size
        cdef Row* found
        if not self.keys:
            return self.add_copies(&self.old, -1)
        size = self.key_of(&self.old, 0)
        row = self.find(self.keyed.data, size)
        if row < 0:
            row = self.make(self.keyed.data, size)
            self.rows[row].origin = self.rows[row].key
            self.rows[row].flags |= ORIGIN
            return 0
        found = &self.rows[row]
        found.flags &= ~(IMAGE | MASKED)
        if not found.flags & ORIGIN:
            self.forget(row)
            self.drop(row)
        elif found.origin.size != size or memcmp(self.memory + found.origin.at, self.keyed.data, size):
            # The place is free for another row of this key; the row that came here is gone.
            self.forget(row)
        return 0

    cdef int add_copies(self, Spots* spots, int step) except -1:
        cdef Bytes p = spots.data + spots.at[0]
        cdef size_t size = spots.at[self.width] - spots.at[0]
        cdef Py_ssize_t row = self.find(p, size)
        if row < 0:
            row = self.make(p, size)
            self.rows[row].image = self.rows[row].key
            self.rows[row].flags |= IMAGE
        self.rows[row].count += step
        if self.rows[row].count == 0:
            self.forget(row)
            self.drop(row)
        return 0

    cdef int put(self, Py_ssize_t row) except -1:
        """Make the new tuple the row's image."""
        cdef Row* found = &self.rows[row]
        cdef size_t first = self.new.at[0]
        cdef size_t size = self.new.at[self.width] - first
        found.flags |= IMAGE
        found.flags = found.flags | MASKED if self.new.masked else found.flags & ~MASKED
        if size <= found.image.room:
            found.image.size = size
            memcpy(self.memory + found.image.at, self.new.data + first, size)
        else:
            found.image = self.keep(self.new.data + first, size)
        return 0

    cdef int fill(self, Spots* source, bint only_key) except -1:
        """Put the source's values where the new tuple's were not sent."""
        cdef size_t size = 0, part
        cdef int number
        cdef Spots* taken
        reserve(&self.spare, self.new.at[self.width] + source.at[self.width])
        for number in range(self.width):
            taken = &self.new
            if self.new.data[self.new.at[number]] == c"u" and (not only_key or self.in_key(number)):
                taken = source
            part = taken.at[number + 1] - taken.at[number]
            memcpy(self.spare.data + size, taken.data + taken.at[number], part)
            size += part
        self.filled, self.spare = self.spare, self.filled
        return self.look(&self.new, self.filled.data)

    cdef bint in_key(self, int place) noexcept:
        cdef int number
        for number in range(self.keys):
            if self.places[number] == place:
                return True
        return False

    cdef size_t key_of(self, Spots* spots, size_t start) except? 0:
        """Write a tuple's key into the buffer of keys from ``start`` on; return its size."""
        cdef size_t size = 0, part
        cdef int number, place
        for number in range(self.keys):
            place = self.places[number]
            size += spots.at[place + 1] - spots.at[place]
        reserve(&self.keyed, start + size)
        size = 0
        for number in range(self.keys):
            place = self.places[number]
            part = spots.at[place + 1] - spots.at[place]
            memcpy(self.keyed.data + start + size, spots.data + spots.at[place], part)
            size += part
        return size

    cdef object show(self, size_t start, size_t size):
        """A key as the pure form shows it."""
        values = []
        cdef size_t at = start
        while at < start + size:
            if self.keyed.data[at] == self.form:
                part = be32(self.keyed.data + at + 1)
                values.append(self.keyed.data[at + 5:at + 5 + part])
                at += 5 + part
            else:
                values.append(UNCHANGED if self.keyed.data[at] == c"u" else None)
                at += 1
        return repr(tuple(values))

    # Memory, rows, and the table of keys.

    cdef Piece keep(self, Bytes p, size_t size) except *:
        cdef Piece piece
        cdef uint8_t* grown
        cdef size_t room = self.room
        if self.used + size > room:
            room = max(room + room // 2, self.used + size + 1024)
            grown = <uint8_t*>realloc(self.memory, room)
            if grown == NULL:
                raise MemoryError
            self.memory, self.room = grown, room
        memcpy(self.memory + self.used, p, size)
        piece.at, piece.size, piece.room = self.used, size, size
        self.used += size
        return piece

    cdef Py_ssize_t make(self, Bytes key, size_t size) except -1:
        """A new row with this key and nothing else."""
        cdef Py_ssize_t row = self.made, room
        cdef Row* grown
        if row == self.rows_room:
            room = max(16, row + row // 2)
            grown = <Row*>realloc(self.rows, room * sizeof(Row))
            if grown == NULL:
                raise MemoryError
            self.rows, self.rows_room = grown, room
        cdef Row* made = &self.rows[row]
        made.key = self.keep(key, size)
        made.hash = hash_of(key, size)
        made.image.room = made.image.size = made.origin.size = 0
        made.count = made.mask = 0
        made.flags = LIVE
        self.made += 1
        self.live += 1
        self.enter(row)
        return row

    cdef int drop(self, Py_ssize_t row) except -1:
        self.rows[row].flags = 0
        self.live -= 1
        return 0

    cdef Py_ssize_t find(self, Bytes key, size_t size) noexcept:
        cdef uint64_t hash = hash_of(key, size)
        cdef size_t slot = hash & (self.slots_size - 1)
        cdef Row* row
        while self.slots[slot] != 0:
            if self.slots[slot] > 0:
                row = &self.rows[self.slots[slot] - 1]
                if row.hash == hash and row.key.size == size:
                    if memcmp(self.memory + row.key.at, key, size) == 0:
                        return self.slots[slot] - 1
            slot = (slot + 1) & (self.slots_size - 1)
        return -1

    cdef int enter(self, Py_ssize_t row) except -1:
        cdef size_t slot, size
        cdef int32_t* before
        if (self.slots_used + 1) * 2 > self.slots_size:
            before, size = self.slots, self.slots_size
            # Slots of rows that were forgotten go with the old table.
            self.slots = <int32_t*>calloc(size * 2, sizeof(int32_t))
            if self.slots == NULL:
                self.slots = before
                raise MemoryError
            self.slots_size, self.slots_used = size * 2, 0
            for slot in range(size):
                if before[slot] > 0:
                    self.place(before[slot])
            free(before)
        self.place(<int32_t>row + 1)
        return 0

    cdef void place(self, int32_t entry) noexcept:
        cdef size_t slot = self.rows[entry - 1].hash & (self.slots_size - 1)
        while self.slots[slot] != 0:
            slot = (slot + 1) & (self.slots_size - 1)
        self.slots[slot] = entry
        self.slots_used += 1

    cdef void forget(self, Py_ssize_t row) noexcept:
        """Free the row's key for another; the row itself stays."""
        cdef size_t slot = self.rows[row].hash & (self.slots_size - 1)
        while self.slots[slot] != 0:
            if self.slots[slot] == row + 1:
                self.slots[slot] = -1
                return
            slot = (slot + 1) & (self.slots_size - 1)

    # What becomes of it.

    def census(self):
        """Count the rows of each operation, and number the masks."""
        cdef Py_ssize_t number
        cdef Row* row
        cdef int place
        cdef Py_ssize_t inserts = 0, deletes = 0, plain = 0
        masks = {}
        counts = []
        for number in range(self.made):
            row = &self.rows[number]
            if not row.flags & LIVE:
                continue
            if not row.flags & IMAGE:
                deletes += 1
            elif not row.flags & ORIGIN:
                inserts += 1
            elif not row.flags & MASKED:
                row.mask = 0
                plain += 1
            else:
                self.look(&self.held, self.memory + row.image.at)
                mask = tuple([
                    place for place in range(self.width) if self.held.data[self.held.at[place]] == c"u"
                ])
                if mask not in masks:
                    masks[mask] = len(masks) + 1
                    counts.append(0)
                row.mask = masks[mask]
                counts[row.mask - 1] += 1
        updates = {(): plain}
        updates.update(zip(masks, counts))
        return Census(inserts, deletes, updates)

    def copies(self):
        """How many copies of rows of a keyless table were added, and how many removed."""
        cdef Py_ssize_t number
        cdef int64_t added = 0, removed = 0
        for number in range(self.made):
            if self.rows[number].count > 0:
                added += self.rows[number].count
            else:
                removed -= self.rows[number].count
        return added, removed

    def staged(self, spread):
        """Blocks of what COPY reads into a staging table; of a keyed one after its `census`."""
        return self.blocks(True, spread)

    def plain(self):
        """Blocks of what COPY reads into the table itself, where all rows are new."""
        return self.blocks(False, False)

    def arrays(self, op, elements):
        """A keyed table's rows of one operation as arrays, one a column, of elements of these types."""
        cdef int wanted = {"I": IMAGE, "D": ORIGIN, "U": IMAGE | ORIGIN}[op]
        cdef int most = self.keys + self.width
        cdef Py_ssize_t number
        cdef int column, end
        cdef Row* row
        cdef list writers = [Writer() for column in range(most)]
        for number in range(self.made):
            row = &self.rows[number]
            if not row.flags & LIVE or row.flags & (IMAGE | ORIGIN) != wanted:
                continue
            end = 0
            if wanted & ORIGIN:
                end = self.elements(writers, 0, row.origin)
            if wanted & IMAGE:
                end = self.elements(writers, end, row.image)
        return [
            (<Writer>writer).closed(self.binary, element)
            for writer, element in zip(writers, elements) if (<Writer>writer).used
        ]

    cdef int elements(self, list writers, int column, Piece piece) except -1:
        """Write values into the arrays of this column and the next ones; return the one after them."""
        cdef Bytes p = self.memory + piece.at
        cdef Bytes end = p + piece.size
        cdef uint32_t size
        cdef Writer writer
        while p < end:
            writer = <Writer>writers[column]
            column += 1
            writer.rows += 1
            size = be32(p + 1) if p[0] == self.form else 0
            if self.binary:
                if not writer.used and writer.need(ARRAY_HEAD):
                    writer.used = ARRAY_HEAD
                if p[0] == self.form:
                    writer.put(<char*>p + 1, 4 + size)
                    p += 5 + size
                else:
                    writer.nulls = True
                    writer.put(NONE, 4)
                    p += 1
                continue
            writer.put(b"," if writer.used else b"{", 1)
            if p[0] == self.form:
                writer.quoted(p + 5, size)
                p += 5 + size
            else:
                writer.put(b"NULL", 4)
                p += 1
        return column

    def blocks(self, bint staged, bint spread):
        cdef Writer writer
        cdef Py_ssize_t number = 0
        while number < self.made and self.live:
            writer = Writer()
            with nogil:
                if self.binary and not number:
                    writer.put(BEGIN, BEGIN_SIZE)
                number = self.write(writer, number, staged, spread)
                if self.binary and number == self.made:
                    writer.put(END, 2)
            if writer.failed:
                raise MemoryError
            if writer.used:
                yield PyBytes_FromStringAndSize(<char*>writer.data, writer.used)

    cdef Py_ssize_t write(self, Writer writer, Py_ssize_t number, bint staged, bint spread) noexcept nogil:
        """Write rows from this one on; return the next one."""
        cdef Row* row
        cdef int64_t copy
        while number < self.made and writer.used < BLOCK and not writer.failed:
            row = &self.rows[number]
            number += 1
            if not row.flags & LIVE:
                continue
            if self.binary:
                for copy in range(1 if staged or self.keys else row.count):
                    self.binary_row(writer, row, staged, spread)
            elif not self.keys:
                for copy in range(1 if staged else row.count):
                    if staged:
                        writer.number(row.count)
                    self.fields(writer, row.image, staged)
            elif staged:
                self.staged_row(writer, row, spread)
            else:
                self.fields(writer, row.image, False)
        return number

    cdef void binary_row(self, Writer writer, Row* row, bint staged, bint spread) noexcept nogil:
        cdef bint has_image = not self.keys or row.flags & IMAGE
        if not staged:
            writer.int16(self.width)
        elif not self.keys:
            writer.int16(1 + self.width)
            writer.value32(row.count)
        else:
            writer.int16(2 + self.keys + self.width)
            writer.put(b"\0\0\0\1", 4)
            if not has_image:
                writer.put(b"D", 1)
            else:
                writer.put(b"U" if row.flags & ORIGIN else b"I", 1)
            writer.value32(row.mask if has_image and row.flags & ORIGIN else 0)
            if row.flags & ORIGIN:
                self.values(writer, row.origin)
            elif spread:
                self.values(writer, row.key)
            else:
                writer.nones(self.keys)
        if has_image:
            self.values(writer, row.image)
        else:
            writer.nones(self.width)

    cdef void values(self, Writer writer, Piece piece) noexcept nogil:
        """Write values, each with its length."""
        cdef Bytes p = self.memory + piece.at
        cdef Bytes end = p + piece.size
        cdef uint8_t* to
        cdef size_t size
        # A NULL is one byte here, and four there.
        if not writer.need(piece.size + 4 * (self.width + self.keys)):
            return
        to = writer.data + writer.used
        while p < end:
            if p[0] == self.form:
                size = 4 + be32(p + 1)
                memcpy(to, p + 1, size)
                p += 1 + size
                to += size
            else:
                memcpy(to, NONE, 4)
                p += 1
                to += 4
        writer.used = to - writer.data

    cdef void staged_row(self, Writer writer, Row* row, bint spread) noexcept nogil:
        cdef int number
        if not row.flags & IMAGE:
            writer.put(b"D\t0", 3)
            self.fields(writer, row.origin, True, False)
            for number in range(self.width):
                writer.put(b"\t\\N", 3)
            writer.put(b"\n", 1)
            return
        if not row.flags & ORIGIN:
            writer.put(b"I\t0", 3)
            if spread:
                self.fields(writer, row.key, True, False)
            else:
                for number in range(self.keys):
                    writer.put(b"\t\\N", 3)
        else:
            writer.put(b"U\t", 2)
            writer.number(row.mask)
            self.fields(writer, row.origin, True, False)
        self.fields(writer, row.image, True)

    cdef void fields(self, Writer writer, Piece piece, bint behind, bint last=True) noexcept nogil:
        """Write values; ``behind`` others, and as the ``last`` of a line."""
        cdef Bytes p = self.memory + piece.at
        cdef Bytes end = p + piece.size
        cdef uint32_t size
        while p < end:
            if behind:
                writer.put(b"\t", 1)
            behind = True
            if p[0] == self.form:
                size = be32(p + 1)
                writer.escaped(p + 5, size)
                p += 5 + size
            else:
                writer.put(b"\\N", 2)
                p += 1
        if last:
            writer.put(b"\n", 1)


@cython.final
cdef class Writer:
    """A block of what COPY reads, or an array, that grows."""

    cdef uint8_t* data
    cdef size_t used, room
    cdef uint32_t rows
    cdef bint failed, nulls

    def __dealloc__(self):
        free(self.data)

    cdef bint need(self, size_t size) noexcept nogil:
        cdef uint8_t* grown
        cdef size_t room
        if self.used + size > self.room:
            room = max(self.room * 2, self.used + size + BLOCK + 4096)
            grown = <uint8_t*>realloc(self.data, room)
            if grown == NULL:
                self.failed = True
                return False
            self.data, self.room = grown, room
        return True

    cdef void put(self, const char* p, size_t size) noexcept nogil:
        if self.need(size):
            memcpy(self.data + self.used, p, size)
            self.used += size

    cdef void number(self, int64_t number) noexcept nogil:
        if self.need(24):
            self.used += snprintf(<char*>self.data + self.used, 24, b"%lld", <long long>number)

    cdef void int16(self, uint32_t number) noexcept nogil:
        cdef uint8_t[2] wire
        wire[0], wire[1] = number >> 8 & 255, number & 255
        self.put(<char*>wire, 2)

    cdef void value32(self, int64_t number) noexcept nogil:
        """An integer with its length."""
        cdef uint8_t[8] wire
        write32(wire, 4)
        write32(wire + 4, <uint32_t>number)
        self.put(<char*>wire, 8)

    cdef void nones(self, int count) noexcept nogil:
        cdef int number
        for number in range(count):
            self.put(NONE, 4)

    cdef bytes closed(self, bint binary, uint32_t element):
        """The whole of an array; a binary one begins with its only dimension."""
        if not binary:
            self.put(b"}", 1)
        if self.failed:
            raise MemoryError
        if binary:
            write32(self.data, 1)
            write32(self.data + 4, self.nulls)
            write32(self.data + 8, element)
            write32(self.data + 12, self.rows)
            write32(self.data + 16, 1)
        return PyBytes_FromStringAndSize(<char*>self.data, self.used)

    cdef void quoted(self, Bytes p, size_t size) noexcept nogil:
        """An array's element."""
        cdef uint8_t* to
        cdef Bytes end = p + size
        if not self.need(size * 2 + 2):
            return
        to = self.data + self.used
        to[0] = c'"'
        to += 1
        while p < end:
            if p[0] == c"\\" or p[0] == c'"':
                to[0] = c"\\"
                to += 1
            to[0] = p[0]
            to += 1
            p += 1
        to[0] = c'"'
        self.used = to + 1 - self.data

    cdef void escaped(self, Bytes p, size_t size) noexcept nogil:
        cdef uint8_t* to
        cdef Bytes end = p + size
        cdef uint8_t byte
        if not self.need(size * 2):
            return
        to = self.data + self.used
        while p < end:
            byte = p[0]
            p += 1
            if byte == c"\\" or byte == c"\t" or byte == c"\n" or byte == c"\r":
                to[0] = c"\\"
                to += 1
                if byte == c"\t":
                    byte = c"t"
                elif byte == c"\n":
                    byte = c"n"
                elif byte == c"\r":
                    byte = c"r"
            to[0] = byte
            to += 1
        self.used = to - self.data


@cython.final
cdef class Reader:
    """PQgetCopyData, of a connection: called by its address where that is given, or else through a function."""

    cdef object pgconn, function
    cdef get_copy_data take
    cdef free_memory release
    cdef void* conn
    cdef char* row
    cdef Py_buffer view
    cdef bint viewed
    cdef Bytes data
    cdef Py_ssize_t size

    def __cinit__(self, pgconn, uintptr_t take, uintptr_t release):
        self.pgconn = pgconn
        self.take = <get_copy_data>take
        self.release = <free_memory>release

    def __dealloc__(self):
        self.let_go()

    def __call__(self, int is_async):
        return self.pgconn.get_copy_data(is_async)

    cdef int start(self) except -1:
        """Look whether the connection is open still."""
        if self.take != NULL:
            self.conn = <void*><uintptr_t>(self.pgconn.pgconn_ptr or 0)
        return 0

    cdef int next(self) except? -3:
        """Let go of what was read last, and read on: its length, or what libpq returns where nothing is there."""
        cdef int length
        self.let_go()
        if self.take != NULL:
            if self.conn == NULL:
                return -2
            length = self.take(self.conn, &self.row, 1)
            self.data, self.size = <Bytes>self.row, length
            return length
        length, data = self.function(1)
        if length > 0:
            PyObject_GetBuffer(data, &self.view, PyBUF_SIMPLE)
            self.viewed = True
            self.data, self.size = <Bytes>self.view.buf, self.view.len
        return length

    cdef void let_go(self):
        if self.row != NULL:
            self.release(self.row)
            self.row = NULL
        if self.viewed:
            PyBuffer_Release(&self.view)
            self.viewed = False


@cython.final
cdef class Course:
    """`Transactions` while messages come; the messages themselves are decoded in the end."""

    cdef object told
    cdef list xids
    cdef bint under_way, begins, has_begun, has_committed
    cdef uint32_t first, xid
    cdef uint64_t start, behind
    cdef double changes, size
    cdef uint8_t[BEGIN_MESSAGE] begin
    cdef uint8_t[COMMIT_MESSAGE] commit

    def __cinit__(self, told):
        self.told, self.xids = told, told.xids
        begin, first = told.begin, told.first
        self.under_way, self.begins = begin is not None, first is not None
        self.xid = begin.xid if self.under_way else 0
        self.first = first & 0xFFFFFFFF if self.begins else 0
        self.start, self.behind = told.start, told.behind
        self.changes, self.size = told.changes, told.size

    cdef bint take(self, Bytes p, Py_ssize_t size, Py_ssize_t changes, Py_ssize_t filled) except -1:
        cdef uint32_t xid
        if p[0] == c"B" and size >= BEGIN_MESSAGE:
            xid = be32(p + 17)
            if self.under_way or not self.begins or <uint32_t>(xid - self.first) >> 31:
                return False
            memcpy(self.begin, p, BEGIN_MESSAGE)
            self.xid, self.under_way, self.has_begun = xid, True, True
            return True
        if p[0] != c"C" or size < COMMIT_MESSAGE or changes >= self.changes or filled >= self.size:
            return False
        if not self.under_way or be64(p + 10) <= self.start or be64(p + 2) <= self.behind:
            return False
        memcpy(self.commit, p, COMMIT_MESSAGE)
        self.under_way, self.has_committed = False, True
        self.xids.append(self.xid)
        return True

    cdef int tell(self) except -1:
        if not self.under_way:
            self.told.begin = None
        elif self.has_begun:
            self.told.begin = decode(PyBytes_FromStringAndSize(<char*>self.begin, BEGIN_MESSAGE))
        if self.has_committed:
            self.told.commit = decode(PyBytes_FromStringAndSize(<char*>self.commit, COMMIT_MESSAGE))
        return 0


def drain(read, more, dict tables, transactions, *, Py_ssize_t most, Py_ssize_t room):
    """Fold what ``read`` returns into the tables; see `folding.pure_drain`."""
    cdef Py_ssize_t count = 0, size = 0, taken = 0
    cdef int length = 1
    cdef Reader reader
    cdef Course course = Course(transactions)
    cdef bytes left = b""
    if type(read) is Reader:
        reader = read
    else:
        reader = Reader(None, 0, 0)
        reader.function = read
    reader.start()
    try:
        while taken < most and size < room:
            length = reader.next()
            if length == 0 and count and course.under_way and more():
                continue
            if length <= 0:
                break
            if not take(reader, tables, course, &count, &size):
                left = PyBytes_FromStringAndSize(<char*>reader.data, reader.size)
                break
            taken += 1
        else:
            length = 1
    finally:
        reader.let_go()
    course.tell()
    return count, size, length, left


cdef bint take(
    Reader reader, dict tables, Course course, Py_ssize_t* count, Py_ssize_t* size
) except -1:
    """Take a message in, if it is a change of one of the tables, or begins or ends a transaction."""
    cdef Bytes p = reader.data
    cdef uint8_t kind
    if reader.size <= HEADER or p[0] != c"w":
        return False
    kind = p[HEADER]
    if kind != c"I" and kind != c"U" and kind != c"D":
        return course.take(p + HEADER, reader.size - HEADER, count[0], size[0])
    if not course.under_way or reader.size < HEADER + 5:
        return False
    changes = tables.get(be32(p + HEADER + 1))
    if type(changes) is not Changes:
        return False
    (<Changes>changes).take(p + HEADER, reader.size - HEADER)
    count[0] += 1
    size[0] += reader.size + (<Changes>changes).weight
    return True
