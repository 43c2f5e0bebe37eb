"""People and teams: made, changed, switched off; each of it stands in the audit trail."""

from cardgen.access.people.refusals import InvalidName, LastAdministrator, OwnAccount
from cardgen.access.people.states import state_of_team, state_of_user
from cardgen.access.people.staying import an_administrator_stays, refuse_own
from cardgen.access.people.teams import (
    add_members,
    make_team,
    remove_member,
    rename_team,
    set_teams,
)
from cardgen.access.people.users import (
    NewUser,
    change_role,
    make_user,
    new_password,
    role_of,
    switch_user,
)

__all__ = [
    "InvalidName",
    "LastAdministrator",
    "NewUser",
    "OwnAccount",
    "add_members",
    "an_administrator_stays",
    "change_role",
    "make_team",
    "make_user",
    "new_password",
    "refuse_own",
    "remove_member",
    "rename_team",
    "role_of",
    "set_teams",
    "state_of_team",
    "state_of_user",
    "switch_user",
]
