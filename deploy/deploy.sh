#!/bin/bash
# Let another version do the work, without a dropped request or a lost job; go back if it cannot.
#
#   sudo -u cardgen deploy/deploy.sh /opt/cardgen/releases/2 [--contract]
#
# CARDGEN_BACKUPS is /var/backups/cardgen; empty: no backup is made. deploy/steps.sh has the others;
# docs/deploying.md tells what is done, and when --contract is right.
set -euo pipefail
# shellcheck source=deploy/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
backups=${CARDGEN_BACKUPS-/var/backups/cardgen}

back_up() {
    [ -n "$backups" ] || { say "no backup: CARDGEN_BACKUPS is empty"; return; }
    manage "$old" backup "$backups"
}

# go_back WHY: nobody interrupts it, or there would be half of one version and half of the other
go_back() {
    trap '' HUP INT TERM
    [ -n "$old" ] || give_up "$1, and there is no version before it"
    say "$1: back to $old"
    serve "$old" || give_up "$old DOES NOT WORK EITHER. Look at: journalctl --unit 'cardgen-*'"
    give_up "$old serves again. The database keeps the migrations of $new, which $old can live with"
}

[ $# -ge 1 ] || give_up "usage: deploy/deploy.sh RELEASE [--contract]"
new=$(readlink -f "$1")
shift
[ -x "$new/.venv/bin/python" ] || give_up "$new/.venv/bin/python is not there: run 'make install' in $new"
one_at_a_time
load_settings
old=$(running)
[ "$new" != "$old" ] || give_up "$new serves already"

say "look"
manage "$new" preflight "$@"
manage "$new" check_upgrade
if [ -n "$old" ]; then back_up; fi
say "migrate"
manage "$new" migrate --no-input --verbosity 0
manage "$new" load_catalogue
manage "$new" bootstrap

trap 'go_back "interrupted"' HUP INT TERM
serve "$new" || go_back "$new does not work"
trap - HUP INT TERM
[ -z "$old" ] || point previous "$old"
say "$new serves"
