"""The client's settings."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from frontdesk.domain.organizations.model import Organization, OrganizationChange


class ClientSettings(Struct):
    """All of them."""

    company_name: str
    company_email: str | None
    company_phone: str | None
    logo_url: str | None
    primary_color: str | None
    timezone: str
    twilio_phone_number: str | None
    n8n_workflow_id: str | None
    settings: dict[str, Any]


class OneSettings(Struct):
    """The answer with the settings."""

    settings: ClientSettings

    @classmethod
    def of(cls, organization: Organization) -> "OneSettings":
        return cls(
            ClientSettings(
                company_name=organization.name,
                company_email=organization.email,
                company_phone=organization.phone,
                logo_url=organization.logo_url,
                primary_color=organization.primary_color,
                timezone=organization.time_zone,
                twilio_phone_number=organization.number,
                n8n_workflow_id=organization.n8n_workflow_id,
                settings=organization.free_settings,
            )
        )


class ClientSettingsUpdate(Struct):
    """The body that changes some. Null empties what can be empty."""

    company_name: str | UnsetType = UNSET
    company_email: str | UnsetType | None = UNSET
    company_phone: str | UnsetType | None = UNSET
    logo_url: str | UnsetType | None = UNSET
    primary_color: str | UnsetType | None = UNSET
    timezone: str | UnsetType = UNSET
    twilio_phone_number: str | UnsetType | None = UNSET
    n8n_workflow_id: str | UnsetType | None = UNSET
    settings: dict[str, Any] | UnsetType = UNSET

    def change(self) -> OrganizationChange:
        """The same in the product's words, but for the number to send from."""
        return OrganizationChange(
            name=self.company_name,
            email=self.company_email,
            phone=self.company_phone,
            logo_url=self.logo_url,
            primary_color=self.primary_color,
            time_zone=self.timezone,
            n8n_workflow_id=self.n8n_workflow_id,
            free_settings=self.settings,
        )


FIELDS = {
    "name": "company_name",
    "email": "company_email",
    "phone": "company_phone",
    "phone_number": "company_phone",
    "time_zone": "timezone",
    "free_settings": "settings",
    "number": "twilio_phone_number",
}
"""The product's names of settings, to the document's."""
