# shellcheck shell=bash
# The steps that deploy.sh and rollback.sh have in common.
#
#   CARDGEN_ROOT       /opt/cardgen          releases, and `current`, which points at the one that runs
#   CARDGEN_CONFIG     /etc/cardgen          cardgen.env and secrets/
#   CARDGEN_ADDRESS    127.0.0.1:8000        where the web processes are asked
#   CARDGEN_SYSTEMCTL  sudo --non-interactive systemctl; or another program that takes
#                      `restart UNIT`, `try-restart UNIT` and `is-active --quiet UNIT`
root=${CARDGEN_ROOT:-/opt/cardgen}
config=${CARDGEN_CONFIG:-/etc/cardgen}
address=${CARDGEN_ADDRESS:-127.0.0.1:8000}
read -ra systemctl <<<"${CARDGEN_SYSTEMCTL:-sudo --non-interactive systemctl}"
behind=(worker reconciler beat)

say() {
    printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*" >&2 || true # the terminal may have gone
}

give_up() {
    say "$*"
    exit 1
}

one_at_a_time() {
    exec 9>"$root/deploy.lock"
    flock --nonblock 9 || give_up "another deploy is under way"
}

# As the units do: settings from cardgen.env, and each secret that there is as a file.
load_settings() {
    set -a
    # shellcheck source=/dev/null
    [ ! -e "$config/cardgen.env" ] || . "$config/cardgen.env"
    CARDGEN_VAR=${CARDGEN_VAR:-/var/lib/cardgen}
    local path name
    for path in "$config"/secrets/*; do
        name=$(basename "$path")
        case $name in
            master_key | secret_key | bootstrap_key) declare -gx "CARDGEN_${name^^}_FILE=$path" ;;
            owner_database_url) declare -gx "CARDGEN_OWNER_DATABASE_URL_FILE=$path" ;;
            *_url) declare -gx "${name^^}_FILE=$path" ;;
        esac
    done
    set +a
}

running() {
    readlink -e "$root/current" || true
}

# manage RELEASE WORDS: a command of that version
manage() {
    (cd "$1" && .venv/bin/python manage.py "${@:2}")
}

# point NAME RELEASE: in one step, so that it always points at something
point() {
    ln -s -f -n "$2" "$root/$1.new" && mv -T "$root/$1.new" "$root/$1"
}

restart() {
    say "restart $1"
    "${systemctl[@]}" restart "cardgen-$1.service"
}

# Workers first: what they understand, old web processes do not ask for yet. A web process that is
# told to end answers what it has in hand; the others take the rest, or the socket keeps it.
restart_all() {
    local name number
    for name in "${behind[@]}"; do
        restart "$name" || return
    done
    for ((number = 1; number <= ${CARDGEN_WEB_PROCESSES:-2}; number++)); do
        restart "web@$number" || return
    done
    # Not everybody has it run.
    "${systemctl[@]}" try-restart cardgen-metrics.service
}

all_run() {
    local name
    for name in "${behind[@]}"; do
        "${systemctl[@]}" is-active --quiet "cardgen-$name.service" || {
            say "cardgen-$name does not run"
            return 1
        }
    done
}

# serve RELEASE: let it do the work from now on, and see that it does
serve() {
    say "serve $1"
    point current "$1" && restart_all &&
        manage "$1" smoke "$address" && all_run
}
