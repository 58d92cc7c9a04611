"""Use cases of organisations. Accepting an invitation is `identity.service.accept_invitation`: it may make a user."""

from frontdesk.domain.organizations.service.invitations import (
    invite,
    join,
    list_invitations,
    open_invitation,
    resend_invitation,
    revoke_invitation,
)
from frontdesk.domain.organizations.service.keys import (
    authenticate_api_key,
    create_api_key,
    list_api_keys,
    revoke_api_key,
)
from frontdesk.domain.organizations.service.members import (
    change_member,
    get_member,
    list_members,
    reactivate_member,
    remove_member,
    suspend_member,
)
from frontdesk.domain.organizations.service.organizations import create, found, get, list_own, update

__all__ = [
    "authenticate_api_key",
    "change_member",
    "create",
    "create_api_key",
    "found",
    "get",
    "get_member",
    "invite",
    "join",
    "list_api_keys",
    "list_invitations",
    "list_members",
    "list_own",
    "open_invitation",
    "reactivate_member",
    "remove_member",
    "resend_invitation",
    "revoke_api_key",
    "revoke_invitation",
    "suspend_member",
    "update",
]
