"""What others call our things: written without capitals and without what stands between words."""

from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    # fields of cards
    "pan": "number card_number cardnumber account_number primary_account_number",
    "pan_grouped": "formatted_number grouped",
    "pan_masked": "masked masked_number masked_pan",
    "last_four": "last4 last_4 ending last_digits",
    "cardholder_name": "name holder card_holder owner_name name_on_card",
    "cvv": "cvc cvc2 cvv2 cid csc security_code verification_code",
    "expiry": "exp expires expiration expiration_date expiry_date exp_date valid_thru valid_until",
    "expiry_month": "exp_month month expiration_month",
    "expiry_year": "exp_year year expiration_year",
    "postcode": "zip zip_code postal_code",
    "iin": "bin prefix",
    # fields of requests
    "scheme": "brand network vendor card_type card_scheme type issuer",
    "range": "issuer_range iin bin",
    "count": "amount quantity number n size num total cards",
    "numbers": "number pans pan cards",
    "format": "form type file_type output",
    "limit": "page_size per_page size count",
    "after": "cursor page offset",
    "fields": "columns field",
    "label": "name title",
    "items": "lines orders",
    "ordering": "order sort",
    "defect": "error invalid negative",
    "delimiter": "separator",
    "out": "output file",
    # forms of files
    "xlsx": "excel xls spreadsheet",
    "ndjson": "jsonl jsonlines json_lines",
    "csv": "tsv text txt comma",
    "parquet": "pq arrow",
    "sql": "postgres postgresql",
    "mysql": "mariadb",
    # schemes, as any of their texts is written
    "mastercard": "mc eurocard",
    "amex": "ax americanexpress",
    "unionpay": "cup",
    "cartes_bancaires": "cb cartebancaire",
    "diners": "dinersclub",
    # states of a job
    "queued": "pending waiting",
    "running": "active in_progress working",
    "succeeded": "done finished success complete completed ok",
    "failed": "error",
    "cancelled": "canceled aborted",
    # rights of a key
    "cards:mint": "mint issue generate",
    "cards:read": "read",
    # commands
    "generate_cards": "generate cards issue mint order create_cards",
    "create_api_key": "key api_key make_key new_key",  # pragma: allowlist secret
    "run": "start serve up runserver",
    "doctor": "status health",
    "job": "jobs",
}


def plain(text: str) -> str:
    """Take out capitals, and what stands between words."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _meant() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, others in _WORDS.items():
        for word in others.split():
            found.setdefault(plain(word), []).append(plain(name))
    return found


MEANT: Mapping[str, list[str]] = _meant()
"""Names by another word for them, the likeliest first: which is meant, those there are tell."""
