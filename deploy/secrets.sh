#!/bin/sh
# Make every secret of compose.yaml once, in deploy/secrets (mode 0700), and keep those that are there.
#
#   deploy/secrets.sh            # then keep deploy/secrets/master_key where your backups are
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets

random() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

url_letters() {
    base64 | tr '+/' '-_' | tr -d '=\n'
}

# An API key: 43 random characters, and their CRC-32, which gzip ends with, the last byte first.
api_key() {
    text=$(head -c 32 /dev/urandom | url_letters)
    check=$(printf '%s' "$text" | gzip | tail -c 8 | head -c 4 | od -An -v -t o1 |
        awk '{ print "\\0" $4 "\\0" $3 "\\0" $2 "\\0" $1 }')
    printf 'cg_%s%s' "$text" "$(printf '%b' "$check" | url_letters)"
}

# keep NAME VALUE: write a secret unless it is there
keep() {
    [ -s "secrets/$1" ] && return
    printf '%s' "$2" >"secrets/$1"
    echo "made deploy/secrets/$1"
}

for name in master_key secret_key owner_password application_password broker_password cache_password channel_password grafana_password; do
    keep "$name" "$(random)"
done
keep bootstrap_key "$(api_key)"
of() { cat "secrets/$1"; }
keep database_url "postgres://cardgen_app:$(of application_password)@database:5432/cardgen"
keep owner_database_url "postgres://cardgen_owner:$(of owner_password)@database:5432/cardgen"
keep broker_url "redis://broker:$(of broker_password)@broker:6379/0"
keep cache_url "redis://cache:$(of cache_password)@cache:6379/0"
keep channel_url "redis://channels:$(of channel_password)@channels:6379/0"
# Each server knows all three users; a user reaches only its own keys, and no command for operators.
keep valkey_acl "user default off
user broker on >$(of broker_password) ~celery* ~unacked* ~_kombu* &* +@all -@dangerous -@admin
user cache on >$(of cache_password) ~* &* +@all -@dangerous -@admin +info
user channels on >$(of channel_password) &* resetkeys +@pubsub +@connection
"
echo "The secrets are in deploy/secrets. Keep master_key beside your backups: no card can be minted without it."
