"""What a server can do, by name; code asks for a capability and never for a version."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from airflow_adbsync.engine.dialect import analyticdb, greenplum, postgresql
from airflow_adbsync.engine.errors import CapabilityMissing
from airflow_adbsync.engine.model import Family, Server

_SINCE = {
    Family.POSTGRESQL: postgresql.SINCE,
    Family.GREENPLUM: greenplum.SINCE,
    Family.ANALYTICDB: analyticdb.SINCE,
}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Named abilities of one server, decided by its family and its kernel's version.

    What only a running server can tell (a setting, a right) is not here: it is probed where it is needed.
    """

    server: Server = field(compare=False)

    # replication
    logical_decoding: bool  # a logical slot delivers every change of every table
    publish_via_root: bool  # changes of partitions arrive under the root's name
    logical_messages: bool  # pgoutput passes pg_logical_emit_message on
    binary_tuples: bool  # pgoutput can send values in binary
    streaming: bool  # pgoutput can send a transaction before its commit
    row_filters: bool  # publications carry WHERE and column lists
    origin_filter: bool
    failover_slots: bool
    published_generated_columns: bool
    slot_wal_status: bool  # pg_replication_slots.wal_status, safe_wal_size
    slot_invalidation_reason: bool

    # snapshots
    current_snapshot_function: bool  # pg_current_snapshot() rather than txid_current_snapshot()
    shared_snapshots: bool  # an exported snapshot isolates whoever adopts it
    ctid_ranges: bool  # a range of pages is read without reading the rest of the table

    # statements
    on_conflict: bool
    merge: bool
    copy_freeze: bool
    copy_counts_rows: bool  # COPY says how many rows the table took, also where a trigger drops some
    cheap_parameters: bool  # a SELECT with parameters costs no more than one without

    # schema
    distributed: bool  # rows live on segments by a distribution key
    foreign_keys_enforced: bool
    exclusion_constraints: bool
    partitioned_tables: bool  # with keys, and parts that are attached
    generated_columns: bool
    virtual_generated_columns: bool
    multiranges: bool
    nulls_not_distinct: bool
    sql_function_bodies: bool  # BEGIN ATOMIC ... END
    column_compression: bool
    not_null_constraints: bool  # NOT NULL is a constraint with a name
    unenforced_constraints: bool  # NOT ENFORCED
    temporal_keys: bool  # WITHOUT OVERLAPS, PERIOD

    def need(self, name: str) -> None:
        """Return if the server has the capability.

        Raises:
            CapabilityMissing: it has not; the message says what the server is and what it would have to be.
        """
        if getattr(self, name):
            return
        raise CapabilityMissing(
            f"{describe(self.server)} can't do what is needed here: {name.replace('_', ' ')}.",
            remedy=_remedy(name),
        )


def capabilities(server: Server) -> Capabilities:
    """Decide what the server can do."""
    since = _SINCE[server.family]
    return Capabilities(server, **{name: since[name] <= server.version_num for name in names()})


def names() -> tuple[str, ...]:
    """Every capability's name."""
    return tuple(item.name for item in fields(Capabilities) if item.name != "server")


def describe(server: Server) -> str:
    """Name the server as its users do."""
    words = {
        Family.POSTGRESQL: "PostgreSQL",
        Family.GREENPLUM: "Greenplum on kernel",
        Family.ANALYTICDB: "AnalyticDB for PostgreSQL on kernel",
    }
    release = server.major if server.major >= 10 else f"9.{server.version_num // 100 % 100}"
    return f"{words[server.family]} {release} (database {server.database})"


def _remedy(name: str) -> str:
    since = postgresql.SINCE[name]
    if since == postgresql.NEVER:
        return "Use a server of the Greenplum family for it."
    return f"It takes PostgreSQL {max(since // 10_000, 9)} or newer."
