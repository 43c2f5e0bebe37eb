"""What `cardgen --help` lists: our commands by what they are for, without Django's."""

ASKED: tuple[list[str], ...] = ([], ["help"], ["--help"], ["-h"])
"""What is written after the program's name to see the list."""

GROUPS: dict[str, dict[str, str]] = {
    "Start and look": {
        "run": "start everything on this machine; serve until Ctrl-C",
        "doctor": "what is wrong with this installation, and what to do",
        "schemes": "list the schemes, and which can be ordered now",
        "ranges": "list the issuer ranges with the numbers left",
        "tiers": "list the tiers, what each promises, which are on",
    },
    "Cards and jobs": {
        "generate_cards": "issue cards into a file or a pipe",
        "renew_cards": "renew the cards on standard input, as CSV",
        "job": "list jobs; show, cancel, pause, resume or retry one",
        "queue": "show the queue; pause it or let it go on",
        "listen": "print webhooks as they arrive, signatures checked",
        "purge_cards": "delete the cards of old jobs; their numbers stay used",
        "forget_jobs": "delete jobs that have no cards left",
    },
    "Numbers": {
        "explain": "say what is known of numbers",
        "scan": "find card numbers in logs and dumps",
        "hash_numbers": "make keyed hashes of numbers",
        "import_exclusions": "exclude the numbers of a file",
        "remove_exclusion": "let imported numbers be issued again",
        "import_cards": "bring in the cards of another system",
    },
    "Users, keys and ranges": {
        "keys": "list API keys, never the keys themselves",
        "create_api_key": "make an API key and print it",  # pragma: allowlist secret
        "rotate_api_key": "make a key in place of an old one",  # pragma: allowlist secret
        "revoke_api_key": "revoke a key at once",  # pragma: allowlist secret
        "bootstrap": "make the first API key from the settings",
        "rename_team": "give a team another name",
        "set_quota": "set or show the quota of a user or a key",
        "switch": "switch a tier or a range on or off",
        "register_range": "register a range that your organisation owns",
        "load_catalogue": "register the ranges of the catalogue",
    },
    "Proofs": {
        "verify_cards": "make a job's cards again and compare",
        "validate_uniqueness": "prove that no number is there twice",
        "verify_audit": "check that the audit trail is whole",
    },
    "Servers and upkeep": {
        "migrate": "make and change the tables",
        "reconcile": "take back what dead workers held; send webhooks",
        "serve_metrics": "answer Prometheus",
        "preflight": "look at everything before a version takes over",
        "smoke": "order cards and open a live page, as a user does",
        "check_upgrade": "is this installation ready for this version?",
        "distribute_ledger": "part the ledger over several servers (Citus)",
        "locks": "who holds tables that a migration waits for; end one",
        "backup": "make a backup in a folder",
        "restore": "restore a backup into an empty database",
        "advance_cursors": "after a restore: give up numbers that may be used",
        "cleanup_pool": "free numbers that nobody holds any more",
        "sync_bloom": "seal and repair the filters",
        "export_bloom": "write the filters of a range to files",
        "warm_cache": "put the newest cards into the cache",
    },
}
_HEAD = "cardgen: test payment cards that never repeat\n\n  cardgen COMMAND [OPTION …]\n"
_FOOT = "\ncardgen COMMAND --help tells a command's options. All of it: docs/commands.md\n"


def text() -> str:
    """Return the list, a line for each command."""
    width = max(len(name) for group in GROUPS.values() for name in group)
    parts = [_HEAD]
    for title, commands in GROUPS.items():
        lines = (f"  {name:<{width}}  {line}\n" for name, line in commands.items())
        parts.append(f"\n{title}\n{''.join(lines)}")
    return "".join([*parts, _FOOT])
