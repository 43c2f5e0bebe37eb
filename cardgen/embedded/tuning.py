"""PostgreSQL settings computed from the machine: a fast ledger without giving up durability."""

import shutil
from pathlib import Path

import psutil

MB = 1024 * 1024
GB = 1024 * MB
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (only its size is read) # nosec B108

# A card number in a failed statement must not reach the log: no DETAIL ("Key (pan)=(…)"), no
# CONTEXT ("COPY …, column pan: …"), no statement, no parameters. `create_database` silences the
# role further.
_SILENCE = {
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_line_prefix": "",
    "log_startup_progress_interval": "5s",
    "log_destination": "stderr",
    "logging_collector": "off",
}
# For throw-away test servers alone: what they lose in a power cut nobody misses.
_THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
}


def memory() -> int:
    """Return the bytes of memory we may use: the machine's, or the container's if that is less."""
    return min([psutil.virtual_memory().total, *filter(None, map(_limit, _CGROUP_LIMITS))])


def _limit(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no such cgroup version, or "max"
        return None


def free_disk(folder: Path) -> int:
    """Return the free bytes of the file system that holds `folder`."""
    return shutil.disk_usage(folder).free


def options(*, memory: int, disk: int, throwaway: bool = False) -> dict[str, str]:
    """Return the server options for so many bytes of memory and of free disk."""
    computed = _memory_options(memory) | _log_options(disk) | _fixed_options() | _SILENCE
    return computed | _THROWAWAY if throwaway else computed


def _memory_options(memory: int) -> dict[str, str]:
    return {
        "shared_buffers": _megabytes(min(memory // 4, 4 * GB), least=64),
        "effective_cache_size": _megabytes(memory * 6 // 10, least=128),
        "maintenance_work_mem": _megabytes(min(memory // 16, GB), least=64),
        "work_mem": _megabytes(min(memory // 500, 32 * MB), least=4),
        # 64 MB were 5 % slower in COPY of 5 M rows: the log then waits for the commit.
        "wal_buffers": "16MB",
    }


def _log_options(disk: int) -> dict[str, str]:
    """Let much write-ahead log pass between checkpoints, but never a quarter of the free disk."""
    most = min(disk // 4, 8 * GB)
    return {
        "max_wal_size": _megabytes(most, least=128),
        "min_wal_size": _megabytes(most // 4, least=80),
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        # A new file of the log is not filled with zeros first: its disk takes each byte once.
        # Measured on ext4: a quarter more cards a second, six million cards after a fresh start.
        "wal_init_zero": "off",
    }


def _fixed_options() -> dict[str, str]:
    return {
        "max_connections": "200",
        "jit": "off",  # our statements are short; compiling one costs more than it saves
        "random_page_cost": "1.1",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "autovacuum": "on",
        # The ledger is only inserted into: its vacuums set the visibility map and freeze early. A
        # fixed threshold keeps a fresh table from being vacuumed every minute of its first job.
        "autovacuum_vacuum_insert_threshold": "500000",
        "autovacuum_vacuum_insert_scale_factor": "0.2",
        "autovacuum_vacuum_cost_limit": "2000",
        "dynamic_shared_memory_type": _shared_memory_kind(),
    }


def _shared_memory_kind() -> str:
    """Avoid a small /dev/shm (64 MB in Docker): parallel queries would fail in it."""
    if _SHARED_MEMORY.is_dir() and free_disk(_SHARED_MEMORY) >= 512 * MB:
        return "posix"
    return "mmap"


def _megabytes(size: int, *, least: int) -> str:
    return f"{max(size // MB, least)}MB"
