#!/bin/bash
# Let the version before, or another one, do the work again. The database stays as it is.
#
#   sudo -u cardgen deploy/rollback.sh [/opt/cardgen/releases/1]
set -euo pipefail
# shellcheck source=deploy/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

one_at_a_time
load_settings
old=$(running)
new=$(readlink -e "${1:-$root/previous}") || true
[ -x "$new/.venv/bin/python" ] || give_up "there is no version to go back to: name its folder"
[ "$new" != "$old" ] || give_up "$new serves already"
trap '' HUP INT TERM # half of one version and half of the other is worse than to wait
serve "$new" || give_up "$new DOES NOT WORK. Look at: journalctl --unit 'cardgen-*'"
[ -z "$old" ] || point previous "$old"
say "$new serves"
