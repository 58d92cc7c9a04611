"""Use cases of identity. Most take `Works`, because people belong to no organisation and passwords are checked outside
transactions."""

from frontdesk.domain.identity.service.account import (
    change_password,
    get_user,
    pending_email,
    purge_expired,
    request_email_change,
    set_password,
    update_profile,
)
from frontdesk.domain.identity.service.joining import InvitationPreview, accept_invitation, preview_invitation
from frontdesk.domain.identity.service.links import (
    follow_link,
    request_password_reset,
    reset_password,
    send_verification,
    verify_code,
    verify_email,
)
from frontdesk.domain.identity.service.sessions import (
    end_session,
    list_sessions,
    refresh,
    sign_in,
    sign_out,
    switch_organization,
)
from frontdesk.domain.identity.service.sign_up import SignedUp, create_platform_admin, sign_up
from frontdesk.domain.identity.service.tokens import (
    actor_of_session,
    authenticate,
    authenticate_api_key,
    authenticate_bearer,
)

__all__ = [
    "InvitationPreview",
    "SignedUp",
    "accept_invitation",
    "actor_of_session",
    "authenticate",
    "authenticate_api_key",
    "authenticate_bearer",
    "change_password",
    "create_platform_admin",
    "end_session",
    "follow_link",
    "get_user",
    "list_sessions",
    "pending_email",
    "preview_invitation",
    "purge_expired",
    "refresh",
    "request_email_change",
    "request_password_reset",
    "reset_password",
    "send_verification",
    "set_password",
    "sign_in",
    "sign_out",
    "sign_up",
    "switch_organization",
    "update_profile",
    "verify_code",
    "verify_email",
]
